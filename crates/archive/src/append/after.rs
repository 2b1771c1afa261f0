//! Acts decided on what somebody was shown: refused when the thing has changed since, with what came in between.

use super::Now;
use crate::error::{Error, Result, Stale, StaleLine, Why};
use crate::views::{EntryRow, sql};
use format::id::Subject;
use std::collections::HashMap;
use store::args;

impl Now<'_> {
    /// Refuses unless entry `after` is still the last one about this subject, while the head is held: two who saw the
    /// same cannot both win. Entries of the kinds in `same` leave what was shown as it was; without `after` nothing
    /// was shown, and nothing is asked. `name` is what people call the subject.
    pub async fn must_be_unchanged(
        &mut self,
        subject: &Subject,
        name: &str,
        after: Option<u64>,
        same: &[&str],
    ) -> Result<()> {
        let Some(seen) = after else { return Ok(()) };
        let chain = self.chain(subject).await?;
        let now = chain.last().map_or(0, |e| e.n.cast_unsigned());
        if seen > now {
            let what =
                format!("This was decided after entry {seen} of {name}, which does not exist");
            return Err(Error::new(Why::Invalid, what).next("Look at it again, then decide"));
        }
        let since = |e: &&EntryRow| e.n.cast_unsigned() > seen;
        let since: Vec<&EntryRow> = chain.iter().filter(since).collect();
        if since.iter().all(|e| same.contains(&e.kind.as_str())) {
            return Ok(());
        }
        let handles: Vec<(String, String)> = self.tx.all(sql::HANDLES, args![]).await?;
        let handles: HashMap<String, String> = handles.into_iter().collect();
        let line = |e: &&EntryRow| StaleLine {
            who: e
                .who
                .as_ref()
                .map_or_else(String::new, |id| handles.get(id).unwrap_or(id).clone()),
            when: e.at,
            what: e.kind.replace('_', " "),
        };
        Err(Error::stale(Stale {
            subject: name.to_owned(),
            seen,
            now,
            since: since.iter().map(line).collect(),
        }))
    }
}
