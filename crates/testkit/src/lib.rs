//! Test harness: fault-injecting disk, mutators, fixed clock. Never shipped.
