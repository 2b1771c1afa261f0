use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};
use std::sync::LazyLock;

use ::exif::{Exif, In, Reader, Tag, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::canvas::{Canvas, Ink, Picture};
use super::*;

/// Drawn once, because an unoptimised build takes its time.
static PIECES: LazyLock<Vec<Piece>> = LazyLock::new(|| pieces::all().unwrap());

const NOTICES: [&str; 3] = [
    "INVENTED FOR DEMONSTRATION",
    "ВИГАДАНО ДЛЯ ДЕМОНСТРАЦІЇ",
    "ВЫДУМАНО ДЛЯ ДЕМОНСТРАЦИИ",
];

fn bytes(place: &str) -> &'static [u8] {
    &PIECES
        .iter()
        .find(|piece| piece.place == place)
        .unwrap()
        .bytes
}

fn metadata(place: &str) -> Result<Exif, ::exif::Error> {
    Reader::new().read_from_container(&mut Cursor::new(bytes(place)))
}

fn shown(exif: &Exif, tag: Tag) -> String {
    exif.get_field(tag, In::PRIMARY)
        .unwrap()
        .display_value()
        .to_string()
}

/// Seconds by which the camera clock is ahead of the satellites.
fn ahead(exif: &Exif) -> i64 {
    let camera = format!("{}{}", shown(exif, Tag::DateTimeOriginal), offset(exif));
    let satellite = format!(
        "{} {}Z",
        shown(exif, Tag::GPSDateStamp),
        shown(exif, Tag::GPSTimeStamp)
    );
    let second = |text: String| text.parse::<jiff::Timestamp>().unwrap().as_second();
    second(camera) - second(satellite)
}

fn offset(exif: &Exif) -> String {
    shown(exif, Tag::OffsetTimeOriginal)
        .trim_matches('"')
        .to_owned()
}

fn degrees(exif: &Exif, tag: Tag) -> f64 {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY).unwrap().value else {
        panic!("a place is written as fractions")
    };
    parts[0].to_f64() + parts[1].to_f64() / 60.0 + parts[2].to_f64() / 3600.0
}

/// Width and height from the frame header of a baseline JPEG.
fn frame(jpeg: &[u8]) -> (u16, u16) {
    assert!(jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]));
    let mut at = 2;
    while jpeg[at + 1] != 0xc0 {
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    let side = |from: usize| u16::from_be_bytes([jpeg[from], jpeg[from + 1]]);
    (side(at + 7), side(at + 5))
}

fn page() -> String {
    let mut plain = Vec::new();
    let packed = bytes("web/eastbridge.warc.gz");
    flate2::read::MultiGzDecoder::new(packed)
        .read_to_end(&mut plain)
        .unwrap();
    String::from_utf8_lossy(&plain).into_owned()
}

#[test]
fn the_set_is_the_same_in_every_run() {
    let again = pieces::all().unwrap();
    assert_eq!(again.len(), PIECES.len());
    for (one, other) in PIECES.iter().zip(&again) {
        assert_eq!(one.place, other.place);
        assert!(
            one.bytes == other.bytes,
            "{} differs between two runs",
            one.place
        );
    }
}

#[test]
fn what_is_on_disk_is_what_was_made_and_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let material = make(&dir.path().join("new folder")).unwrap();
    let mut total = 0;
    for made in &material.files {
        total += fs::metadata(&made.path).unwrap().len();
        assert!(made.source.ends_with("invented") && !made.what.is_empty());
    }
    assert!(total < 3_000_000, "{total} bytes are too many");
    for (piece, made) in PIECES.iter().zip(&material.files) {
        assert_eq!(made.path, dir.path().join("new folder").join(&piece.place));
        assert!(
            fs::read(&made.path).unwrap() == piece.bytes,
            "{} differs",
            piece.place
        );
    }
    let videos = material.files.len() - PIECES.len();
    assert_eq!(
        videos + material.notes.len(),
        1,
        "a video or a note says what became of it"
    );
}

#[test]
fn an_occupied_folder_is_refused_and_left_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("camera")).unwrap();
    let refusal = make(dir.path()).unwrap_err().to_string();
    assert!(
        refusal.ends_with("is not empty; name a new or empty folder"),
        "{refusal}"
    );
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(dir.path().join("camera")).unwrap().count(), 0);
}

#[test]
fn a_file_that_exists_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    write_new(&path, b"first").unwrap();
    assert!(write_new(&path, b"second").is_err());
    assert_eq!(fs::read(&path).unwrap(), b"first");
}

#[test]
fn every_text_says_in_its_first_line_that_it_is_invented() {
    let mut languages = BTreeSet::new();
    let texts = PIECES.iter().filter(|piece| piece.place.ends_with(".txt"));
    for piece in texts {
        let text = std::str::from_utf8(&piece.bytes).unwrap();
        let first = text.lines().next().unwrap();
        let notice = NOTICES.iter().position(|notice| first.starts_with(notice));
        languages.insert(notice.unwrap_or_else(|| panic!("{} does not say so", piece.place)));
    }
    assert_eq!(
        languages.len(),
        NOTICES.len(),
        "one text at least in each language"
    );
    assert!(page().contains("<body>\n<p class=\"notice\">INVENTED FOR DEMONSTRATION."));
    assert!(page().contains("description: INVENTED FOR DEMONSTRATION."));
    assert!(
        bytes("mail/A question about the bridge.eml").starts_with(b"Comments: INVENTED FOR DEM")
    );
}

#[test]
fn the_camera_data_are_read_back_as_they_were_meant() {
    let street = metadata("camera/DC020001.JPG").unwrap();
    assert_eq!(shown(&street, Tag::Make), "\"Exampla\"");
    assert_eq!(shown(&street, Tag::Model), "\"DemoCam 2\"");
    assert_eq!(shown(&street, Tag::DateTimeOriginal), "2026-03-04 06:52:05");
    assert_eq!(offset(&street), "+04:00");
    assert!((degrees(&street, Tag::GPSLatitude) - 12.3456).abs() < 1e-6);
    assert!((degrees(&street, Tag::GPSLongitude) - 65.4321).abs() < 1e-6);
    for place in [
        "camera/DC020001.JPG",
        "camera/DC020002.JPG",
        "camera/DC020003.JPG",
    ] {
        let exif = metadata(place).unwrap();
        assert!(shown(&exif, Tag::ImageDescription).contains("Invented for demonstration"));
        let size = |tag| exif.get_field(tag, In::PRIMARY).unwrap().value.get_uint(0);
        let said = (size(Tag::PixelXDimension), size(Tag::PixelYDimension));
        assert_eq!(said, (Some(1200), Some(800)));
    }
}

#[test]
fn the_clocks_disagree_in_one_photo_alone() {
    let ahead = |place| ahead(&metadata(place).unwrap());
    assert_eq!(ahead("camera/DC020001.JPG"), 2);
    assert_eq!(ahead("camera/DC020002.JPG"), 3 * 3600 + 2);
    assert_eq!(ahead("camera/DC020003.JPG"), 1);
}

#[test]
fn one_photo_lies_on_its_side_and_one_has_no_camera_data() {
    let turn = |place| {
        let exif = metadata(place).unwrap();
        exif.get_field(Tag::Orientation, In::PRIMARY)
            .unwrap()
            .value
            .get_uint(0)
    };
    assert_eq!(turn("camera/DC020001.JPG"), Some(1));
    assert_eq!(turn("camera/DC020003.JPG"), Some(6));
    let bare = metadata("Фото з Істбриджа/نهر فيلنا.jpg");
    assert!(matches!(bare, Err(::exif::Error::NotFound(_))));
}

#[test]
fn every_photo_has_its_full_size() {
    let photos: Vec<_> = PIECES
        .iter()
        .filter(|piece| piece.place.to_lowercase().ends_with(".jpg"))
        .collect();
    assert_eq!(photos.len(), 5);
    for photo in photos {
        assert_eq!(frame(&photo.bytes), (1200, 800), "{}", photo.place);
    }
}

#[test]
fn one_photo_exists_twice_and_all_others_once() {
    assert_eq!(
        bytes("camera/DC020001.JPG"),
        bytes("Фото з Істбриджа/street (copy).jpg")
    );
    let different: BTreeSet<_> = PIECES.iter().map(|piece| &piece.bytes).collect();
    assert_eq!(different.len(), PIECES.len() - 1);
}

#[test]
fn the_names_hold_what_archives_stumble_over() {
    let names: String = PIECES.iter().map(|piece| piece.place.as_str()).collect();
    for letter in ['І', 'ї', 'ن', ' ', ',', '(', '\u{202E}'] {
        assert!(names.contains(letter), "no name holds {letter:?}");
    }
    assert!(!names.contains(char::is_control), "no name breaks a line");
}

#[test]
fn a_turned_picture_has_its_right_edge_on_top() {
    let pixels = [[1; 3], [2; 3], [3; 3], [4; 3], [5; 3], [6; 3]].concat();
    let turned = Picture {
        width: 3,
        height: 2,
        pixels,
    }
    .turned();
    assert_eq!((turned.width, turned.height), (2, 3));
    assert_eq!(
        turned.pixels,
        [[3; 3], [6; 3], [2; 3], [5; 3], [1; 3], [4; 3]].concat()
    );
}

#[test]
fn shapes_outside_the_canvas_leave_it_alone() {
    let mut canvas = Canvas::new(4, 4);
    let ink = Ink::flat([200; 3]);
    canvas.rect(-90, -90, 50, 50, ink);
    canvas.ellipse(90, 90, 20, 20, ink);
    canvas.shape(&[], ink);
    assert!(canvas.picture(1, 1).pixels.iter().all(|&value| value <= 3));
    canvas.rect(-90, -90, 200, 200, ink);
    assert!(
        canvas
            .picture(1, 1)
            .pixels
            .iter()
            .all(|&value| value >= 197)
    );
}

#[test]
fn every_quotation_stands_word_for_word_in_text_and_page() {
    let text = std::str::from_utf8(bytes("news/Eastbridge, what was said.txt")).unwrap();
    let page = page();
    let mut kinds = Vec::new();
    let quotations: &[Quotation] = &QUOTATIONS;
    for said in quotations {
        assert_eq!(text.matches(said.words).count(), 1, "{}", said.words);
        assert!(page.contains(said.words) && said.lead().contains(said.speaker));
        if let Some((_, original)) = said.original {
            assert!(text.contains(original) && page.contains(original));
        }
        assert!(said.day.parse::<jiff::civil::Date>().is_ok());
        assert!(!said.role.is_empty() && !said.place.is_empty());
        kinds.push(said.kind);
    }
    for kind in [
        Kind::Accusation,
        Kind::Denial,
        Kind::Warning,
        Kind::Order,
        Kind::Promise,
    ] {
        assert!(kinds.contains(&kind), "{kind:?} is missing");
    }
}

#[test]
fn the_mail_is_plain_seven_bit_and_its_picture_comes_out_whole() {
    let mail = std::str::from_utf8(bytes("mail/A question about the bridge.eml")).unwrap();
    assert!(mail.is_ascii() && !mail.replace("\r\n", "").contains(['\r', '\n']));
    assert!(mail.split("\r\n").all(|line| line.len() <= 78));
    let parts: Vec<_> = mail.split("\r\n\r\n").skip(2).collect();
    let decode = |part: &str| {
        let lines: String = part
            .split("\r\n")
            .take_while(|line| !line.starts_with("--"))
            .collect();
        STANDARD.decode(lines).unwrap()
    };
    assert!(
        String::from_utf8(decode(parts[0]))
            .unwrap()
            .starts_with(NOTICES[1])
    );
    assert_eq!(frame(&decode(parts[1])), (266, 400));
}

#[test]
fn encoded_words_come_apart_between_letters_only() {
    let header = mail::encoded_words("Їжак і ґанок, що стоїть над річкою Вельною, довгий рядок");
    let words = header.split("\r\n ").map(|word| {
        assert!(word.len() <= 75);
        let inner = word
            .strip_prefix("=?UTF-8?B?")
            .unwrap()
            .strip_suffix("?=")
            .unwrap();
        String::from_utf8(STANDARD.decode(inner).unwrap()).unwrap()
    });
    let joined: String = words.collect();
    assert_eq!(
        joined,
        "Їжак і ґанок, що стоїть над річкою Вельною, довгий рядок"
    );
}

#[test]
fn the_capture_holds_both_exchanges() {
    let page = page();
    for (kind, count) in [("warcinfo", 1), ("request", 2), ("response", 2)] {
        assert_eq!(
            page.matches(&format!("WARC-Type: {kind}\r\n")).count(),
            count
        );
    }
    assert_eq!(
        page.matches("WARC-Target-URI: https://news.example.invalid/eastbridge")
            .count(),
        2
    );
}

#[test]
fn without_a_working_ffmpeg_there_is_a_note_and_no_half_video() {
    let dir = tempfile::tempdir().unwrap();
    for program in ["no-such-program-anywhere", "false", "true"] {
        let note = video::make(dir.path(), program.as_ref()).unwrap_err();
        assert!(note.contains("install ffmpeg"), "{note}");
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            0,
            "{program} left something"
        );
    }
}
