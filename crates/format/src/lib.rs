//! Entries, disclosures, digests, signatures, proofs, dossiers, and how to check them. No I/O, no async.
