//! Drawn scenes as JPEG files with the metadata a camera would write.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::canvas::Picture;
use super::exif::{self, Shot};

/// Encodes a picture as a JPEG, with an EXIF segment if there is a shot to describe.
pub(super) fn jpeg(picture: &Picture, shot: Option<&Shot>) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 84);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(true);
    if let Some(shot) = shot {
        encoder.add_app_segment(1, &exif::segment(shot, picture)?)?;
    }
    encoder.encode(
        &picture.pixels,
        picture.width,
        picture.height,
        ColorType::Rgb,
    )?;
    Ok(bytes)
}
