//! One pass over the bytes for what `serde_json` has rounded, joined or renamed by the time it calls us.

use super::{INTEGER_LIMIT, JsonError, LEVELS};

/// Refuses deep nesting, numbers that are not small integers, and lone surrogates; leaves syntax to the parser.
pub(super) fn scan(bytes: &[u8]) -> Result<(), JsonError> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = string(bytes, at)?,
            b'-' | b'0'..=b'9' => at = number(bytes, at - 1)?,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > LEVELS {
            return Err(JsonError::TooDeep);
        }
    }
    Ok(())
}

/// Returns the place after the string whose first character is at `at`.
fn string(bytes: &[u8], mut at: usize) -> Result<usize, JsonError> {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' => match unit(bytes, at) {
                Some(0xDC00..=0xDFFF) => return Err(JsonError::LoneSurrogate),
                Some(0xD800..=0xDBFF) => match unit(bytes, at + 6) {
                    Some(0xDC00..=0xDFFF) => at += 12,
                    _ => return Err(JsonError::LoneSurrogate),
                },
                _ => at += 2,
            },
            _ => at += 1,
        }
    }
    Ok(at)
}

/// Reads `\uXXXX` at `at`, if that is what stands there.
fn unit(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

/// Returns the place after the number that begins at `at`.
fn number(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    let rest = bytes.get(at..).unwrap_or_default();
    let part = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let token = rest.split(|b| !part(b)).next().unwrap_or_default();
    if token.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
        return Err(JsonError::NotInteger);
    }
    let size = token
        .iter()
        .filter(|b| b.is_ascii_digit())
        .fold(0_u64, |sum, &digit| {
            sum.saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
    if size >= INTEGER_LIMIT {
        return Err(JsonError::TooBig);
    }
    Ok(at + token.len())
}
