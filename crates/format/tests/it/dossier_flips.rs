//! Every flipped bit is found.

use format::verify::Verdict;
use proptest::prelude::*;

use crate::dossier::{Files, check, plain};

/// A generator that needs no dependency: the same flips in every run.
struct Flips(u64);

impl Flips {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }
}

#[test]
fn each_of_three_thousand_flipped_bits_is_found() {
    let files = plain();
    assert_eq!(check(&files).verdict, Verdict::Good);
    let total: usize = files.values().map(Vec::len).sum();
    let mut flips = Flips(0x1234_5678_9abc_def1);
    for _ in 0..3000 {
        let (mut at, bit) = (flips.next(total), flips.next(8));
        let mut altered = files.clone();
        for (path, bytes) in &mut altered {
            if at < bytes.len() {
                bytes[at] ^= 1 << bit;
                let path = path.clone();
                assert_eq!(
                    check(&altered).verdict,
                    Verdict::Bad,
                    "{path} byte {at} bit {bit}"
                );
                break;
            }
            at -= bytes.len();
        }
    }
}

#[test]
fn each_flipped_bit_of_a_file_name_is_found() {
    let files = plain();
    for path in files.keys() {
        for at in 0..path.len() {
            let mut name = path.clone().into_bytes();
            name[at] ^= 1 << (at % 7);
            let Ok(name) = String::from_utf8(name) else {
                continue;
            };
            let mut altered = files.clone();
            let bytes = altered.remove(path).unwrap();
            if altered.insert(name.clone(), bytes).is_none() {
                assert_eq!(check(&altered).verdict, Verdict::Bad, "{path} as {name:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_is_put_in_the_place_of_a_file_makes_the_check_panic(
        which in 0_usize..60, bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut files: Files = plain();
        let path = files.keys().nth(which % files.len()).cloned().unwrap();
        if files[&path] != bytes {
            files.insert(path, bytes);
            prop_assert_eq!(check(&files).verdict, Verdict::Bad);
        }
    }
}
