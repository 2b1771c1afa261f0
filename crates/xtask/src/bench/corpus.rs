//! Corpora made from a seed: the same bytes everywhere, none of them compressible or repeated.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result};

use crate::files;

/// Which kind of files a corpus holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// 4 to 200 KB, small ones more often than large ones.
    Small,
    /// About 100 MB.
    Large,
}

/// A folder of files on disk.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) folder: PathBuf,
    pub(crate) size: Size,
    pub(crate) count: usize,
    pub(crate) bytes: u64,
}

impl Corpus {
    /// Names the corpus for a heading.
    pub(crate) fn name(&self) -> String {
        let word = if self.size == Size::Small {
            "small"
        } else {
            "large"
        };
        format!(
            "{word}: {} files, {:.0} MB",
            self.count,
            table_mb(self.bytes)
        )
    }

    /// Reads every file once, so that the first program measured has no worse a cache than the last.
    pub(crate) fn warm(&self) -> Result<()> {
        let mut buffer = vec![0; 1 << 20];
        for index in 0..self.count {
            let path = self.folder.join(name(index));
            let mut file = std::fs::File::open(&path)
                .with_context(|| format!("Cannot read {}", path.display()))?;
            while file.read(&mut buffer)? > 0 {}
        }
        Ok(())
    }
}

/// Counts bytes in megabytes, for people.
#[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
pub(crate) fn table_mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Makes a corpus, or takes the one that an earlier run finished.
pub(crate) fn make(parent: &Path, size: Size, count: usize) -> Result<Corpus> {
    let word = if size == Size::Small {
        "small"
    } else {
        "large"
    };
    let folder = parent.join(format!("{word}-{count}"));
    let done = parent.join(format!("{word}-{count}.done"));
    let bytes = (0..count).map(|index| length(size, index)).sum::<usize>() as u64;
    let corpus = Corpus {
        folder,
        size,
        count,
        bytes,
    };
    if std::fs::read_to_string(&done).is_ok_and(|text| text == bytes.to_string()) {
        return Ok(corpus);
    }
    println!("making {} in {}", corpus.name(), corpus.folder.display());
    files::remove(&corpus.folder)?;
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| write_files(&corpus, &next)))
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("a worker only writes files"))
    })?;
    files::write(&done, bytes.to_string())?;
    Ok(corpus)
}

fn write_files(corpus: &Corpus, next: &AtomicUsize) -> Result<()> {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= corpus.count {
            return Ok(());
        }
        files::write(&corpus.folder.join(name(index)), bytes(corpus.size, index))?;
    }
}

fn name(index: usize) -> String {
    format!("{:03}/file-{index:06}.bin", index / 500)
}

/// The length of a file: the same doubling as often as the next, so half are under 32 KB.
fn length(size: Size, index: usize) -> usize {
    let random = usize::try_from(Random::of(size, index).next() >> 33).unwrap_or(0);
    match size {
        Size::Small => {
            let step = 4_000 << (random % 6);
            (step + random / 6 % step).min(200_000)
        }
        Size::Large => 100_000_000 + random % 1_000_000,
    }
}

fn bytes(size: Size, index: usize) -> Vec<u8> {
    let mut random = Random::of(size, index);
    let mut bytes = vec![0; length(size, index)];
    for part in bytes.chunks_mut(8) {
        let word = random.next().to_le_bytes();
        part.copy_from_slice(word.get(..part.len()).unwrap_or_default());
    }
    bytes
}

/// The splitmix64 sequence: fast, and good enough to defeat compression.
struct Random(u64);

impl Random {
    fn of(size: Size, index: usize) -> Self {
        let seed = if size == Size::Small { 1 } else { 2 };
        Self((index as u64 + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests;
