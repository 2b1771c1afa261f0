//! Parameters of statements.

/// Carries one parameter, of a type that every database stores alike.
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
    Text: String, &str;
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

impl From<&String> for Arg {
    fn from(v: &String) -> Self {
        Self::Text(Some(v.clone()))
    }
}

/// Makes the list of arguments of a statement from values of any type an [`Arg`] is made from.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Arg::from($value)),*] };
}
