//! Entries, disclosures, digests, signatures, proofs, dossiers, and how to check them. No I/O, no async.
//!
//! `docs/format.md` is the normative text; section numbers in comments refer to it.
