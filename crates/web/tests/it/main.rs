//! What the pages promise, tried through the door a browser uses.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is not as promised"
)]

mod away;
mod browser;
mod fixture;
mod forgery;
mod front;
mod headers;
mod hostile;
mod jobs;
mod markup;
mod routes;
mod sample;
mod sign_ins;
mod style;
mod visitor;
mod walk;
