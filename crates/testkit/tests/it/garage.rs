//! What a test may expect of its own Garage.

use std::path::Path;
use std::process::{Command, Output};

use testkit::services::{Garage, REGION, is_running, shared_s3};
use testkit::tools::need;

/// What a client says who it is.
struct Key<'a>(&'a str, &'a str);

/// Asks with `curl`, which signs as any client of S3 does; exit 22 is a refusal.
fn curl(key: &Key<'_>, url: &str, more: &[&str]) -> Output {
    let signing = format!("aws:amz:{REGION}:s3");
    let mut command = Command::new("curl");
    command.args(["-sS", "--fail", "--noproxy", "*", "--aws-sigv4", &signing]);
    command.args(["-u", &format!("{}:{}", key.0, key.1)]);
    command.args(["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
    command.args(more).arg(url).output().unwrap()
}

fn put(key: &Key<'_>, url: &str, file: &Path) -> Output {
    curl(key, url, &["-T", file.to_str().unwrap()])
}

fn sample(bytes: usize) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..=250).cycle().take(bytes).collect();
    std::io::Write::write_all(&mut file.as_file(), &content).unwrap();
    file
}

#[test]
fn an_object_is_read_and_written_while_one_node_of_three_is_dead_and_after_it_came_back() {
    if need("garage").is_none() || need("curl").is_none() {
        return;
    }
    let garage = Garage::start(3);
    let key = Key(garage.key(), garage.secret());
    let at = |n: usize, name: &str| {
        let endpoint = &garage.endpoints()[n - 1];
        format!("{endpoint}/{}/{name}", garage.bucket())
    };
    let file = sample(3_000_000);
    let content = std::fs::read(file.path()).unwrap();
    let got = |n, name| {
        let said = curl(&key, &at(n, name), &[]);
        assert!(said.status.success(), "{said:?}");
        said.stdout == content
    };
    assert!(put(&key, &at(3, "before"), file.path()).status.success());
    let third = garage.pids()[2];
    garage.kill(3);
    assert!(!is_running(third));
    assert!(!curl(&key, &at(3, "before"), &[]).status.success());
    assert!(got(1, "before"));
    assert!(put(&key, &at(2, "meanwhile"), file.path()).status.success());
    garage.start_again(3);
    garage.wait_healthy();
    assert!(got(3, "before") && got(3, "meanwhile"));
    // Two nodes hold everything: the one that was away and any other.
    garage.kill(1);
    assert!(got(3, "meanwhile"));
    let (pids, folder) = (garage.pids(), garage.folder().to_owned());
    assert_eq!(pids.len(), 2);
    drop(garage);
    assert!(!pids.iter().any(|pid| is_running(*pid)));
    assert!(!folder.exists());
}

#[test]
fn a_key_without_rights_is_refused_in_every_bucket_of_a_single_node() {
    if need("garage").is_none() || need("curl").is_none() {
        return;
    }
    let garage = Garage::start(1);
    garage.create_bucket("other");
    let file = sample(10);
    let (id, secret) = garage.new_key_without_rights();
    let stranger = Key(&id, &secret);
    let owner = Key(garage.key(), garage.secret());
    for bucket in [garage.bucket(), "other"] {
        let url = format!("{}/{bucket}/name", garage.endpoints()[0]);
        assert_eq!(put(&stranger, &url, file.path()).status.code(), Some(22));
        assert!(put(&owner, &url, file.path()).status.success());
        let said = curl(&stranger, &url, &[]);
        assert!(String::from_utf8(said.stderr).unwrap().contains("403"));
    }
}

#[test]
fn the_storage_of_this_run_takes_an_object_at_one_node_and_gives_it_at_another() {
    let Some(s3) = shared_s3() else { return };
    if need("curl").is_none() {
        return;
    }
    let key = Key(&s3.key, &s3.secret);
    let file = sample(1000);
    let name = format!("{}/a", file.path().file_name().unwrap().to_str().unwrap());
    let at = |endpoint: &String| format!("{endpoint}/{}/{name}", s3.bucket);
    let first = s3.endpoints.first().unwrap();
    assert!(put(&key, &at(first), file.path()).status.success());
    let said = curl(&key, &at(s3.endpoints.last().unwrap()), &[]);
    assert_eq!(said.stdout, std::fs::read(file.path()).unwrap());
}
