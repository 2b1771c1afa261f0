//! Keeping it, provably: check, and later repair, back up, witness, destroy.
