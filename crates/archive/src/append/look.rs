//! What a verb reads while the head of the log is held: nothing of it can change before it records or drops.

use super::Now;
use crate::error::Result;
use crate::seen::level;
use crate::views::{DossierItemRow, DossierRow, EntryRow, ItemRow, SessionRow};
use crate::views::{items, sql};
use format::id::{Sha256, Subject};

impl Now<'_> {
    /// Items that hold the same bytes and that the account at the door may see, while the head is held.
    pub async fn items_with(&mut self, digest: &Sha256) -> Result<Vec<ItemRow>> {
        let rows = items::by_digest_now(&mut self.tx, digest).await?;
        let who = self.who;
        Ok(rows
            .into_iter()
            .filter(|r| who.clears(&r.compartment, level(r.level)))
            .collect())
    }

    /// Whether any item at all holds these bytes, seen or not: decides storage, never an answer.
    pub async fn is_referenced(&mut self, digest: &Sha256) -> Result<bool> {
        let n: Option<(i64,)> = self
            .tx
            .one(sql::ITEMS_HOLDING, store::args![digest.0.to_vec()])
            .await?;
        Ok(n.is_some_and(|(n,)| n > 0))
    }

    /// The dossier as it is while the head is held.
    pub async fn dossier(&mut self, id: &str) -> Result<Option<DossierRow>> {
        Ok(self.tx.one(sql::DOSSIER, store::args![id]).await?)
    }

    /// The session as it is while the head is held.
    pub async fn session(&mut self, id: &str) -> Result<Option<SessionRow>> {
        Ok(self.tx.one(sql::SESSION, store::args![id]).await?)
    }

    /// What was chosen for a dossier while the head is held.
    pub async fn dossier_items(&mut self, id: &str) -> Result<Vec<DossierItemRow>> {
        Ok(self.tx.all(sql::DOSSIER_ITEMS, store::args![id]).await?)
    }

    /// The entries about one subject while the head is held.
    pub async fn chain(&mut self, subject: &Subject) -> Result<Vec<EntryRow>> {
        Ok(self
            .tx
            .all(sql::CHAIN, store::args![subject.to_string()])
            .await?)
    }
}

/// Digests asked for in one statement.
const ANY: usize = 100;

pub(crate) fn any_sql() -> &'static str {
    use std::fmt::Write as _;
    static SQL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    SQL.get_or_init(|| {
        let mut sql = String::from(sql::ITEM_SELECT);
        sql.push_str("where sha256 in (");
        for i in 1..=ANY {
            let comma = if i == 1 { "" } else { ", " };
            write!(sql, "{comma}${i}").expect("writing to a String cannot fail");
        }
        sql.push_str(") order by seq");
        sql
    })
}

impl Now<'_> {
    /// Items that hold any of these bytes and that the account at the door may see.
    pub async fn items_with_any(&mut self, digests: &[Sha256]) -> Result<Vec<ItemRow>> {
        let mut found: Vec<ItemRow> = Vec::new();
        for part in digests.chunks(ANY) {
            let mut args: Vec<store::Arg> = part.iter().map(|d| d.0.to_vec().into()).collect();
            while args.len() < ANY {
                args.push(part[0].0.to_vec().into());
            }
            found.extend(self.tx.all::<ItemRow>(any_sql(), args).await?);
        }
        let who = self.who;
        Ok(found
            .into_iter()
            .filter(|r| who.clears(&r.compartment, level(r.level)))
            .collect())
    }
}

impl Now<'_> {
    /// The newest reason given for each path that was not collected in this session, or outside any session.
    pub async fn last_refusals(
        &mut self,
        session: Option<&str>,
    ) -> Result<std::collections::HashMap<String, String>> {
        type Row = (Option<String>, Option<String>);
        let rows: Vec<Row> = match session {
            Some(id) => self.tx.all(sql::REFUSALS, store::args![id]).await?,
            None => {
                let sql = sql::REFUSALS_OUTSIDE;
                self.tx.all(sql, store::args![]).await?
            }
        };
        // Later rows replace earlier ones.
        Ok(rows
            .into_iter()
            .filter_map(|(path, reason)| path.zip(reason))
            .collect())
    }
}
