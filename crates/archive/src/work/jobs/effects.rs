//! Looking, with the head held, whether an earlier try left its effect behind.

use super::sql;
use crate::append::Now;
use crate::error::Result;
use crate::views::CheckRow;
use store::args;

impl Now<'_> {
    /// Checks recorded from a log number on, oldest first, with who recorded each: the effect of a sweep is one of them.
    pub async fn checks_from(&mut self, seq: u64) -> Result<Vec<(CheckRow, Option<String>)>> {
        let rows: Vec<CheckRow> = self
            .tx
            .all(sql::CHECKS_FROM, args![seq.cast_signed()])
            .await?;
        let mut found = Vec::new();
        for row in rows {
            let who: Option<(Option<String>,)> =
                self.tx.one(sql::RECORDED_BY, args![row.seq]).await?;
            found.push((row, who.and_then(|(who,)| who)));
        }
        Ok(found)
    }
}
