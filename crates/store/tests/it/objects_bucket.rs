//! How a bucket is written down, and what is refused before anything is sent.

use store::{Bucket, Error, Objects, Secret};

fn bucket(endpoint: &str) -> Bucket {
    Bucket {
        endpoint: Some(endpoint.into()),
        region: "garage".into(),
        bucket: "evidence".into(),
        prefix: String::new(),
        access_key: Secret::new("AKID"),
        secret_key: Secret::new("hush"),
        spool: "/nowhere/spool".into(),
    }
}

#[test]
fn a_bucket_is_written_with_or_without_a_prefix() {
    let both = |bucket: &str, prefix: &str| (bucket.to_owned(), prefix.to_owned());
    for (url, is) in [
        ("s3://evidence", both("evidence", "")),
        ("s3://evidence/", both("evidence", "")),
        ("s3://my.own-bucket9/a/b_c", both("my.own-bucket9", "a/b_c")),
        ("s3://evidence/a/", both("evidence", "a")),
    ] {
        assert_eq!(Bucket::parse(url).unwrap(), is);
    }
}

#[test]
fn a_bucket_that_cannot_be_is_refused_by_name() {
    for bad in [
        "evidence",
        "s3:/evidence",
        "http://evidence",
        "s3://",
        "s3://ab",
        "s3://Evidence",
        "s3://-evidence",
        "s3://evidence-",
        "s3://evi..dence",
        "s3://127.0.0.1",
        "s3://evi_dence",
        "s3://evidence/A",
        "s3://evidence//a",
        "s3://evidence/../a",
        "s3://evidence/a b",
        "s3://evidence/.a",
        "s3://key:secret@evidence/a",
        "s3://evidence?x",
        "s3://evidence/a#b",
    ] {
        let refused = Bucket::parse(bad).unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{bad}");
        assert!(
            refused.to_string().contains("; "),
            "it says what to do: {refused}"
        );
    }
}

#[test]
fn what_goes_in_clear_stays_on_this_machine() {
    for good in [
        "https://s3.archive.example",
        "https://s3.archive.example:3900",
        "http://127.0.0.1:3900",
        "http://localhost:3900",
        "http://[::1]:3900",
        "http://127.9.9.9",
    ] {
        assert!(Objects::s3(&bucket(good)).is_ok(), "{good}");
    }
    for bad in [
        "http://s3.archive.example",
        "http://10.0.0.1:3900",
        "http://localhost.example:3900",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "https://",
        "https://user:word@s3.archive.example",
        "https://s3.archive.example/path",
        "https://s3.archive.example:0",
        "https://s3.archive.example:99999",
        "s3.archive.example",
        "https://s3.archive.example?x",
        "https://s3 archive",
        "http://[::2]:3900",
        "http://[::1",
    ] {
        let refused = Objects::s3(&bucket(bad)).unwrap_err();
        assert!(matches!(refused, Error::Invalid { .. }), "{bad}");
    }
}

#[test]
fn keys_are_checked_and_never_shown() {
    let at = bucket("http://127.0.0.1:3900");
    let shown = format!("{at:?} {:?}", Objects::s3(&at).unwrap());
    assert!(
        !shown.contains("AKID") && !shown.contains("hush"),
        "{shown}"
    );
    for bad in ["", "a b", "line\n", "ключ"] {
        let odd = Bucket {
            secret_key: Secret::new(bad),
            ..at.clone()
        };
        let refused = Objects::s3(&odd).unwrap_err().to_string();
        assert!(refused.contains("secret"), "{refused}");
        assert!(bad.is_empty() || !refused.contains(bad), "{refused}");
    }
}
