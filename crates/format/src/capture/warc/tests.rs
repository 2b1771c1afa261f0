use std::io::Read as _;

use flate2::read::{GzDecoder, MultiGzDecoder};
use proptest::prelude::*;

use super::*;

fn record(kind: Kind, block: &[u8]) -> Record<'_> {
    Record {
        id: RecordId::from_unique([0xff; 16]),
        kind,
        date: "2026-03-20T09:00:01.75Z".parse().unwrap(),
        uri: (kind != Kind::Info).then_some("https://news.example.invalid/a?b=%20"),
        concurrent_to: None,
        content_type: "text/plain",
        block,
    }
}

fn member(file: &[u8], span: Span) -> Vec<u8> {
    let from = usize::try_from(span.offset).unwrap();
    let to = from + usize::try_from(span.length).unwrap();
    let mut plain = Vec::new();
    GzDecoder::new(&file[from..to])
        .read_to_end(&mut plain)
        .unwrap();
    plain
}

fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split("\r\n")
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn split(plain: &[u8]) -> (&str, &[u8]) {
    let ends = plain
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap();
    let header = std::str::from_utf8(&plain[..ends]).unwrap();
    let length: usize = field(header, "Content-Length").unwrap().parse().unwrap();
    let block = &plain[ends + 4..ends + 4 + length];
    assert_eq!(
        &plain[ends + 4 + length..],
        b"\r\n\r\n",
        "a record ends with two line ends"
    );
    (header, block)
}

#[test]
fn base32_agrees_with_the_vectors_of_its_standard() {
    let vectors = [
        ("", ""),
        ("f", "MY======"),
        ("fo", "MZXQ===="),
        ("foo", "MZXW6==="),
        ("foob", "MZXW6YQ="),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI======"),
    ];
    for (plain, encoded) in vectors {
        assert_eq!(base32::encode(plain.as_bytes()), encoded);
    }
}

#[test]
fn a_response_is_written_to_the_letter() {
    let mut warc = Writer::new();
    let block = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfooba";
    let other = RecordId::from_unique([0; 16]);
    let span = warc
        .push(&Record {
            concurrent_to: Some(other),
            ..record(Kind::Response, block)
        })
        .unwrap();
    let file = warc.finish();
    let plain = member(&file, span);
    // Both digests were computed with Python's hashlib and base64.
    let expected = "WARC/1.1\r\nWARC-Type: response\r\n\
        WARC-Record-ID: <urn:uuid:ffffffff-ffff-8fff-bfff-ffffffffffff>\r\n\
        WARC-Date: 2026-03-20T09:00:01Z\r\n\
        WARC-Target-URI: https://news.example.invalid/a?b=%20\r\n\
        WARC-Concurrent-To: <urn:uuid:00000000-0000-8000-8000-000000000000>\r\n\
        WARC-Block-Digest: sha256:MSHID564XI2GMXXJTAZ2D4EIKB3ATCFBOOGTT4KZM7OW5FLW355A====\r\n\
        WARC-Payload-Digest: sha256:IHF6DKDZQFEQGUOMVVJUNWLNUCWBAZ4GOCZR7QFLECNO2G23YUKQ====\r\n\
        Content-Type: text/plain\r\nContent-Length: 43\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfooba\r\n\r\n";
    assert_eq!(std::str::from_utf8(&plain).unwrap(), expected);
}

#[test]
fn a_line_end_in_a_header_value_is_refused_and_leaves_nothing() {
    let mut warc = Writer::new();
    for uri in [
        "https://a.invalid/\r\nWARC-Type: warcinfo",
        "https://a.invalid/a b",
        "a\u{0}",
    ] {
        let bad = Record {
            uri: Some(uri),
            ..record(Kind::Resource, b"x")
        };
        assert!(matches!(
            warc.push(&bad),
            Err(Error::Garbled {
                name: "WARC-Target-URI"
            })
        ));
    }
    let bad = Record {
        content_type: "text/plain\nX: y",
        ..record(Kind::Resource, b"x")
    };
    assert!(matches!(
        warc.push(&bad),
        Err(Error::Garbled {
            name: "Content-Type"
        })
    ));
    assert!(warc.finish().is_empty());
}

#[test]
fn only_a_description_goes_without_an_address() {
    let mut warc = Writer::new();
    for kind in [
        Kind::Request,
        Kind::Response,
        Kind::Resource,
        Kind::Metadata,
    ] {
        for uri in [None, Some("")] {
            let bad = Record {
                uri,
                ..record(kind, b"GET / HTTP/1.1\r\n\r\n")
            };
            assert!(
                matches!(warc.push(&bad), Err(Error::NoAddress { kind: said }) if said == kind)
            );
        }
    }
    let bad = Record {
        uri: Some("https://a.invalid/"),
        ..record(Kind::Info, b"")
    };
    assert!(matches!(warc.push(&bad), Err(Error::NeedlessAddress)));
    assert!(warc.push(&record(Kind::Info, b"")).is_ok());
}

#[test]
fn a_message_without_the_blank_line_is_refused() {
    let mut warc = Writer::new();
    let cut = record(Kind::Response, b"HTTP/1.1 200 OK\r\n");
    assert!(matches!(
        warc.push(&cut),
        Err(Error::NoHttpHeaders {
            kind: Kind::Response
        })
    ));
}

proptest! {
    #[test]
    fn every_record_is_read_back_alone_and_in_order(
        blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..6)
    ) {
        let mut warc = Writer::new();
        let spans: Vec<Span> =
            blocks.iter().map(|block| warc.push(&record(Kind::Resource, block)).unwrap()).collect();
        let file = warc.finish();
        let mut joined = Vec::new();
        let mut next = 0;
        for (block, span) in blocks.iter().zip(&spans) {
            prop_assert_eq!(span.offset, next);
            next += span.length;
            let plain = member(&file, *span);
            let (header, found) = split(&plain);
            prop_assert_eq!(found, &block[..]);
            let said = digest(block);
            prop_assert_eq!(field(header, "WARC-Block-Digest"), Some(said.as_str()));
            prop_assert_eq!(field(header, "WARC-Payload-Digest"), Some(said.as_str()));
            joined.extend(plain);
        }
        prop_assert_eq!(next, file.len() as u64);
        let mut whole = Vec::new();
        MultiGzDecoder::new(&file[..]).read_to_end(&mut whole).unwrap();
        prop_assert_eq!(whole, joined);
    }

    #[test]
    fn the_payload_is_what_follows_the_first_blank_line(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut block = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n".to_vec();
        block.extend(&body);
        let mut warc = Writer::new();
        let span = warc.push(&record(Kind::Response, &block)).unwrap();
        let plain = member(&warc.finish(), span);
        let (header, found) = split(&plain);
        prop_assert_eq!(found, &block[..]);
        let said = digest(&body);
        prop_assert_eq!(field(header, "WARC-Payload-Digest"), Some(said.as_str()));
    }
}
