//! A dossier: a bag that a stranger can check (format.md §7).
//!
//! Everything here turns facts into bytes and bytes into facts; reading and writing files is left to the caller.

pub mod bag;
pub mod fault;
pub mod layout;
pub mod report_page;
pub mod rocrate;
mod visible;

pub use visible::visible;
