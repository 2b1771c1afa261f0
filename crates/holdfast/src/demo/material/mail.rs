//! One invented mail: encoded subject, a text part in Ukrainian, one small picture.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BOUNDARY: &str = "=_demo_part_boundary_1";

const SUBJECT: &str = "Питання про міст через Вельну (вигадано для демонстрації)";

const BODY: &str = "ВИГАДАНО ДЛЯ ДЕМОНСТРАЦІЇ. Такого мосту, селища та події не існує.\r\n\
    \r\n\
    Добрий день,\r\n\
    \r\n\
    надсилаю зменшене фото мосту, зроблене вранці 5 березня 2026 року. Міст цілий, але закритий.\r\n\
    Повне фото маю у себе; за потреби передам на носії.\r\n\
    Прошу не публікувати моє ім'я.\r\n\
    \r\n\
    Р. Читач\r\n";

/// Builds the message with `picture` as its attachment.
pub(super) fn message(picture: &[u8]) -> Vec<u8> {
    let subject = encoded_words(SUBJECT);
    let sender = encoded_words("Р. Читач");
    let (body, picture) = (lines(BODY.as_bytes()), lines(picture));
    format!(
        "Comments: INVENTED FOR DEMONSTRATION. No such person, place or event exists.\r\n\
         Date: Fri, 06 Mar 2026 18:05:12 +0400\r\n\
         From: {sender} <reader@eastbridge.invalid>\r\n\
         To: Inquiry Desk <inquiry@example.org>\r\n\
         Subject: {subject}\r\n\
         Message-ID: <20260306140512.1@eastbridge.invalid>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\
         \r\n\
         --{BOUNDARY}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Language: uk\r\n\
         Content-Transfer-Encoding: base64\r\n\
         \r\n\
         {body}\
         --{BOUNDARY}\r\n\
         Content-Type: image/jpeg; name=\"bridge-small.jpg\"\r\n\
         Content-Disposition: attachment; filename=\"bridge-small.jpg\"\r\n\
         Content-Transfer-Encoding: base64\r\n\
         \r\n\
         {picture}\
         --{BOUNDARY}--\r\n"
    )
    .into_bytes()
}

/// Encodes text for a header (RFC 2047): no word over 75 characters, no letter split between two.
pub(super) fn encoded_words(text: &str) -> String {
    let mut chunks = vec![String::new()];
    for letter in text.chars() {
        if chunks
            .last()
            .is_some_and(|chunk| chunk.len() + letter.len_utf8() > 42)
        {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(letter);
        }
    }
    let words: Vec<_> = chunks
        .iter()
        .map(|chunk| format!("=?UTF-8?B?{}?=", STANDARD.encode(chunk)))
        .collect();
    words.join("\r\n ")
}

/// Encodes bytes as base64 in lines of at most 76 characters.
fn lines(bytes: &[u8]) -> String {
    bytes
        .chunks(57)
        .map(|chunk| STANDARD.encode(chunk) + "\r\n")
        .collect()
}
