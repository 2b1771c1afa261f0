use std::result::Result;

use proptest::prelude::*;

use super::*;

/// Feeds an answer in pieces of this size, then closes.
fn read(answer: &[u8], most: usize, piece: usize) -> Result<Vec<u8>, String> {
    let mut reading = Reading::new(most);
    for part in answer.chunks(piece) {
        if let Some(whole) = reading.take(part)? {
            return Ok(whole);
        }
    }
    reading.end()
}

const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n";

#[test]
fn an_answer_is_read_the_same_in_pieces_of_any_size() {
    let length: &[u8] =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-LENGTH: 3\r\n\r\nabcdef";
    let closed: &[u8] = b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\nabc";
    for piece in 1..100 {
        assert_eq!(read(length, 3, piece).unwrap(), b"abc");
        assert_eq!(read(closed, 3, piece).unwrap(), b"abc");
        assert_eq!(read(CHUNKED, 13, piece).unwrap(), b"abc0123456789");
    }
}

#[test]
fn an_answer_that_is_too_large_cut_off_or_odd_is_refused() {
    let bad: [&[u8]; 14] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n12345678901234",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nE\r\n12345678901234\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://x.example/\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-x\r\n\r\n",
        b"",
    ];
    for answer in bad {
        assert!(
            read(answer, 13, 7).is_err(),
            "{}",
            String::from_utf8_lossy(answer)
        );
    }
    let endless = [b"HTTP/1.1 200 OK\r\nA: ".as_slice(), &[b'x'; 40_000]].concat();
    assert!(Reading::new(13).take(&endless).is_err());
}

#[test]
fn only_plain_http_addresses_are_spoken_to() {
    let a = Address::parse("http://tsa.example").unwrap();
    assert_eq!(
        (a.host, a.port, a.authority, a.path.as_str()),
        ("tsa.example", 80, "tsa.example", "/")
    );
    let a = Address::parse("http://[::1]:3161/tsr?x=1").unwrap();
    assert_eq!(
        (a.host, a.port, a.authority, a.path.as_str()),
        ("::1", 3161, "[::1]:3161", "/tsr?x=1")
    );
    for bad in [
        "ftp://a/",
        "a",
        "http://",
        "http:///x",
        "http://a:0/",
        "http://a:65536/",
        "http://a:+1/",
        "http://a:/",
        "http://u:p@a/",
        "http://a/#f",
        "http://a/ b",
        "http://a/\r\nX: y",
        "http://ä/",
        "http://[::1/",
        "http://a]/",
    ] {
        assert!(Address::parse(bad).is_err(), "{bad:?}");
    }
    let refused = Address::parse("HTTPS://tsa.example/")
        .unwrap_err()
        .to_string();
    assert!(refused.contains("openssl"), "{refused}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_stop_working(answer in proptest::collection::vec(any::<u8>(), 0..200), piece in 1_usize..50) {
        drop(read(&answer, 50, piece));
        drop(read(&[CHUNKED, &answer].concat(), 50, piece));
        drop(read(&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", &answer[..]].concat(), 50, piece));
    }
}
