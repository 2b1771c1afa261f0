//! What leaves the machine, against a server on loopback.

use std::time::Duration;

use store::Error;
use store::outbound::{Answer, Limits, Purpose, post};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::wait;

const LIMITS: Limits = Limits {
    bytes: 100,
    time: Duration::from_secs(30),
};

/// Serves one connection with this answer; returns what was heard and what the caller was told.
async fn against(
    answer: &'static [u8],
    limits: Limits,
) -> (Vec<u8>, store::Result<Answer>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/tsr", listener.local_addr().unwrap());
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"request body") {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0);
        }
        stream.write_all(answer).await.unwrap();
        if answer.is_empty() {
            drop(stream.read_buf(&mut heard).await); // silent until the other side gives up
        }
        heard
    };
    let ask = post(
        &url,
        Purpose::Timestamp,
        "application/timestamp-query",
        b"request body",
        limits,
    );
    let (heard, told) = tokio::join!(serve, ask);
    (heard, told, url)
}

#[test]
fn exactly_the_body_and_five_plain_lines_leave_and_are_recorded() {
    wait(async {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntoken";
        let (heard, told, url) = against(answer, LIMITS).await;
        let told = told.unwrap();
        assert_eq!(told.body, b"token");
        assert_eq!(
            (told.sent.bytes, &told.sent.url, told.sent.purpose),
            (12, &url, Purpose::Timestamp)
        );
        let host = url
            .strip_prefix("http://")
            .unwrap()
            .strip_suffix("/tsr")
            .unwrap();
        let expected = format!(
            "POST /tsr HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/timestamp-query\r\nContent-Length: 12\r\nConnection: close\r\n\r\nrequest body"
        );
        assert_eq!(String::from_utf8(heard).unwrap(), expected);
    });
}

#[test]
fn a_silent_broken_or_refusing_server_is_an_error_that_names_it() {
    wait(async {
        let soon = Limits {
            time: Duration::from_millis(50),
            ..LIMITS
        };
        for (answer, limits) in [
            (b"".as_slice(), soon),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntok", LIMITS),
            (b"HTTP/1.1 503 Busy\r\n\r\n", LIMITS),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", LIMITS),
        ] {
            let (_, told, url) = against(answer, limits).await;
            let Err(Error::Network { what, .. }) = told else {
                panic!("{told:?}")
            };
            assert!(url.contains(what.split(' ').next().unwrap()), "{what}");
        }
        let closed = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap();
        let told = post(
            &format!("http://{closed}/"),
            Purpose::Timestamp,
            "a/b",
            b"",
            LIMITS,
        )
        .await;
        assert!(
            matches!(
                told,
                Err(Error::Network {
                    source: Some(_),
                    ..
                })
            ),
            "{told:?}"
        );
    });
}

#[test]
fn nothing_is_sent_over_https_or_with_a_forged_header() {
    wait(async {
        let https = post(
            "https://127.0.0.1:1/",
            Purpose::Timestamp,
            "a/b",
            b"",
            LIMITS,
        )
        .await;
        assert!(matches!(https, Err(Error::Invalid { .. })));
        let forged = post(
            "http://127.0.0.1:1/",
            Purpose::Timestamp,
            "a/b\r\nX: y",
            b"",
            LIMITS,
        )
        .await;
        assert!(matches!(forged, Err(Error::Invalid { .. })));
    });
}
