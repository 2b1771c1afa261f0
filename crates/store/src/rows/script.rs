//! Turns a script that makes tables from the dialect of SQLite into that of PostgreSQL.
//!
//! Two things differ, both in the type of a column: `blob` is `bytea` there, and a `text` column
//! sorts by bytes, as in SQLite, only with `collate "C"`. Everything else is left as it is.

#[cfg(test)]
mod tests;

/// A piece of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    /// A name or keyword without quotes.
    Word(&'a str),
    /// A name in double quotes.
    Quoted(&'a str),
    /// A bracket, comma, semicolon or any other character.
    Mark(&'a str),
    /// A string, number, comment or white space: never a type, kept as it is.
    Other(&'a str),
}

/// Where in a statement the next piece stands, as far as it matters to find the types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Nothing of the statement was read.
    Start,
    /// After `create` (and `temporary`, `unlogged`).
    Create,
    /// After `create table`, before its bracket.
    Table,
    /// After `alter`.
    Alter,
    /// Inside `alter table`, before `add`.
    Change,
    /// A column's name is next.
    Name,
    /// A column's type is next.
    Type,
    /// In the rest of a column.
    Rest,
    /// In a statement without columns.
    Elsewhere,
}

/// Gives the same script as PostgreSQL wants it.
pub(super) fn for_postgres(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 256);
    let mut at = At::Start;
    let mut depth = 0_usize;
    let mut altering = false;
    let mut left = sql;
    while let Some(piece) = next(&mut left) {
        let text = match piece {
            Piece::Other(text) => {
                out.push_str(text);
                continue;
            }
            Piece::Mark(mark) => {
                match mark {
                    "(" => depth += 1,
                    ")" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                at = match (mark, depth, at) {
                    (";", ..) => At::Start,
                    ("(", 1, At::Table) => At::Name,
                    (",", 0, At::Type | At::Rest) if altering => At::Change,
                    (",", 1, At::Type | At::Rest) if !altering => At::Name,
                    (_, _, At::Type) => At::Rest,
                    (.., same) => same,
                };
                if at == At::Start {
                    depth = 0;
                }
                mark
            }
            Piece::Quoted(name) => {
                at = after(at, "\"");
                name
            }
            Piece::Word(word) => {
                let lower = word.to_ascii_lowercase();
                let here = at;
                at = after(at, &lower);
                altering = match at {
                    At::Change => true,
                    At::Table => false,
                    _ => altering,
                };
                match (here, lower.as_str()) {
                    (At::Type, "blob") => "bytea",
                    (At::Type, "text") => "text collate \"C\"",
                    _ => word,
                }
            }
        };
        out.push_str(text);
    }
    out
}

/// Moves on over one word; a quoted name comes as `"`.
fn after(at: At, word: &str) -> At {
    match (at, word) {
        (At::Start, "create") => At::Create,
        (At::Start, "alter") => At::Alter,
        (At::Create, "temporary" | "temp" | "unlogged") => At::Create,
        (At::Create, "table") => At::Table,
        (At::Alter, "table") => At::Change,
        (At::Change, "add") => At::Name,
        (At::Change | At::Table, _) => at,
        (At::Name, "column" | "if" | "not" | "exists") => At::Name,
        // A rule of the table, not a column.
        (At::Name, "constraint" | "primary" | "unique" | "check" | "foreign" | "exclude") => {
            At::Rest
        }
        (At::Name, _) => At::Type,
        (At::Type | At::Rest, _) => At::Rest,
        (At::Start | At::Create | At::Alter | At::Elsewhere, _) => At::Elsewhere,
    }
}

/// Takes the next piece off the front; the pieces together are the whole text.
fn next<'a>(left: &mut &'a str) -> Option<Piece<'a>> {
    let first = left.chars().next()?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (kind, length): (fn(&'a str) -> Piece<'a>, usize) = match first {
        '\'' => (Piece::Other, quoted(left, '\'')),
        '"' => (Piece::Quoted, quoted(left, '"')),
        '-' if left.starts_with("--") => (Piece::Other, left.find('\n').unwrap_or(left.len())),
        '/' if left.starts_with("/*") => (
            Piece::Other,
            left.find("*/").map_or(left.len(), |end| end + 2),
        ),
        c if c.is_whitespace() => (
            Piece::Other,
            left.find(|c: char| !c.is_whitespace())
                .unwrap_or(left.len()),
        ),
        c if c.is_ascii_digit() => (Piece::Other, left.find(|c| !word(c)).unwrap_or(left.len())),
        c if word(c) => (Piece::Word, left.find(|c| !word(c)).unwrap_or(left.len())),
        c => (Piece::Mark, c.len_utf8()),
    };
    let (piece, rest) = left.split_at(length);
    *left = rest;
    Some(kind(piece))
}

/// Measures what begins with a quote, up to the quote that ends it; a doubled one stands for itself.
fn quoted(text: &str, quote: char) -> usize {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}
