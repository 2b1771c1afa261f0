//! What the invented camera says about a shot.

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};

use super::canvas::Picture;

/// The camera clock, the satellite clock and the place of one shot.
pub(super) struct Shot {
    /// Camera clock, `YYYY:MM:DD HH:MM:SS`.
    pub(super) taken: &'static str,
    /// Camera clock's offset from UTC, `+HH:MM`.
    pub(super) offset: &'static str,
    /// Satellite date in UTC, `YYYY:MM:DD`.
    pub(super) gps_date: &'static str,
    /// Satellite time in UTC: hour, minute, second.
    pub(super) gps_time: [u32; 3],
    /// North and east in millionths of a degree.
    pub(super) place: [u32; 2],
    /// Degrees from true north in which the camera looked.
    pub(super) bearing: u32,
    /// How the stored picture has to be turned: 1 not at all, 6 a quarter clockwise.
    pub(super) orientation: u16,
}

/// Builds the content of the APP1 segment.
pub(super) fn segment(shot: &Shot, picture: &Picture) -> anyhow::Result<Vec<u8>> {
    let mut fields = camera(shot, picture);
    fields.extend(satellite(shot));
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false)?;
    let mut segment = b"Exif\0\0".to_vec();
    segment.append(&mut tiff.into_inner());
    Ok(segment)
}

fn camera(shot: &Shot, picture: &Picture) -> Vec<Field> {
    let resolution = Value::Rational(vec![Rational { num: 72, denom: 1 }]);
    vec![
        field(
            Tag::ImageDescription,
            text("Invented for demonstration, not a real place or event"),
        ),
        field(Tag::Make, text("Exampla")),
        field(Tag::Model, text("DemoCam 2")),
        field(Tag::Orientation, Value::Short(vec![shot.orientation])),
        field(Tag::XResolution, resolution.clone()),
        field(Tag::YResolution, resolution),
        field(Tag::ResolutionUnit, Value::Short(vec![2])),
        field(Tag::YCbCrPositioning, Value::Short(vec![1])),
        field(Tag::DateTime, text(shot.taken)),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::FlashpixVersion, Value::Undefined(b"0100".to_vec(), 0)),
        field(
            Tag::ComponentsConfiguration,
            Value::Undefined(vec![1, 2, 3, 0], 0),
        ),
        field(Tag::ColorSpace, Value::Short(vec![1])),
        field(Tag::DateTimeOriginal, text(shot.taken)),
        field(Tag::OffsetTimeOriginal, text(shot.offset)),
        field(
            Tag::PixelXDimension,
            Value::Long(vec![picture.width.into()]),
        ),
        field(
            Tag::PixelYDimension,
            Value::Long(vec![picture.height.into()]),
        ),
    ]
}

fn satellite(shot: &Shot) -> Vec<Field> {
    let [north, east] = shot.place;
    let whole = |num: u32| Rational { num, denom: 1 };
    vec![
        field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
        field(Tag::GPSLatitudeRef, text("N")),
        field(Tag::GPSLatitude, degrees(north)),
        field(Tag::GPSLongitudeRef, text("E")),
        field(Tag::GPSLongitude, degrees(east)),
        field(
            Tag::GPSTimeStamp,
            Value::Rational(shot.gps_time.map(whole).to_vec()),
        ),
        field(Tag::GPSImgDirectionRef, text("T")),
        field(
            Tag::GPSImgDirection,
            Value::Rational(vec![whole(shot.bearing)]),
        ),
        field(Tag::GPSMapDatum, text("WGS-84")),
        field(Tag::GPSDateStamp, text(shot.gps_date)),
    ]
}

/// Splits millionths of a degree into degrees, minutes and hundredths of a second, rounded.
fn degrees(millionths: u32) -> Value {
    let hundredths = (u64::from(millionths) * 36 + 50) / 100;
    let part = |value: u64, denom| Rational {
        num: u32::try_from(value).unwrap_or(0),
        denom,
    };
    Value::Rational(vec![
        part(hundredths / 360_000, 1),
        part(hundredths / 6_000 % 60, 1),
        part(hundredths % 6_000, 100),
    ])
}

fn field(tag: Tag, value: Value) -> Field {
    Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    }
}

fn text(value: &str) -> Value {
    Value::Ascii(vec![value.as_bytes().to_vec()])
}
