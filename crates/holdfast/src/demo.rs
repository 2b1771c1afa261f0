//! What `holdfast demo` needs.

pub(crate) mod material;
