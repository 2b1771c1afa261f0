//! Dossiers that somebody tampered with, and what must be said of each.

use tar::{Builder, EntryType, Header};

use super::desk::{Files, Sample, relist, sample};

type Tar = Builder<Vec<u8>>;

/// A dossier that is no longer good.
pub(crate) struct Tampered {
    pub(crate) name: &'static str,
    pub(crate) tar: Vec<u8>,
    /// The code that must be among those found.
    pub(crate) code: &'static str,
}

/// Packs files under one top folder, then something more.
pub(crate) fn packed(top: &str, files: &Files, more: impl FnOnce(&mut Tar)) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (path, bytes) in files {
        add(&mut tar, &format!("{top}/{path}"), bytes);
    }
    more(&mut tar);
    tar.into_inner().unwrap()
}

/// Appends a member whose name is written as it is, climbing or not.
pub(crate) fn add(tar: &mut Tar, path: &str, bytes: &[u8]) {
    let mut header = Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    if path.len() > 100 {
        header.set_path(path).unwrap();
    } else {
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
    }
    header.set_cksum();
    tar.append(&header, bytes).unwrap();
}

/// Appends a member that is no file.
pub(crate) fn special(tar: &mut Tar, kind: EntryType, path: &str) {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_path(path).unwrap();
    if matches!(kind, EntryType::Symlink | EntryType::Link) {
        header.set_link_name("bagit.txt").unwrap();
    }
    header.set_cksum();
    tar.append(&header, &[][..]).unwrap();
}

/// Every dossier of this table is refused, by us and by others.
pub(crate) fn all() -> Vec<Tampered> {
    let mut all = tars();
    all.extend(lists());
    all.extend(relisted());
    all
}

fn path_of(files: &Files, ending: &str) -> Vec<String> {
    let some = files.keys().filter(|path| path.ends_with(ending));
    some.cloned().collect()
}

/// What the tar itself is made to do; the files inside are good.
fn tars() -> Vec<Tampered> {
    let Sample { top, files, .. } = sample();
    let with = |name, code, more: &dyn Fn(&mut Tar)| Tampered {
        name,
        code,
        tar: packed(top, files, more),
    };
    let inside = |path: &str| format!("{top}/{path}");
    let good = packed(top, files, |_| {});
    let mut behind = good.clone();
    behind.extend(b"more");
    let cut = |end: usize| good[..end].to_vec();
    let one = |name, code, tar| Tampered { name, code, tar };
    vec![
        with("a path climbs out", "climbing_path", &|tar| {
            add(tar, &inside("../../x"), b"x");
        }),
        with("a path is absolute", "absolute_path", &|tar| {
            add(tar, "/tmp/x", b"x");
        }),
        with("a name is there twice", "duplicate_path", &|tar| {
            add(tar, &inside("bagit.txt"), &files["bagit.txt"]);
        }),
        with("a symbolic link", "not_a_file", &|tar| {
            special(tar, EntryType::Symlink, &inside("data/x"));
        }),
        with("a hard link", "not_a_file", &|tar| {
            special(tar, EntryType::Link, &inside("data/x"));
        }),
        with("a device", "not_a_file", &|tar| {
            special(tar, EntryType::Char, &inside("data/x"));
        }),
        with("a pipe", "not_a_file", &|tar| {
            special(tar, EntryType::Fifo, &inside("data/x"));
        }),
        with("two top folders", "not_a_dossier", &|tar| {
            add(tar, "other/x", b"x");
        }),
        with("a pax name that climbs out", "climbing_path", &|tar| {
            let name = inside("../../x");
            tar.append_pax_extensions([("path", name.as_bytes())])
                .unwrap();
            add(tar, &inside("data/harmless"), b"x");
        }),
        with("a pax name over a listed file", "duplicate_path", &|tar| {
            let name = inside("bagit.txt");
            tar.append_pax_extensions([("path", name.as_bytes())])
                .unwrap();
            add(tar, &inside("data/harmless"), b"x");
        }),
        with("a pax length of four exabytes", "unreadable", &|tar| {
            tar.append_pax_extensions([("size", &b"4611686018427387904"[..])])
                .unwrap();
            add(tar, &inside("data/harmless"), b"x");
        }),
        one("something after its end", "extra_file", behind),
        one(
            "cut within the last file",
            "unreadable",
            cut(good.len() - 1024 - 700),
        ),
        one("cut in the middle", "unreadable", cut(good.len() / 2)),
    ]
}

/// Changes that the lists of the bag already show.
fn lists() -> Vec<Tampered> {
    let Sample { top, files, .. } = sample();
    let with = |name, code, change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        Tampered {
            name,
            code,
            tar: packed(top, &files, |_| {}),
        }
    };
    let content = path_of(files, "/content");
    vec![
        with("an evidence file is missing", "missing_file", &|f| {
            drop(f.remove(&content[0]));
        }),
        with("a file that is not listed", "extra_file", &|f| {
            drop(f.insert("data/note.txt".into(), b"x".to_vec()));
        }),
        with("evidence of another length", "wrong_digest", &|f| {
            f.get_mut(&content[0]).unwrap().push(0);
        }),
        with("one altered bit of evidence", "wrong_digest", &|f| {
            f.get_mut(&content[1]).unwrap()[9] ^= 1;
        }),
        with("an altered page", "wrong_digest", &|f| {
            f.get_mut("data/index.html").unwrap().push(b'\n');
        }),
        with("no SHA-512 list", "missing_manifest", &|f| {
            drop(f.remove("manifest-sha512.txt"));
        }),
        with("another declaration", "bad_bagit_txt", &|f| {
            f.insert(
                "bagit.txt".into(),
                b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n".to_vec(),
            );
        }),
        with("only a list was altered", "wrong_digest", &|f| {
            f.get_mut("manifest-sha256.txt").unwrap().truncate(10);
        }),
    ]
}

/// Changes by somebody who made all lists agree again.
fn relisted() -> Vec<Tampered> {
    let Sample {
        top,
        files,
        older,
        foreign,
        ..
    } = sample();
    let with = |name, code, change: &dyn Fn(&mut Files)| {
        let mut files = files.clone();
        change(&mut files);
        relist(&mut files);
        Tampered {
            name,
            code,
            tar: packed(top, &files, |_| {}),
        }
    };
    let content = path_of(files, "/content");
    let proofs = path_of(files, ".tlog-proof");
    let entry = path_of(files, ".sd-jwt")
        .into_iter()
        .find(|path| !path.ends_with("/0.sd-jwt"))
        .unwrap();
    let info = |f: &mut Files, from: &str, to: &str| {
        let text = String::from_utf8(f["bag-info.txt"].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        f.insert("bag-info.txt".into(), text.replace(from, to).into_bytes());
    };
    let exchange = |f: &mut Files, a: &str, b: &str| {
        let (x, y) = (f[a].clone(), f[b].clone());
        f.insert(a.into(), y);
        f.insert(b.into(), x);
    };
    let mut all = vec![
        with(
            "evidence altered and listed anew",
            "evidence_differs",
            &|f| f.get_mut(&content[0]).unwrap()[3] ^= 1,
        ),
        with(
            "evidence cut short and listed anew",
            "evidence_differs",
            &|f| f.get_mut(&content[0]).unwrap().truncate(4),
        ),
        with("two originals exchanged", "evidence_differs", &|f| {
            exchange(f, &content[0], &content[1]);
        }),
        with("evidence taken away and unlisted", "missing_file", &|f| {
            drop(f.remove(&content[0]));
        }),
        with("no page", "missing_file", &|f| {
            drop(f.remove("data/index.html"));
        }),
        with("no description", "missing_file", &|f| {
            drop(f.remove("data/ro-crate-metadata.json"));
        }),
        with("a file added and listed", "extra_file", &|f| {
            drop(f.insert("data/note.txt".into(), b"x".to_vec()));
        }),
        with("evidence of nothing", "extra_file", &|f| {
            f.insert("data/evidence/000000000000/content".into(), b"x".to_vec());
        }),
        with("a file that says what to fetch", "extra_file", &|f| {
            f.insert(
                "fetch.txt".into(),
                b"http://example.invalid/x 1 data/x\n".to_vec(),
            );
        }),
        with("two proofs exchanged", "swapped_proof", &|f| {
            exchange(f, &proofs[0], &proofs[1]);
        }),
        with("a proof taken away", "missing_proof", &|f| {
            drop(f.remove(&proofs[1]));
        }),
        with("a proof of nothing", "extra_proof", &|f| {
            let proof = f[&proofs[0]].clone();
            f.insert("data/log/proofs/999.tlog-proof".into(), proof);
        }),
        with(
            "an older checkpoint of the same log",
            "stale_checkpoint",
            &|f| {
                f.insert("data/log/checkpoint".into(), older.clone());
            },
        ),
        with("the checkpoint of another log", "unknown_log", &|f| {
            f.insert("data/log/checkpoint".into(), foreign.clone());
        }),
        with("another dossier's id", "wrong_seal", &|f| {
            info(f, "Holdfast-Dossier: d-", "Holdfast-Dossier: d-0");
        }),
        with("another origin", "wrong_origin", &|f| {
            info(f, "Holdfast-Origin: north", "Holdfast-Origin: south");
        }),
        with(
            "a page in capitals beside the page",
            "colliding_path",
            &|f| {
                f.insert("data/INDEX.html".into(), b"x".to_vec());
            },
        ),
    ];
    all.extend(entries(&entry));
    all
}

/// Changes to what the entries show.
fn entries(entry: &str) -> Vec<Tampered> {
    let Sample { top, files, .. } = sample();
    let with = |name, code, path: &str, change: &dyn Fn(Vec<String>) -> Option<Vec<String>>| {
        let mut files = files.clone();
        let text = String::from_utf8(files.remove(path).unwrap()).unwrap();
        match change(text.split('~').map(str::to_owned).collect()) {
            Some(parts) => drop(files.insert(path.to_owned(), parts.join("~").into_bytes())),
            None => drop(
                files.remove(
                    &path
                        .replace("entries", "proofs")
                        .replace(".sd-jwt", ".tlog-proof"),
                ),
            ),
        }
        relist(&mut files);
        Tampered {
            name,
            code,
            tar: packed(top, &files, |_| {}),
        }
    };
    let without = |parts: Vec<String>, field: &str| -> Option<Vec<String>> {
        let kept: Vec<String> = parts
            .iter()
            .filter(|part| !shows(part, field))
            .cloned()
            .collect();
        assert_eq!(kept.len() + 1, parts.len(), "one field {field}");
        Some(kept)
    };
    let info = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
    let sealed = info
        .lines()
        .find_map(|line| line.strip_prefix("Holdfast-Sealed: "))
        .unwrap();
    let sealed = format!("data/log/entries/{sealed}.sd-jwt");
    let founded = "data/log/entries/0.sd-jwt";
    vec![
        with(
            "an entry taken out of its chain",
            "missing_entry",
            entry,
            &|_| None,
        ),
        with(
            "another letter in a shown field",
            "bad_entry",
            entry,
            &|mut parts| {
                let first = if parts[1].starts_with('A') { "B" } else { "A" };
                parts[1].replace_range(..1, first);
                Some(parts)
            },
        ),
        with("a field given twice", "bad_entry", entry, &|mut parts| {
            let twice = parts[1].clone();
            parts.insert(1, twice);
            Some(parts)
        }),
        with("an altered signature", "bad_entry", entry, &|mut parts| {
            let at = parts[0].rfind('.').unwrap() + 5;
            let other = if parts[0].as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            parts[0].replace_range(at..=at, other);
            Some(parts)
        }),
        with(
            "something after the last field",
            "bad_entry",
            entry,
            &|mut parts| {
                parts.push("x".into());
                Some(parts)
            },
        ),
        with(
            "a seal that does not show what it holds",
            "wrong_seal",
            &sealed,
            &|parts| without(parts, "contents"),
        ),
        with(
            "a first entry that does not show its keys",
            "bad_founded",
            founded,
            &|parts| without(parts, "keys"),
        ),
    ]
}

pub(crate) fn shows(part: &str, field: &str) -> bool {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
    // Its second member is the name; the list of all names, in `fields`, is a value.
    let array = bytes
        .ok()
        .and_then(|b| serde_json::from_slice::<serde_json::Value>(&b).ok());
    array.is_some_and(|a| a.get(1).and_then(|name| name.as_str()) == Some(field))
}
