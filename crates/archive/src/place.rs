//! Where an archive keeps its rows and objects: in its own folder, or in a database and a bucket that hosts share.
//!
//! The file `holdfast.toml` in the folder says so; without it everything lies in the folder. Names and addresses
//! stand in it, credentials never do: they come from the environment of the program or from `keys/store.toml`.

use crate::error::{Error, Result, Why};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use store::{Bucket, Database, Secret, Tls};

/// The file that names database and bucket.
pub(crate) const FILE: &str = "holdfast.toml";
/// The file that may hold credentials, readable by its owner only.
pub(crate) const SECRETS: &str = "keys/store.toml";

/// Names a database and a bucket for an archive that several hosts share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// `postgres://user@host:port/name`.
    pub rows: String,
    /// A file of certificates that the database's own must lead to, instead of the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_ca: Option<PathBuf>,
    /// `s3://bucket/prefix`.
    pub objects: String,
    /// The address of the object store, where it is not Amazon's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_endpoint: Option<String>,
    /// The region, as the object store names it.
    #[serde(default = "region")]
    pub objects_region: String,
}

fn region() -> String {
    "garage".to_owned()
}

/// Opens database and bucket; what the environment gives comes before what the file says.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// The password of the database's user; none where the database asks for none.
    pub rows_password: Option<Secret>,
    /// The name of the access key.
    pub objects_access_key: Option<Secret>,
    /// The access key itself.
    pub objects_secret_key: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsFile {
    rows_password: Option<String>,
    objects_access_key: Option<String>,
    objects_secret_key: Option<String>,
}

impl Shared {
    /// Reads the file.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|e| unreadable(FILE, &e.to_string()))?;
        let shared: Self = toml::from_str(text).map_err(|e| unreadable(FILE, e.message()))?;
        shared.checked()
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut lines = vec![
            "# Where this archive keeps its rows and objects. No credentials here: `holdfast init --help` says where they go.".to_owned(),
            format!("rows = {}", quoted(&self.rows)),
        ];
        if let Some(ca) = &self.rows_ca {
            lines.push(format!("rows_ca = {}", quoted(&ca.to_string_lossy())));
        }
        lines.push(format!("objects = {}", quoted(&self.objects)));
        if let Some(endpoint) = &self.objects_endpoint {
            lines.push(format!("objects_endpoint = {}", quoted(endpoint)));
        }
        lines.push(format!("objects_region = {}", quoted(&self.objects_region)));
        lines.join("\n") + "\n"
    }

    /// Refuses addresses that cannot be right before anything is made.
    pub fn checked(self) -> Result<Self> {
        Database::parse(&self.rows)?;
        Bucket::parse(&self.objects)?;
        Ok(self)
    }

    /// The database with its password.
    pub(crate) fn database(&self, secrets: &Secrets) -> Result<Database> {
        let mut database = Database::parse(&self.rows)?;
        database.password.clone_from(&secrets.rows_password);
        if let (Tls::Required { ca }, Some(own)) = (&mut database.tls, &self.rows_ca) {
            *ca = Some(own.clone());
        }
        Ok(database)
    }

    /// The bucket with its key; files on their way up lie in `spool`.
    pub(crate) fn bucket(&self, secrets: &Secrets, spool: PathBuf) -> Result<Bucket> {
        let (bucket, prefix) = Bucket::parse(&self.objects)?;
        let (Some(access_key), Some(secret_key)) = (
            secrets.objects_access_key.clone(),
            secrets.objects_secret_key.clone(),
        ) else {
            return Err(Error::new(
                Why::WrongKey,
                format!("There is no access key for {}", self.objects),
            )
            .next(format!(
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write objects_access_key and objects_secret_key into {SECRETS}"
            )));
        };
        Ok(Bucket {
            endpoint: self.objects_endpoint.clone(),
            region: self.objects_region.clone(),
            bucket,
            prefix,
            access_key,
            secret_key,
            spool,
        })
    }
}

impl Secrets {
    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let line = |name: &str, secret: &Option<Secret>| {
            let quoted = |s: &Secret| serde_json::Value::from(s.expose()).to_string();
            secret.as_ref().map(|s| format!("{name} = {}\n", quoted(s)))
        };
        let lines = [
            line("rows_password", &self.rows_password),
            line("objects_access_key", &self.objects_access_key),
            line("objects_secret_key", &self.objects_secret_key),
        ];
        lines.into_iter().flatten().collect()
    }

    /// Fills what the environment did not give from the file, if there is one.
    pub(crate) fn or_file(mut self, file: Option<&[u8]>) -> Result<Self> {
        let Some(bytes) = file else { return Ok(self) };
        let text = std::str::from_utf8(bytes).map_err(|e| unreadable(SECRETS, &e.to_string()))?;
        // Not the parser's own words: they would quote the line, and a secret with it.
        let file: SecretsFile = toml::from_str(text).map_err(|_quotes_the_line| {
            unreadable(
                SECRETS,
                "it takes rows_password, objects_access_key and objects_secret_key, each = \"…\"",
            )
        })?;
        let fill = |slot: &mut Option<Secret>, text: Option<String>| {
            if slot.is_none() {
                *slot = text.map(Secret::new);
            }
        };
        fill(&mut self.rows_password, file.rows_password);
        fill(&mut self.objects_access_key, file.objects_access_key);
        fill(&mut self.objects_secret_key, file.objects_secret_key);
        Ok(self)
    }
}

/// Refuses a file of credentials that others on this machine can read.
pub(crate) fn must_be_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map_or(0, |m| m.permissions().mode());
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(
        Why::Refused,
        format!("{SECRETS} can be read by others on this machine"),
    )
    .next(format!(
        "Run `chmod 600 {}`, and change the credentials if others may have read them",
        path.display()
    )))
}

fn unreadable(file: &str, why: &str) -> Error {
    Error::new(Why::Invalid, format!("{file} cannot be read: {why}"))
        .next("Put it back from a backup, or copy it from another host of this archive")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared() -> Shared {
        Shared {
            rows: "postgres://holdfast@127.0.0.1:5433/archive".into(),
            rows_ca: None,
            objects: "s3://bucket/one".into(),
            objects_endpoint: Some("http://127.0.0.1:3904".into()),
            objects_region: "garage".into(),
        }
    }

    #[test]
    fn the_file_says_what_was_written_into_it() {
        let wanted = shared();
        assert_eq!(Shared::read(wanted.text().as_bytes()).unwrap(), wanted);
    }

    #[test]
    fn an_unknown_line_is_refused_and_not_ignored() {
        let text = shared().text() + "objets = \"s3://b/p\"\n";
        let said = Shared::read(text.as_bytes()).unwrap_err().to_string();
        assert!(said.contains("objets"), "{said}");
    }

    #[test]
    fn the_environment_comes_before_the_file_and_neither_is_ever_shown() {
        let env = Secrets {
            rows_password: Some(Secret::new("from-env")),
            ..Secrets::default()
        };
        let file = b"rows_password = \"from-file\"\nobjects_access_key = \"key-of-file\"\n";
        let both = env.or_file(Some(file)).unwrap();
        assert_eq!(both.rows_password.as_ref().unwrap().expose(), "from-env");
        assert_eq!(
            both.objects_access_key.as_ref().unwrap().expose(),
            "key-of-file"
        );
        assert!(!format!("{both:?}").contains("from-"));
        let said = Secrets::default().or_file(Some(b"rows_password = hunter2"));
        assert!(!said.unwrap_err().to_string().contains("hunter2"));
    }
}
