//! Prints the microseconds that composing and opening one entry of 14 fields take. Run it with `--release`.

use std::hint::black_box;
use std::time::Instant as Stopwatch;

use format::json::Value;
use format::kind::{Collected, FileFacts, Media, Recognised};
use format::{
    Blake3, BytesName, Chain, Common, Digests, Entry, EntryKey, Instant, ItemId, Kind, Level,
    PersonId, SessionId, Sha256, Subject, compose,
};

const ROUNDS: u32 = 5_000;

fn fields() -> Vec<(String, Value)> {
    let at = Instant::from_micros(1_772_648_527_000_000).ok();
    let mut body = Collected::new(
        Digests {
            sha256: Sha256([1; 32]),
            blake3: Blake3([2; 32]),
            bytes: 1_234_567,
        },
        BytesName::from("IMG_0042.jpg"),
        BytesName::from("phone/2026-03/IMG_0042.jpg"),
        "Phone of a resident of Oakford".to_owned(),
        FileFacts { modified: at },
        "north".to_owned(),
        Level::Restricted,
    );
    body.session = Some(SessionId::from_random([3; 8]));
    body.media = Some(Media {
        media_type: "image/jpeg".to_owned(),
        by: Recognised::Signature,
    });
    let kind = Kind::from(body);
    let common = Common {
        kind: Some(kind.name().to_owned()),
        at,
        by: Some(PersonId::from_random([4; 8])),
        subject: Some(Subject::Item(ItemId::from_random([5; 8]))),
        chain: Some(Chain {
            n: 1,
            prev: Some((41, [6; 32])),
        }),
        ..Common::default()
    };
    let mut fields = common.fields();
    fields.extend(kind.body());
    fields
}

#[expect(
    clippy::print_stdout,
    reason = "an example that prints what it measures"
)]
fn report(what: &str, fields: usize, mut once: impl FnMut()) {
    (0..ROUNDS / 10).for_each(|_| once());
    let watch = Stopwatch::now();
    (0..ROUNDS).for_each(|_| once());
    let micros = watch.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
    println!("{what}: {micros:.1} µs per entry of {fields} fields");
}

fn main() -> Result<(), format::EntryError> {
    let key = EntryKey::from_seed(&[7; 32]);
    let origin = "speed.example/holdfast/00000000";
    let mut count = 0_u64;
    let mut random = |bytes: &mut [u8]| {
        for piece in bytes.chunks_mut(8) {
            count += 1;
            piece.copy_from_slice(&count.to_be_bytes()[..piece.len()]);
        }
    };
    let fields = fields();
    let number = fields.len();
    let entry = compose(origin, fields.clone(), &mut random, &key)?;
    let sd_jwt = entry.sd_jwt();
    report("compose", number, || {
        black_box(compose(origin, fields.clone(), &mut random, &key).is_ok());
    });
    report("open, signature checked", number, || {
        black_box(Entry::open(&sd_jwt, Some(key.verifier())).is_ok());
    });
    report("open, own bytes", number, || {
        black_box(Entry::open(&sd_jwt, None).is_ok());
    });
    Ok(())
}
