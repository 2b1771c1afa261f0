//! The fields of the index and how tantivy is told to read words.

use std::vec;

use tantivy::schema::{
    FAST, Field as Column, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use super::words::{Word, Words};

/// Raised whenever a field, a word border, a folding or a stem changes: an
/// index of another version is made anew.
pub(super) const VERSION: u32 = 1;

const TOKENIZER: &str = "holdfast";

/// The columns of the index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) seq: Column,
    pub(super) item: Column,
    pub(super) compartment: Column,
    pub(super) level: Column,
    pub(super) name: Column,
    pub(super) path: Column,
    pub(super) source: Column,
    pub(super) text: Column,
    pub(super) sha256: Column,
    pub(super) media: Column,
    pub(super) collected_at: Column,
}

/// The name of the fast column with the log number.
pub(super) const SEQ: &str = "seq";
/// The name of the fast column with the compartment.
pub(super) const COMPARTMENT: &str = "compartment";
/// The name of the fast column with the level.
pub(super) const LEVEL: &str = "level";

/// Returns the schema and its columns.
pub(super) fn schema() -> (Schema, Fields) {
    // No field norms: nothing about other documents or lengths enters a rank.
    let words = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default()
        .set_indexing_options(words)
        .set_stored();
    let mut schema = Schema::builder();
    let fields = Fields {
        seq: schema.add_u64_field(SEQ, INDEXED | FAST | STORED),
        item: schema.add_text_field("item", STRING | STORED),
        compartment: schema.add_text_field(COMPARTMENT, STRING | FAST),
        level: schema.add_u64_field(LEVEL, FAST),
        name: schema.add_text_field("name", words.clone()),
        path: schema.add_text_field("path", words.clone()),
        source: schema.add_text_field("source", words.clone()),
        text: schema.add_text_field("text", words),
        sha256: schema.add_text_field("sha256", STRING | STORED),
        media: schema.add_text_field("media", STRING | FAST),
        collected_at: schema.add_i64_field("collected_at", FAST),
    };
    (schema.build(), fields)
}

/// Returns tantivy's tokenizers with ours among them.
pub(super) fn tokenizers() -> TokenizerManager {
    let all = TokenizerManager::default();
    all.register(TOKENIZER, IndexWords);
    all
}

/// Gives tantivy every key of every word, several at one position.
#[derive(Debug, Clone, Copy)]
struct IndexWords;

impl Tokenizer for IndexWords {
    type TokenStream<'a> = Keys<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Keys<'a> {
        Keys {
            words: Words::of(text),
            keys: Vec::new().into_iter(),
            token: Token::default(),
        }
    }
}

struct Keys<'a> {
    words: Words<'a>,
    keys: vec::IntoIter<String>,
    token: Token,
}

impl Keys<'_> {
    fn enter(&mut self, word: &Word) {
        self.token.offset_from = word.start;
        self.token.offset_to = word.end;
        self.token.position = word.position;
        self.keys = word.keys().into_iter();
    }
}

impl TokenStream for Keys<'_> {
    fn advance(&mut self) -> bool {
        loop {
            if let Some(key) = self.keys.next() {
                self.token.text = key;
                return true;
            }
            let Some(word) = self.words.next() else {
                return false;
            };
            self.enter(&word);
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
