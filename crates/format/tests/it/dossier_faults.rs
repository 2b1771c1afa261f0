//! Broken chains, false seals, and what a hostile dossier tries.

use format::kind::{Exported, Head};
use format::verify::{Code, Limits, State, Verifier};
use format::{Chain, Digests, EntryKey, Kind, Sha256, Subject};

use crate::dossier::{Archive, altered, check, codes, content_path, files, item, plain, trust};

#[test]
fn a_chain_that_names_the_wrong_entry_before_it_is_broken() {
    let mut archive = Archive::small();
    let head = archive.head(1);
    let chain = Chain {
        n: head.n + 1,
        prev: Some((head.index, [1; 32])),
    };
    let index = archive.entries.len() as u64;
    let kind = Kind::Exported(Exported::new("get".into()));
    archive.append_as(Subject::Item(item(1)), &kind, chain);
    let mut contents = vec![archive.content(1, &[]), archive.content(2, &[])];
    let leaf = Sha256(archive.leaf(index));
    contents[0].head = Head {
        n: head.n + 1,
        index,
        leaf,
    };
    let sealed = archive.seal_as(contents);
    let report = check(&files(&archive.parts(sealed, &[])));
    assert_eq!(codes(&report), [Code::BrokenChain]);
    assert_eq!(report.items[0].state, State::Damaged);
    assert_eq!(report.items[1].state, State::Intact);
}

#[test]
fn a_seal_that_names_an_older_head_is_found() {
    let mut archive = Archive::small();
    let mut contents = vec![archive.content(1, &[]), archive.content(2, &[])];
    contents[0].head = Head {
        n: 1,
        index: 5,
        leaf: Sha256(archive.leaf(5)),
    };
    let sealed = archive.seal_as(contents);
    assert_eq!(
        codes(&check(&files(&archive.parts(sealed, &[])))),
        [Code::BrokenChain]
    );
}

#[test]
fn entries_and_items_outside_the_seal_are_left_over() {
    let mut archive = Archive::small();
    let only_second = vec![archive.content(2, &[])];
    let sealed = archive.seal_as(only_second);
    let report = check(&files(&archive.parts(sealed, &[])));
    assert_eq!(codes(&report), [Code::ExtraFile, Code::ExtraEntry]);

    let mut archive = Archive::small();
    let twice = vec![archive.content(1, &[]), archive.content(1, &[])];
    let sealed = archive.seal_as(twice);
    let report = check(&files(&archive.parts(sealed, &[])));
    assert!(codes(&report).contains(&Code::WrongSeal));
}

#[test]
fn a_seal_of_something_else_is_no_seal() {
    let sealed = |from: &str, to: &str| {
        altered(|files| {
            let text = String::from_utf8(files["bag-info.txt"].clone()).unwrap();
            files.insert("bag-info.txt".into(), text.replace(from, to).into_bytes());
        })
    };
    assert_eq!(
        sealed("Holdfast-Sealed: 13", "Holdfast-Sealed: 5"),
        [Code::WrongSeal]
    );
    assert_eq!(
        sealed("Holdfast-Dossier: d-", "Holdfast-Dossier: e-"),
        [Code::WrongSeal]
    );
    assert_eq!(sealed("0123abcd", "0123abce"), [Code::WrongOrigin]);
}

#[test]
fn hostile_paths_and_sizes_are_refused_before_anything_is_read() {
    let mut verifier = Verifier::new(
        Limits {
            files: 3,
            kept: 100,
            ..Limits::default()
        },
        trust(),
    );
    let refused = [
        (&b"data/../../x"[..], 1, Code::ClimbingPath),
        (b"/etc/x", 1, Code::AbsolutePath),
        (b"data/\xff", 1, Code::OddPath),
        (b"data/log/checkpoint", 101, Code::TooLarge),
        (b"bagit.txt", u64::MAX, Code::TooLarge),
    ];
    for (path, length, _) in refused {
        assert!(verifier.begin(path, length).is_none());
    }
    assert!(verifier.begin(b"data/log/Checkpoint", 1).is_none());
    assert!(verifier.begin(b"data/x", 1).is_some());
    assert!(verifier.begin(b"data/x", 1).is_none());
    assert!(verifier.begin(b"data/y", 1).is_none());
    let report = verifier.finish();
    let mut expected: Vec<Code> = refused.iter().map(|row| row.2).collect();
    expected.extend([
        Code::CollidingPath,
        Code::TooManyFiles,
        Code::TooManyFiles,
        Code::NotADossier,
    ]);
    let found: Vec<Code> = report.damage.iter().map(|fault| fault.code).collect();
    assert!(
        expected.iter().all(|code| found.contains(code)),
        "{found:?}"
    );
}

#[test]
fn more_bytes_than_claimed_are_a_fault_and_are_not_kept() {
    let files = plain();
    let mut verifier = Verifier::new(Limits::default(), trust());
    for (path, bytes) in &files {
        let claimed = bytes.len() as u64 - u64::from(path == "bagit.txt");
        let mut file = verifier.begin(path.as_bytes(), claimed).unwrap();
        file.update(bytes);
        verifier.add(file.end());
    }
    assert_eq!(
        codes(&verifier.finish()),
        [Code::BadBagitTxt, Code::WrongLength]
    );
}

#[test]
fn a_report_as_json_keeps_its_codes() {
    let mut files = plain();
    files.remove(&content_path(1));
    let json = serde_json::to_value(check(&files)).unwrap();
    assert_eq!(json["verdict"], "bad");
    let codes: Vec<_> = json["damage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["code"])
        .collect();
    assert!(
        codes.contains(&&serde_json::json!("missing_file")),
        "{codes:?}"
    );
    assert_eq!(json["items"][0]["state"], "damaged");
}

#[test]
fn an_entry_in_the_log_that_another_key_signed_is_bad() {
    let mut archive = Archive::small();
    let own = std::mem::replace(&mut archive.key, EntryKey::from_seed(&[8; 32]));
    let kind = Kind::Exported(Exported::new("get".into()));
    let index = archive.append(Subject::Item(item(1)), &kind);
    archive.key = own;
    let sealed = archive.seal(&[]);
    let report = check(&files(&archive.parts(sealed, &[])));
    assert_eq!(codes(&report), [Code::BadEntry]);
    assert_eq!(report.damage[0].index, Some(index));
    assert_eq!(report.items[0].state, State::Damaged);
}

#[test]
fn each_of_the_recorded_digests_counts() {
    let changes: [fn(&mut Digests); 3] = [
        |digests| digests.blake3.0[0] ^= 1,
        |digests| digests.sha256.0[0] ^= 1,
        |digests| digests.bytes += 1,
    ];
    for change in changes {
        let mut archive = Archive::small_with(change);
        let sealed = archive.seal(&[]);
        let report = check(&files(&archive.parts(sealed, &[])));
        assert_eq!(codes(&report), [Code::EvidenceDiffers]);
        assert!(report.items.iter().all(|item| item.state == State::Damaged));
    }
}

#[test]
fn a_head_whose_leaf_is_another_record_is_found() {
    let mut archive = Archive::small();
    let mut contents = vec![archive.content(1, &[]), archive.content(2, &[])];
    contents[1].head.leaf = Sha256([5; 32]);
    let sealed = archive.seal_as(contents);
    let report = check(&files(&archive.parts(sealed, &[])));
    assert_eq!(codes(&report), [Code::BrokenChain]);
}

#[test]
fn a_file_that_one_list_leaves_out_is_named() {
    for list in ["manifest-sha256.txt", "manifest-sha512.txt"] {
        let mut files = plain();
        let text = String::from_utf8(files[list].clone()).unwrap();
        let kept = text
            .lines()
            .filter(|line| !line.ends_with("data/index.html"));
        let kept: String = kept.map(|line| format!("{line}\n")).collect();
        files.insert(list.into(), kept.into_bytes());
        let report = check(&files);
        let extra = report
            .damage
            .iter()
            .find(|fault| fault.code == Code::ExtraFile)
            .unwrap();
        assert_eq!(extra.path.as_deref(), Some("data/index.html"));
        assert!(extra.detail.contains(list));
    }
}
