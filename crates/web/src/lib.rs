//! Pages: server-rendered, every act a plain form. No rules here.
//!
//! Read `routes.rs` first: the whole URL map on one screen, each line with who may.
//! A request passes `guard` (headers, sign-in, form token, limits), then one file of `pages`;
//! errors become a status and a page in `problem.rs` and nowhere else.

pub mod app;
pub mod frame;
pub mod guard;
pub mod pages;
pub mod paths;
pub mod problem;
pub mod routes;
mod serve;
pub mod text;

pub use serve::{Reach, origins, serve};
