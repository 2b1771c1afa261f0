//! Page captures, in the formats that other web archives read.

pub mod warc;
