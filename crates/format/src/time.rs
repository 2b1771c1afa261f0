//! Instants in UTC with microseconds, in one spelling only (format.md §1).

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::id::serde_as_text;

const DAY: i64 = 86_400_000_000;
const YEAR_1: i64 = -719_162 * DAY;
const YEAR_10000: i64 = 2_932_897 * DAY;

/// Says that a text or number is not an instant Holdfast can write.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0} is not an instant of the years 1 to 9999; write it as 2026-03-04T18:22:07.000000Z")]
pub struct InstantError(String);

/// Holds an instant between the years 1 and 9999, to the microsecond, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// Takes microseconds since 1970 and refuses what lies outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, InstantError> {
        if (YEAR_1..YEAR_10000).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(InstantError(format!("{micros} µs")))
        }
    }

    /// Returns the microseconds since 1970, negative before it.
    pub fn micros(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let rest = self.0.rem_euclid(DAY);
        let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"
        )
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = InstantError;

    fn from_str(text: &str) -> Result<Self, InstantError> {
        read(text.as_bytes()).ok_or_else(|| InstantError(format!("{text:?}")))
    }
}

serde_as_text!(Instant);

fn read(text: &[u8]) -> Option<Instant> {
    let fits = |(&byte, &shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    let shape = b"0000-00-00T00:00:00.000000Z";
    if text.len() != shape.len() || !text.iter().zip(shape).all(fits) {
        return None;
    }
    let number = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    if year == 0 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(year, month, day);
    // A day or month that does not exist comes back as another date.
    if !(1..=12).contains(&month) || date(days) != (year, month, day) {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second;
    Some(Instant(days * DAY + seconds * 1_000_000 + number(20, 26)))
}

/// Counts the days from 1970-01-01 to a date of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + (153 * since_march + 2) / 5 + day - 719_469
}

/// Returns year, month and day of a number of days since 1970-01-01.
fn date(since_1970: i64) -> (i64, i64, i64) {
    let since_0 = since_1970 + 719_468;
    let (cycle, in_cycle) = (since_0.div_euclid(146_097), since_0.rem_euclid(146_097));
    let leapless = in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096;
    let year = leapless / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let since_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * since_march + 2) / 5 + 1;
    let month = (since_march + 2) % 12 + 1;
    (cycle * 400 + year + i64::from(month <= 2), month, day)
}
