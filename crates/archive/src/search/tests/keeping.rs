//! What stays, what is made anew, what is gone.

use std::fs;
use std::path::{Path, PathBuf};

use super::{doc, index, seqs, texts};
use crate::search::{Error, Index};

fn overwrite(path: &Path, bytes: &[u8]) {
    #[expect(clippy::disallowed_methods, reason = "damage on purpose")]
    fs::write(path, bytes).unwrap();
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).collect()
}

#[test]
fn documents_and_position_survive_reopening() {
    let (dir, first) = texts(&["bridge", "mill"]);
    assert_eq!(first.position(), 2);
    first.add(Vec::new(), 7).unwrap();
    drop(first);
    let again = Index::open(dir.path()).unwrap();
    assert!(!again.was_rebuilt());
    assert_eq!(again.position(), 7);
    assert_eq!(seqs(&again, "bridge"), [1]);
}

#[test]
fn what_was_not_committed_leaves_neither_documents_nor_position() {
    let (dir, index) = texts(&["bridge"]);
    index.with_uncommitted(doc(2, "", "bridge")).unwrap();
    assert_eq!((index.position(), seqs(&index, "bridge")), (1, vec![1]));
    drop(index);
    let again = Index::open(dir.path()).unwrap();
    assert!(!again.was_rebuilt());
    assert_eq!((again.position(), seqs(&again, "bridge")), (1, vec![1]));
    again.add(vec![doc(2, "", "bridge")], 2).unwrap();
    assert_eq!((again.position(), seqs(&again, "bridge")), (2, vec![1, 2]));
}

#[test]
fn adding_again_replaces() {
    let (_dir, index) = texts(&["bridge", "mill"]);
    let twice = vec![doc(1, "", "first"), doc(1, "", "harbour")];
    index.add(twice, 3).unwrap();
    assert_eq!(seqs(&index, "bridge OR first"), [0; 0]);
    assert_eq!(seqs(&index, "harbour OR mill"), [1, 2]);
}

#[test]
fn the_position_does_not_go_back() {
    let (_dir, index) = texts(&["bridge", "mill"]);
    let error = index.add(vec![doc(3, "", "bridge")], 1).unwrap_err();
    assert!(matches!(error, Error::Backwards { known: 2, asked: 1 }));
    assert_eq!(seqs(&index, "bridge"), [1]);
}

#[test]
fn a_reset_index_is_empty_and_can_be_filled_again() {
    let (dir, index) = texts(&["bridge"]);
    index.reset().unwrap();
    assert_eq!((index.position(), seqs(&index, "bridge")), (0, vec![]));
    index.add(vec![doc(1, "", "mill")], 1).unwrap();
    drop(index);
    let again = Index::open(dir.path()).unwrap();
    assert_eq!((again.position(), seqs(&again, "mill")), (1, vec![1]));
}

#[test]
fn a_second_writer_is_told_who_holds_the_index() {
    let (dir, first) = texts(&["bridge"]);
    let second = Index::open(dir.path()).unwrap();
    assert_eq!(seqs(&second, "bridge"), [1], "reading needs no lock");
    let error = second.add(vec![doc(2, "", "mill")], 2).unwrap_err();
    assert!(matches!(error, Error::Busy(_)), "{error}");
    first.add(vec![doc(5, "", "bridge")], 5).unwrap();
    assert_eq!((second.position(), seqs(&second, "bridge")), (1, vec![1]));
    assert_eq!(second.refresh().unwrap(), 5);
    assert_eq!(seqs(&second, "bridge"), [1, 5]);
    first.add(Vec::new(), 6).unwrap();
    drop(first);
    second.add(vec![doc(7, "", "mill")], 7).unwrap();
    assert_eq!(seqs(&second, "bridge OR mill"), [1, 5, 7]);
}

#[test]
fn many_ask_while_one_writes() {
    let (_dir, index) = texts(&["bridge"]);
    std::thread::scope(|threads| {
        for _ in 0..3 {
            threads.spawn(|| {
                for _ in 0..50 {
                    let found = super::ask(&index, "bridge");
                    assert_eq!(found.total, found.hits.len());
                    assert!(found.total >= 1);
                }
            });
        }
        for seq in 2..12 {
            index.add(vec![doc(seq, "", "bridge")], seq).unwrap();
        }
    });
    assert_eq!(super::ask(&index, "bridge").total, 11);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    overwrite(&file, b"mine");
    let error = Index::open(&file).unwrap_err();
    assert!(matches!(error, Error::Folder { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn every_damaged_file_is_noticed_and_the_index_made_anew() {
    let (dir, first) = texts(&["bridge and mill", "harbour"]);
    drop(first);
    let whole: Vec<(PathBuf, Vec<u8>)> = files(dir.path())
        .into_iter()
        .filter(|path| path.extension().is_none_or(|ext| ext != "lock"))
        .map(|path| (path.clone(), fs::read(&path).unwrap()))
        .collect();
    assert!(whole.len() > 5);
    for (path, bytes) in &whole {
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 0x40;
        for damaged in [flipped, bytes[..bytes.len() / 2].to_vec(), Vec::new()] {
            for (path, bytes) in &whole {
                overwrite(path, bytes);
            }
            overwrite(path, &damaged);
            let index = Index::open(dir.path()).unwrap();
            if path.ends_with(".managed.json") && !index.was_rebuilt() {
                // A list of files to sweep: without it nothing found is wrong.
                assert_eq!(seqs(&index, "bridge"), [1]);
                continue;
            }
            assert!(index.was_rebuilt(), "{}", path.display());
            assert_eq!((index.position(), seqs(&index, "bridge")), (0, vec![]));
            index.add(vec![doc(1, "", "bridge")], 1).unwrap();
            drop(index);
            assert!(!Index::open(dir.path()).unwrap().was_rebuilt());
            for path in files(dir.path()) {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

#[test]
fn a_missing_file_is_noticed() {
    let (dir, first) = texts(&["bridge"]);
    drop(first);
    let store = files(dir.path());
    let store = store
        .iter()
        .find(|path| path.extension().is_some_and(|ext| ext == "store"));
    fs::remove_file(store.unwrap()).unwrap();
    assert!(Index::open(dir.path()).unwrap().was_rebuilt());
}

#[test]
fn an_index_of_another_version_is_made_anew_and_strange_files_stay() {
    let (dir, first) = texts(&["bridge"]);
    drop(first);
    overwrite(&dir.path().join("notes.txt"), b"mine");
    let meta = dir.path().join("meta.json");
    let text = fs::read_to_string(&meta).unwrap();
    assert!(text.contains("\"1 1\""), "{text}");
    overwrite(&meta, text.replace("\"1 1\"", "\"0 1\"").as_bytes());
    let index = Index::open(dir.path()).unwrap();
    assert!(index.was_rebuilt());
    assert_eq!(index.position(), 0);
    assert!(dir.path().join("notes.txt").exists());
}

#[test]
fn a_new_folder_is_not_called_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("deep/er")).unwrap();
    assert!(!index.was_rebuilt());
    assert_eq!(index.position(), 0);
}

#[test]
fn a_forgotten_text_is_no_longer_in_any_file() {
    let word = "qzxvwkjyqhbn";
    let holds = |dir: &Path| {
        let found = files(dir).into_iter().filter(|path| {
            let bytes = fs::read(path).unwrap();
            bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        });
        found.count()
    };
    let (dir, index) = index(vec![doc(1, "", word), doc(2, "", "mill")]);
    assert!(holds(dir.path()) > 0, "the test can see a text");
    index.forget(&[1]).unwrap();
    assert_eq!(holds(dir.path()), 0);
    assert_eq!(index.position(), 2);
    assert_eq!(
        (seqs(&index, word), seqs(&index, "mill")),
        (vec![], vec![2])
    );
}
