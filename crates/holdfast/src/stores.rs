//! Database and bucket as the command line names them, and credentials as the environment gives them.

use crate::cli::Stores;
use archive::{Error, Result, Secrets, Shared, Why};
use store::Secret;

/// What the environment gives; what it does not give is looked for in `keys/store.toml`.
pub(crate) fn secrets() -> Secrets {
    let named = |name: &str| {
        let value = std::env::var(name).ok().filter(|v| !v.is_empty());
        value.map(Secret::new)
    };
    Secrets {
        rows_password: named("HOLDFAST_ROWS_PASSWORD"),
        objects_access_key: named("AWS_ACCESS_KEY_ID"),
        objects_secret_key: named("AWS_SECRET_ACCESS_KEY"),
    }
}

/// The places that the flags name; none when everything is to lie in the folder.
pub(crate) fn named(args: &Stores) -> Result<Option<Shared>> {
    let shared = match (&args.config, &args.rows, &args.objects) {
        (Some(file), ..) => {
            let bytes = std::fs::read(file).map_err(|e| {
                Error::new(
                    Why::Invalid,
                    format!("{} cannot be read: {e}", file.display()),
                )
                .next("Name a file like the holdfast.toml of another archive")
            })?;
            Some(Shared::read(&bytes)?)
        }
        (None, Some(rows), Some(objects)) => Some(Shared {
            rows: rows.clone(),
            rows_ca: args.rows_ca.clone(),
            objects: objects.clone(),
            objects_endpoint: args.endpoint.clone(),
            objects_region: args.region.clone(),
        }),
        _ => None,
    };
    shared.map(Shared::checked).transpose()
}
