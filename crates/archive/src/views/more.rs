//! Sessions, dossiers, people, checks and exports as rows.

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
    Ok(rows
        .all(
            "select id, handle, roles, seq from view_person order by seq",
            args![],
        )
        .await?)
}

pub(crate) async fn sessions(rows: &Rows) -> Result<Vec<SessionRow>> {
    Ok(rows.all("select id, number, purpose, authority, started_at, ended_at, who, seq from view_session order by number", args![]).await?)
}

pub(crate) async fn session_notes(rows: &Rows, session: &str) -> Result<Vec<SessionNoteRow>> {
    Ok(rows
        .all(
            "select seq, session, note from view_session_note where session = $1 order by seq",
            args![session],
        )
        .await?)
}

pub(crate) async fn refused(rows: &Rows, before: i64, limit: i64) -> Result<Vec<RefusedRow>> {
    Ok(rows.all("select seq, session, path, reason, at from view_refused where seq < $1 order by seq desc limit $2", args![before, limit]).await?)
}

pub(crate) async fn exports(rows: &Rows, item: &str) -> Result<Vec<ExportRow>> {
    Ok(rows
        .all(
            "select seq, item, how, purpose, at, who from view_export where item = $1 order by seq",
            args![item],
        )
        .await?)
}

pub(crate) async fn last_checks(rows: &Rows, limit: i64) -> Result<Vec<CheckRow>> {
    Ok(rows.all("select seq, scope, originals, bytes, damaged, damage, at from view_check order by seq desc limit $1", args![limit]).await?)
}

pub(crate) async fn dossiers(rows: &Rows) -> Result<Vec<DossierRow>> {
    Ok(rows.all("select id, number, recipient, purpose, opened_at, sealed_at, sealed_seq, seq from view_dossier order by number", args![]).await?)
}

pub(crate) async fn dossier_items(rows: &Rows, dossier: &str) -> Result<Vec<DossierItemRow>> {
    Ok(rows.all("select dossier, item, withhold, seq from view_dossier_item where dossier = $1 order by seq", args![dossier]).await?)
}

pub(crate) async fn dossiers_of(rows: &Rows, item: &str) -> Result<Vec<DossierItemRow>> {
    Ok(rows.all("select dossier, item, withhold, seq from view_dossier_item where item = $1 order by seq", args![item]).await?)
}

pub(crate) async fn counts(rows: &Rows) -> Result<Counts> {
    let sql = "select (select cast(count(*) as bigint) from view_item) as items, \
               (select cast(count(*) as bigint) from (select distinct sha256 from view_item where sha256 is not null) d) as originals, \
               (select cast(coalesce(sum(b), 0) as bigint) from (select max(bytes) as b from view_item where sha256 is not null group by sha256) s) as bytes, \
               (select cast(count(*) as bigint) from view_session) as sessions, \
               (select cast(count(*) as bigint) from view_dossier) as dossiers, \
               (select cast(count(*) as bigint) from view_refused) as refused";
    let counts: Option<Counts> = rows.one(sql, args![]).await?;
    counts.ok_or_else(|| crate::Error::bug("Counting gave no row"))
}
