//! The list of what is made: names, contents, sources.

use super::canvas::Canvas;
use super::exif::Shot;
use super::{Piece, mail, news, page, photo, scenes};

const PHOTOGRAPHER: &str = "Photographer P. Pinhole, invented";
const TOWN: &str = "Town office of Eastbridge, invented";
const RESIDENT: &str = "Resident R. Reader, invented";
const COURIER: &str = "The Example Courier, invented";

const STREET: Shot = Shot {
    taken: "2026:03:04 06:52:05",
    offset: "+04:00",
    gps_date: "2026:03:04",
    gps_time: [2, 52, 3],
    place: [12_345_600, 65_432_100],
    bearing: 88,
    orientation: 1,
};

/// The camera clock is three hours ahead of the satellites: the reviewer has to notice.
const SCHOOL: Shot = Shot {
    taken: "2026:03:05 11:12:35",
    offset: "+04:00",
    gps_date: "2026:03:05",
    gps_time: [4, 12, 33],
    place: [12_346_200, 65_432_900],
    bearing: 342,
    orientation: 1,
};

const BRIDGE: Shot = Shot {
    taken: "2026:03:05 09:40:21",
    offset: "+04:00",
    gps_date: "2026:03:05",
    gps_time: [5, 40, 20],
    place: [12_344_100, 65_435_800],
    bearing: 95,
    orientation: 6,
};

/// Returns every piece but the video.
pub(super) fn all() -> anyhow::Result<Vec<Piece>> {
    let mut pieces = photos()?;
    pieces.extend(texts());
    pieces.extend(captures()?);
    Ok(pieces)
}

fn photos() -> anyhow::Result<Vec<Piece>> {
    let street = shot(&scenes::street(), Some(&STREET), 31)?;
    Ok(vec![
        piece(
            "camera/DC020001.JPG",
            "photo: Mill Street the day before",
            PHOTOGRAPHER,
            street.clone(),
        ),
        piece(
            "camera/DC020002.JPG",
            "photo: the school, camera clock and satellite clock disagree",
            PHOTOGRAPHER,
            shot(&scenes::school(), Some(&SCHOOL), 32)?,
        ),
        piece(
            "camera/DC020003.JPG",
            "photo: the bridge, taken upright",
            PHOTOGRAPHER,
            shot(&scenes::bridge(), Some(&BRIDGE), 33)?,
        ),
        piece(
            "Фото з Істбриджа/نهر فيلنا.jpg",
            "photo: the river at dusk, without any camera data",
            RESIDENT,
            shot(&scenes::river(), None, 34)?,
        ),
        piece(
            "Фото з Істбриджа/street (copy).jpg",
            "photo: the same bytes as camera/DC020001.JPG under another name",
            RESIDENT,
            street,
        ),
    ])
}

fn shot(scene: &Canvas, shot: Option<&Shot>, seed: u32) -> anyhow::Result<Vec<u8>> {
    let picture = scene.picture(1, seed);
    let upright = shot.is_some_and(|shot| shot.orientation == 6);
    photo::jpeg(&if upright { picture.turned() } else { picture }, shot)
}

fn texts() -> Vec<Piece> {
    let own = |place, what, source, text: &str| piece(place, what, source, text.into());
    vec![
        own(
            "documents/Повідомлення міської ради.txt",
            "document in Ukrainian: notice of the town office",
            TOWN,
            include_str!("texts/town.uk.txt"),
        ),
        own(
            "documents/Записка жителя.txt",
            "document in Russian: a resident's note",
            RESIDENT,
            include_str!("texts/resident.ru.txt"),
        ),
        own(
            "documents/Report of the town office.txt",
            "document in English: report of the town office",
            TOWN,
            include_str!("texts/town.en.txt"),
        ),
        own(
            "documents/photo\u{202E}gpj.txt",
            "text whose name, by a right-to-left mark, looks like that of a picture",
            RESIDENT,
            include_str!("texts/name.en.txt"),
        ),
        own(
            "news/Eastbridge, what was said.txt",
            "news text with quotations",
            COURIER,
            &news::article(),
        ),
    ]
}

fn captures() -> anyhow::Result<Vec<Piece>> {
    let bridge = photo::jpeg(&scenes::bridge().picture(3, 35), None)?;
    let school = photo::jpeg(&scenes::school().picture(3, 36), None)?;
    Ok(vec![
        piece(
            "mail/A question about the bridge.eml",
            "mail with a picture",
            RESIDENT,
            mail::message(&bridge),
        ),
        piece(
            "web/eastbridge.warc.gz",
            "page capture of a news page",
            COURIER,
            page::capture(&school)?,
        ),
    ])
}

fn piece(place: &str, what: &'static str, source: &'static str, bytes: Vec<u8>) -> Piece {
    Piece {
        place: place.to_owned(),
        what,
        source,
        bytes,
    }
}
