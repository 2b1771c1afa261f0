//! BagIt (RFC 8493): the outer shape of a dossier, written strictly and read more strictly still.

mod digest;
mod foreign;
mod info;
mod manifest;
mod md5;
mod path;
#[cfg(test)]
mod tests;

pub use digest::Algorithm;
pub use foreign::{ForeignBag, ForeignFile, ForeignReport, foreign_algorithms};
pub use info::{BAGIT_TXT, BagInfo, Oxum, parse_bag_info};
pub use manifest::{FileDigests, Manifest, manifest_name, write_manifest};
pub use path::{PATH_LIMIT, PathFault, Rules, check_path, fold};
