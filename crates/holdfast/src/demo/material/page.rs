//! A capture of one invented news page: what was asked for, and what an invented server answered.

use format::capture::warc::{Kind, Record, RecordId, Writer};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::news::{HEADLINE, INVENTED, QUOTATIONS};

const PAGE: &str = "https://news.example.invalid/eastbridge";
const PICTURE: &str = "https://news.example.invalid/school.jpg";

/// Builds the compressed WARC: a description, then request and response for the page and its picture.
pub(super) fn capture(picture: &[u8]) -> anyhow::Result<Vec<u8>> {
    let time = |text: &str| text.parse::<Timestamp>();
    let mut warc = Writer::new();
    let about = format!(
        "software: holdfast demo\r\nformat: WARC File Format 1.1\r\ndescription: {INVENTED}\r\n"
    );
    warc.push(&Record {
        id: id("about"),
        kind: Kind::Info,
        date: time("2026-03-20T09:00:00Z")?,
        uri: None,
        concurrent_to: None,
        content_type: "application/warc-fields",
        block: about.as_bytes(),
    })?;
    exchange(
        &mut warc,
        PAGE,
        time("2026-03-20T09:00:01Z")?,
        "text/html; charset=utf-8",
        html().as_bytes(),
    )?;
    exchange(
        &mut warc,
        PICTURE,
        time("2026-03-20T09:00:02Z")?,
        "image/jpeg",
        picture,
    )?;
    Ok(warc.finish())
}

fn exchange(
    warc: &mut Writer,
    uri: &str,
    date: Timestamp,
    media: &str,
    body: &[u8],
) -> anyhow::Result<()> {
    let path = uri.rsplit('/').next().unwrap_or_default();
    let request = format!(
        "GET /{path} HTTP/1.1\r\nHost: news.example.invalid\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    let response = id(&format!("response {uri}"));
    warc.push(&Record {
        id: id(&format!("request {uri}")),
        kind: Kind::Request,
        date,
        uri: Some(uri),
        concurrent_to: Some(response),
        content_type: "application/http; msgtype=request",
        block: request.as_bytes(),
    })?;
    warc.push(&Record {
        id: response,
        kind: Kind::Response,
        date,
        uri: Some(uri),
        concurrent_to: None,
        content_type: "application/http; msgtype=response",
        block: &answer,
    })?;
    Ok(())
}

/// Derives an id from a name, because a demonstration is the same in every run.
fn id(name: &str) -> RecordId {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    RecordId::from_unique(bytes)
}

fn html() -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{HEADLINE} (invented)</title>\n\
         <style>body{{max-width:42rem;margin:2rem auto;font:1.1rem/1.5 serif}}\
         .notice{{background:#fd6;padding:.5rem}}img{{width:100%}}</style>\n</head>\n<body>\n\
         <p class=\"notice\">{INVENTED}</p>\n<h1>{HEADLINE}</h1>\n\
         <p>The Example Courier, 20 March 2026</p>\n\
         <img src=\"/school.jpg\" width=\"400\" height=\"266\" alt=\"Drawing of the school with a fallen corner\">\n"
    );
    for quotation in &QUOTATIONS {
        page.push_str(&format!(
            "<p>{}:</p>\n<blockquote>“{}.”",
            quotation.lead(),
            quotation.words
        ));
        if let Some((language, words)) = quotation.original {
            page.push_str(&format!(
                "<br>In the original: <q lang=\"{language}\">{words}.</q>"
            ));
        }
        page.push_str("</blockquote>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}
