//! Getting material in, unaltered.
