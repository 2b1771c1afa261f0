//! Sessions, dossiers, people, checks and exports as rows.

use super::sql;
use crate::error::Result;
use store::{Rows, args};

macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, sqlx::FromRow)]
        #[expect(missing_docs, reason = "the fields of format.md §4")]
        pub struct $name { $(pub $field: $type),* }
    };
}

row!(/// An account.
PersonRow { id: String, handle: String, roles: String, seq: i64 });
row!(/// One stretch of collecting.
SessionRow { id: String, number: i64, purpose: Option<String>, authority: Option<String>, started_at: i64, ended_at: Option<i64>, who: Option<String>, seq: i64 });
row!(/// A note made during a session.
SessionNoteRow { seq: i64, session: String, note: Option<String> });
row!(/// Something that was named and not collected, with the reason.
RefusedRow { seq: i64, session: Option<String>, path: Option<String>, reason: Option<String>, at: i64 });
row!(/// An original that was taken out.
ExportRow { seq: i64, item: String, how: Option<String>, purpose: Option<String>, at: i64, who: Option<String> });
row!(/// A check and what it found.
CheckRow { seq: i64, scope: String, originals: i64, bytes: i64, damaged: i64, damage: String, at: i64 });
row!(/// A dossier.
DossierRow { id: String, number: i64, recipient: Option<String>, purpose: Option<String>, opened_at: i64, sealed_at: Option<i64>, sealed_seq: Option<i64>, seq: i64 });
row!(/// An item chosen for a dossier, with the fields to withhold.
DossierItemRow { dossier: String, item: String, withhold: String, seq: i64 });
row!(/// How much there is.
Counts { items: i64, originals: i64, bytes: i64, sessions: i64, dossiers: i64, refused: i64 });

pub(crate) async fn people(rows: &Rows) -> Result<Vec<PersonRow>> {
    Ok(rows.all(sql::PEOPLE, args![]).await?)
}

pub(crate) async fn sessions(rows: &Rows) -> Result<Vec<SessionRow>> {
    Ok(rows.all(sql::SESSIONS, args![]).await?)
}

pub(crate) async fn session_notes(rows: &Rows, session: &str) -> Result<Vec<SessionNoteRow>> {
    Ok(rows.all(sql::SESSION_NOTES, args![session]).await?)
}

pub(crate) async fn refused(rows: &Rows, before: i64, limit: i64) -> Result<Vec<RefusedRow>> {
    Ok(rows.all(sql::REFUSED, args![before, limit]).await?)
}

pub(crate) async fn exports(rows: &Rows, item: &str) -> Result<Vec<ExportRow>> {
    Ok(rows.all(sql::EXPORTS, args![item]).await?)
}

pub(crate) async fn last_checks(rows: &Rows, limit: i64) -> Result<Vec<CheckRow>> {
    Ok(rows.all(sql::CHECKS, args![limit]).await?)
}

pub(crate) async fn dossiers(rows: &Rows) -> Result<Vec<DossierRow>> {
    Ok(rows.all(sql::DOSSIERS, args![]).await?)
}

pub(crate) async fn dossier_items(rows: &Rows, dossier: &str) -> Result<Vec<DossierItemRow>> {
    Ok(rows.all(sql::DOSSIER_ITEMS, args![dossier]).await?)
}

pub(crate) async fn dossiers_of(rows: &Rows, item: &str) -> Result<Vec<DossierItemRow>> {
    Ok(rows.all(sql::DOSSIERS_OF, args![item]).await?)
}

pub(crate) async fn counts(rows: &Rows) -> Result<Counts> {
    let counts: Option<Counts> = rows.one(sql::COUNTS, args![]).await?;
    counts.ok_or_else(|| crate::Error::bug("Counting gave no row"))
}
