//! The commands that the page in a dossier prints work as they are printed.

use std::fs;
use std::process::Command;

use testkit::tools::{self, Tsa, TsaKey};

use crate::dossier::desk::{Desk, Said, lay, said, unpacked};

/// The commands on the page, in order.
fn printed(page: &str) -> Vec<String> {
    let blocks = page.split("<pre>").skip(1);
    let inside = blocks.map(|block| block.split("</pre>").next().unwrap());
    inside.flat_map(str::lines).map(str::to_owned).collect()
}

#[test]
fn every_command_on_the_page_works_as_printed() {
    let (Some(python), Some(bagit), Some(_)) = (
        tools::need("sd-jwt"),
        tools::need("bagit"),
        tools::need("openssl"),
    ) else {
        return;
    };
    let tsa = Tsa::start_with(TsaKey::P256).unwrap();
    let desk = Desk::new();
    desk.put("a.txt", b"one");
    let item = desk.add("a.txt", "A");
    desk.dossier("D-1", &[&item]);
    desk.good(&["dossier", "seal", "D-1", "-o", "d.tar", "--tsa", &tsa.url()]);
    let (top, files) = unpacked(&fs::read(desk.at("d.tar")).unwrap());
    let folder = desk.at(&top);
    lay(&files, &folder);
    fs::write(desk.at("policy.txt"), desk.policy()).unwrap();
    fs::copy(tsa.root_file(), desk.at("root.pem")).unwrap();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../verifiers/python/holdfast_verify.py"
    );
    fs::copy(script, desk.at("holdfast_verify.py")).unwrap();
    let ours = std::path::Path::new(env!("CARGO_BIN_EXE_holdfast"))
        .parent()
        .unwrap()
        .to_owned();
    let folders = [
        ours.as_path(),
        python.path().parent().unwrap(),
        bagit.path().parent().unwrap(),
    ];
    let path = format!(
        "{}:{}:{}:{}",
        folders[0].display(),
        folders[1].display(),
        folders[2].display(),
        std::env::var("PATH").unwrap()
    );
    let run = |line: &str, inside: bool| -> Said {
        let mut command = Command::new("sh");
        command.args(["-c", line]).env("PATH", &path);
        said(command.current_dir(if inside { folder.clone() } else { desk.at(".") }))
    };
    let commands = printed(std::str::from_utf8(&files["data/index.html"]).unwrap());
    let mut programs = Vec::new();
    for line in &commands {
        let inside = !line.contains("policy.txt");
        let done = run(line, inside);
        assert_eq!(done.code, 0, "{line}: {done:?}");
        if line.contains("sum -c") || line.contains("bagit") {
            assert_eq!((done.out.as_str(), done.err.as_str()), ("", ""), "{line}");
        }
        programs.push(line.split(' ').next().unwrap().to_owned());
    }
    for program in [
        "holdfast",
        "python3",
        "sha256sum",
        "sha512sum",
        "bagit.py",
        "openssl",
    ] {
        assert!(
            programs.iter().any(|p| p == program),
            "{program}: {commands:?}"
        );
    }
    let content = files
        .keys()
        .find(|path| path.ends_with("/content"))
        .unwrap();
    fs::write(folder.join(content), "oneX").unwrap();
    for line in commands
        .iter()
        .filter(|line| !line.contains("openssl") && !line.contains("tagmanifest"))
    {
        let done = run(line, !line.contains("policy.txt"));
        assert_ne!(done.code, 0, "{line} misses an altered original");
    }
}
