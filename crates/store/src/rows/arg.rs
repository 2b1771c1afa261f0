//! Parameters of statements.

/// Carries one parameter, of a type that every database stores alike.
///
/// PostgreSQL refuses U+0000 in text and SQLite keeps it, so that the same entry would make other rows or none: made
/// from a text, an argument holds U+2400 (␀) in its place, on both. Rows are for questions; the log keeps what was
/// said, to the byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// A whole number.
    Int(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
    /// True or false.
    Bool(Option<bool>),
}

/// Makes an argument from a type and from an option of it.
macro_rules! from {
    ($($kind:ident: $($from:ty),+;)+) => {$($(
        impl From<$from> for Arg {
            fn from(v: $from) -> Self {
                Self::$kind(Some(v.into()))
            }
        }

        impl From<Option<$from>> for Arg {
            fn from(v: Option<$from>) -> Self {
                Self::$kind(v.map(Into::into))
            }
        }
    )+)+};
}

from! {
    Int: i64, i32, u32, u16, u8;
    Bytes: Vec<u8>, &[u8];
    Bool: bool;
}

impl<const N: usize> From<&[u8; N]> for Arg {
    fn from(v: &[u8; N]) -> Self {
        Self::Bytes(Some(v.to_vec()))
    }
}

impl<const N: usize> From<[u8; N]> for Arg {
    fn from(v: [u8; N]) -> Self {
        Self::Bytes(Some(v.into()))
    }
}

/// Makes an argument from a text and from an option of it.
macro_rules! from_text {
    ($($from:ty),+) => {$(
        impl From<$from> for Arg {
            fn from(v: $from) -> Self {
                Self::from(Some(v))
            }
        }

        impl From<Option<$from>> for Arg {
            fn from(v: Option<$from>) -> Self {
                Self::Text(v.map(|v| shown(v.into())))
            }
        }
    )+};
}

from_text!(String, &str, &String);

/// A text as rows hold it.
fn shown(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{2400}")
    } else {
        text
    }
}

/// Makes the list of arguments of a statement from values of any type an [`Arg`] is made from.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Arg::from($value)),*] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u0000_is_never_in_a_text_however_it_came() {
        let held = Arg::Text(Some("a\u{2400}b".to_owned()));
        let text = "a\0b".to_owned();
        let every = crate::args![
            "a\0b",
            Some("a\0b"),
            &text,
            Some(&text),
            text.clone(),
            Some(text.clone())
        ];
        assert!(every.iter().all(|arg| *arg == held), "{every:?}");
    }

    #[test]
    fn bytes_and_every_other_text_are_left_alone() {
        assert_eq!(Arg::from(*b"a\0b"), Arg::Bytes(Some(b"a\0b".to_vec())));
        assert_eq!(Arg::from("a␀b "), Arg::Text(Some("a␀b ".to_owned())));
        assert_eq!(Arg::from(None::<&str>), Arg::Text(None));
    }
}
