//! What the search promises, through its public functions.

mod folding;
mod hostile;
mod keeping;
mod queries;
mod scopes;
mod volume;

use super::{Doc, Found, Hit, Index, Scope};

/// Returns a document that everybody in the compartment ESTUARY may see.
fn doc(seq: u64, name: &str, text: &str) -> Doc {
    Doc {
        seq,
        item: format!("i-{seq:012}"),
        compartment: "ESTUARY".to_owned(),
        level: 1,
        name: name.to_owned(),
        text: text.to_owned(),
        sha256: format!("{seq:064x}"),
        media: "text/plain".to_owned(),
        collected_at: 1_700_000_000_000_000,
        ..Doc::default()
    }
}

/// Returns an index that holds the documents, in a folder that goes away.
fn index(docs: Vec<Doc>) -> (tempfile::TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    let last = docs.iter().map(|doc| doc.seq).max().unwrap_or(0);
    index.add(docs, last).unwrap();
    (dir, index)
}

/// Returns an index with one text per document, numbered from 1.
fn texts(texts: &[&str]) -> (tempfile::TempDir, Index) {
    let docs = texts.iter().zip(1..).map(|(text, seq)| doc(seq, "", text));
    index(docs.collect())
}

fn ask(index: &Index, query: &str) -> Found {
    let scope = [("ESTUARY".to_owned(), 1)];
    let scope = Scope {
        compartments: &scope,
    };
    index.find(query, &scope, 100, 0).unwrap()
}

/// Returns the numbers of the documents found, in order of number.
fn seqs(index: &Index, query: &str) -> Vec<u64> {
    let mut seqs = in_order(&ask(index, query).hits);
    seqs.sort_unstable();
    seqs
}

fn in_order(hits: &[Hit]) -> Vec<u64> {
    hits.iter().map(|hit| hit.seq).collect()
}

/// Returns the marked pieces of the first hit.
fn marked(index: &Index, query: &str) -> Vec<String> {
    let found = ask(index, query);
    let pieces = found.hits[0].snippet.iter();
    let marked = pieces.filter(|piece| piece.marked);
    marked.map(|piece| piece.text.clone()).collect()
}
