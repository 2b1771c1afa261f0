//! Tests of the format through its public door.

#[cfg(test)]
mod bag_suite;
#[cfg(test)]
mod dossier;
#[cfg(test)]
mod dossier_check;
#[cfg(test)]
mod dossier_faults;
#[cfg(test)]
mod dossier_flips;
mod dossier_time;
#[cfg(test)]
mod dossier_tools;
mod kind;
mod log;
mod log_golden;
mod log_note;
mod log_policy;
mod log_tile;
mod log_timestamp;
mod log_tree;
mod log_vectors;
mod record;
mod record_mutated;
mod record_refused;
mod record_signature;
mod record_support;
