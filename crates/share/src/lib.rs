//! Dossiers out, reports; later dossiers in.
