//! An opened archive: append, read as somebody, search, rebuild.
