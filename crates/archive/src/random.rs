//! The one door to randomness: salts, decoys, ids, keys.

/// Fills bytes that nobody can guess.
pub trait Random: Send + Sync {
    /// Fills `out`; never returns weak bytes.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, out: &mut [u8]) {
        getrandom::fill(out)
            .expect("the operating system gives random bytes: without them no salt is safe");
    }
}

/// Draws `N` random bytes.
pub(crate) fn draw<const N: usize>(random: &dyn Random) -> [u8; N] {
    let mut out = [0; N];
    random.fill(&mut out);
    out
}
