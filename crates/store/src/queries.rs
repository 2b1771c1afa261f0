/// Gives queries names, and lists them, so that a test can prepare every one on every database.
///
/// Makes a constant of each and the list `NAMED` of all of them, for the module it is used in.
#[macro_export]
macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* pub(crate) const $name: &str = $sql;)+
        /// Every query of this module, by name.
        pub(crate) const NAMED: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}
