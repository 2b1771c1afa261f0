//! The two tables of a shared archive that hold what no checkpoint covers yet, and the checkpoint in force.

store::queries! {
    /// What waits from a number on.
    TAIL = "select seq, entry from log_tail where seq >= $1 order by seq";
    /// What a checkpoint covers needs to wait no longer.
    TAIL_DROP = "delete from log_tail where seq < $1";
    /// How many entries are covered.
    COVERED = "select size from log_cover where one = 1";
    /// The checkpoint in force.
    CHECKPOINT = "select checkpoint from log_cover where one = 1";
    /// Takes the one place for whoever covers.
    COVER_TAKE = "update log_cover set size = size where one = 1 returning size, checkpoint";
    /// Moves the log on.
    COVER_SET = "update log_cover set size = $1, checkpoint = $2 where one = 1";
    /// Before the first checkpoint.
    COVER_START = "insert into log_cover (one, size, checkpoint) values (1, 0, null)";
    /// What a founding that broke off left behind.
    TAIL_CLEAR = "delete from log_tail";
    /// The same.
    COVER_CLEAR = "delete from log_cover";
    /// Which archive the rows belong to.
    HOME = "select home from log_home where one = 1";
    /// Takes entries out of what waits, from a number on.
    TAIL_CUT = "delete from log_tail where seq >= $1";
    /// Says which archive the rows belong to, once its founding is complete.
    HOME_SET = "insert into log_home (one, home) values (1, $1) on conflict (one) do nothing";
}

/// The tables; they hold truth, so nothing ever drops them.
pub(crate) const TABLES: &str = include_str!("shared.sql");

/// Makes the tables empty, for an archive that is founded.
pub(crate) async fn make(tx: &mut store::Tx) -> crate::Result<()> {
    tx.script(TABLES).await?;
    tx.run(TAIL_CLEAR, store::args![]).await?;
    tx.run(COVER_CLEAR, store::args![]).await?;
    tx.run(COVER_START, store::args![]).await?;
    Ok(())
}
