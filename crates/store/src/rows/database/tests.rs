use super::*;

fn read(url: &str) -> Database {
    Database::parse(url).unwrap_or_else(|e| panic!("{url}: {e}"))
}

#[test]
fn a_url_is_read_and_shown_again_as_it_was() {
    for (url, host, port, tls) in [
        (
            "postgres://mira@db.example:5433/archive",
            "db.example",
            5433,
            Tls::Required { ca: None },
        ),
        (
            "postgres://mira@127.0.0.1:5432/archive",
            "127.0.0.1",
            5432,
            Tls::Off,
        ),
        (
            "postgres://mira@localhost:5432/archive",
            "localhost",
            5432,
            Tls::Off,
        ),
        ("postgres://mira@[::1]:5432/archive", "::1", 5432, Tls::Off),
        (
            "postgres://mira@localhost:5432/archive?sslmode=verify-full",
            "localhost",
            5432,
            Tls::Required { ca: None },
        ),
        (
            "postgres://mira@[2001:db8::1]:1/archive?sslrootcert=my%20ca.pem",
            "2001:db8::1",
            1,
            Tls::Required {
                ca: Some("my ca.pem".into()),
            },
        ),
    ] {
        let at = read(url);
        assert_eq!((at.host.as_str(), at.port, &at.tls), (host, port, &tls));
        assert_eq!((at.user.as_str(), at.name.as_str()), ("mira", "archive"));
        assert_eq!(at.to_string(), url);
        assert_eq!(read(&at.to_string()), at);
    }
    let short = read("postgresql://m%40x@db.example/a%2Db%C3%A4");
    assert_eq!(
        (short.port, short.user.as_str(), short.name.as_str()),
        (5432, "m@x", "a-bä")
    );
    assert_eq!(
        short.to_string(),
        "postgres://m%40x@db.example:5432/a-b%C3%A4"
    );
}

#[test]
fn what_is_not_such_a_url_is_refused() {
    for bad in [
        "",
        "mysql://u@h/d",
        "postgres://",
        "postgres://u@h",
        "postgres://u@h/",
        "postgres://h/d",
        "postgres://@h/d",
        "postgres://u@/d",
        "postgres://u@h:/d",
        "postgres://u@h:0/d",
        "postgres://u@h:65536/d",
        "postgres://u@h:x/d",
        "postgres://u@[::1/d",
        "postgres://u@[h]/d",
        "postgres://u@h h/d",
        "postgres://u@h/d/e",
        "postgres://u@h/%4",
        "postgres://u@h/%zz",
        "postgres://u@h/%00",
        "postgres://u@h/%ff",
        "postgres://u@h/d?sslmode=require",
        "postgres://u@h/d?sslmode=disable",
        "postgres://u@h/d?options=-c%20x",
        "postgres://u@h/d?password=x",
        "postgres://u@h/d?sslrootcert=",
    ] {
        assert!(
            matches!(Database::parse(bad), Err(Error::Invalid { .. })),
            "{bad}"
        );
    }
}

#[test]
fn a_password_is_taken_from_no_url_and_shown_nowhere() {
    for url in [
        "postgres://u:hunter2@h/d",
        "postgres://u:hunter2@h:1/d?x=y",
        "postgres://u:hun@ter2@h/d",
        "postgres://u@h:hunter2/d",
        "postgres://u@h/d?password=hunter2",
    ] {
        let refused = Database::parse(url).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("ter2"), "{url}");
    }
    let words = Database::parse("postgres://u:hunter2@h/d").unwrap_err();
    assert!(words.to_string().contains("HOLDFAST_ROWS_PASSWORD"));
    let mut at = read("postgres://u@h/d");
    at.password = Some(Secret::new("hunter2"));
    assert!(!format!("{at} {at:?} {at:#?}").contains("hunter2"));
    assert_eq!(
        at.password.map(|p| p.expose().to_owned()).unwrap(),
        "hunter2"
    );
}
