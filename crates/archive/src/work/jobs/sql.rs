//! Every query on jobs, by name.

/// The columns of a [`super::JobRow`].
macro_rules! columns {
    () => {
        "id, number, kind, about, body, host, part_of, priority, state, made_at, made_by, not_before, attempts, deaths, \
         lease_no, lease_by, lease_until, done_units, all_units, started_at, ended_at, reason, result"
    };
}

/// Selects jobs with every column.
macro_rules! job {
    ($rest:literal) => {
        concat!("select ", columns!(), " from work_job where ", $rest)
    };
}

/// Changes a job in the hands of a worker. Parameters: $1 its id, $2 the number of the claim.
macro_rules! fenced {
    ($set:literal) => {
        concat!(
            "update work_job set ",
            $set,
            " where id = $1 and lease_no = $2 and state = 'running'"
        )
    };
}

/// A job that may be claimed: at its time, or with its lease run out; by this host, of these kinds, and with none of
/// its parts left. A time more than an hour ahead was written by a clock that was wrong, then or now: it holds nobody
/// up. Parameters: $1 the time, $2 the host, $3 to $10 the kinds.
macro_rules! due {
    () => {
        "j.state in ('waiting', 'running') \
         and ((j.state = 'waiting' and (j.not_before <= $1 or j.not_before > $1 + 3600000000)) \
         or (j.state = 'running' and (j.lease_until <= $1 or j.lease_until > $1 + 3600000000))) \
         and (j.host is null or j.host = $2) and j.kind in ($3, $4, $5, $6, $7, $8, $9, $10) \
         and not exists (select 1 from work_job p where p.part_of = j.id and p.state in ('waiting', 'running', 'set_aside'))"
    };
}

/// Claims the first due job. Parameters beyond those of `due!`: $11 until when, $12 the worker.
macro_rules! claiming {
    ($locked:literal) => {
        concat!(
            "update work_job set state = 'running', deaths = deaths + case when state = 'running' then 1 else 0 end, \
             lease_no = lease_no + 1, lease_by = $12, lease_until = $11, started_at = $1, done_units = 0 \
             where id = (select j.id from work_job j where ",
            due!(),
            " order by j.priority, j.number limit 1",
            $locked,
            ") returning ",
            columns!()
        )
    };
}

store::queries! {
    /// Takes the next number, and with it the one place for whoever asks.
    LAST_TAKE = "update work_job_last set last = last + 1 where one = 1 returning last";
    /// The last number given.
    LAST_SET = "update work_job_last set last = $1 where one = 1";
    /// One job.
    JOB = job!("id = $1");
    /// One job by its number or id.
    JOB_NAMED = job!("number = $1 or id = $2");
    /// A job of this kind about this that has not ended.
    OPEN = job!("kind = $1 and about = $2 and state in ('waiting', 'running', 'set_aside')");
    /// The same, other than this one.
    OPEN_OTHER = "select id from work_job where kind = $1 and about = $2 and id <> $3 and state in ('waiting', 'running', 'set_aside')";
    /// Jobs, newest first, before a number; of a state, of a kind, without parts, each only where wanted.
    JOBS = job!("($1 = '' or state = $1) and ($2 = '' or kind = $2) and number < $3 \
                 and (not $4 or part_of is null or state in ('running', 'set_aside')) order by number desc limit $5");
    /// The parts of a job.
    PARTS = job!("part_of = $1 order by number");
    /// Any job that is due.
    DUE = concat!("select j.id from work_job j where ", due!(), " limit 1");
    /// Any job of these kinds that is running or waits for anything but a person.
    LEFT = "select j.id from work_job j where j.state in ('waiting', 'running') \
            and (j.host is null or j.host = $1) and j.kind in ($2, $3, $4, $5, $6, $7, $8, $9) \
            and not exists (select 1 from work_job p where p.part_of = j.id and p.state = 'set_aside') limit 1";
    /// Claims where one writer at a time is the rule. The one fork of dialects there is.
    CLAIM = claiming!("");
    /// The lease lasts longer, and how far the work is.
    RENEW = fenced!("lease_until = $3, done_units = $4, all_units = $5");
    /// Something kept between tries.
    KEEP = fenced!("result = $3");
    /// The last failure.
    FAILED_LAST = fenced!("state = 'set_aside', attempts = $3, reason = $4, lease_by = null, lease_until = null");
    /// A failure before that.
    FAILED = fenced!("state = 'waiting', attempts = $3, reason = $4, not_before = $5, lease_by = null, lease_until = null");
    /// A person decides.
    SET_ASIDE = fenced!("state = 'set_aside', reason = $3, lease_by = null, lease_until = null");
    /// Given back undone.
    GIVE_BACK = fenced!("state = 'waiting', lease_by = null, lease_until = null");
    /// Done.
    DONE = fenced!("state = 'done', done_units = coalesce($3, done_units), all_units = $3, result = coalesce($4, result), \
                    reason = null, lease_by = null, lease_until = null, ended_at = $5");
    /// Put back with its parts.
    AGAIN = "update work_job set state = 'waiting', attempts = 0, deaths = 0, not_before = $3, ended_at = null, reason = null, lease_no = lease_no + 1 \
             where (id = $1 or part_of = $2) and state in ('set_aside', 'cancelled')";
    /// Taken back with its parts.
    CANCEL = "update work_job set state = 'cancelled', ended_at = $3, lease_no = lease_no + 1, lease_by = null, lease_until = null \
              where (id = $1 or part_of = $2) and state in ('waiting', 'running', 'set_aside')";
    /// Ended long ago. A part goes with the job that waited for it, which reads its result.
    PRUNE = "delete from work_job where ended_at < $1 and (part_of is null or part_of not in \
             (select id from work_job where ended_at is null or ended_at >= $2))";
    /// How many there are of each kind in each state.
    COUNTS = "select kind, state, cast(count(*) as bigint) from work_job group by kind, state order by kind, state";
    /// What was done lately, of each kind.
    LATELY = "select kind, cast(sum(all_units) as bigint), cast(min(started_at) as bigint) from work_job \
              where state = 'done' and ended_at >= $1 and all_units is not null group by kind order by kind";
    /// What is left to do, of each kind, and how many do not know.
    UNITS_LEFT = "select kind, cast(sum(all_units - done_units) as bigint), cast(sum(case when all_units is null then 1 else 0 end) as bigint) \
                  from work_job where state in ('waiting', 'running') group by kind order by kind";
    /// Checks from a log number on.
    CHECKS_FROM = "select c.seq, c.scope, c.originals, c.bytes, c.damaged, c.damage, c.at from view_check c \
                   where c.seq >= $1 order by c.seq";
    /// Who recorded an entry.
    RECORDED_BY = "select who from view_entry where seq = $1";
}

/// What only PostgreSQL understands.
pub(crate) mod postgres {
    store::queries! {
        /// Claims where many do so at once: without these words all of them would wait for the first one's row, and
        /// then find it taken.
        CLAIM = claiming!(" for update of j skip locked");
    }
}
