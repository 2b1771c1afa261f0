//! Every query on the head of the log and on the views, by name.

/// Selects items with every column of the view.
macro_rules! item {
    ($rest:literal) => {
        concat!(
            "select id, number, seq, compartment, level, sha256, blake3, bytes, name, name_raw, path, path_raw, source, ",
            "session, collected_at, modified, media, added_at, added_by from view_item ",
            $rest
        )
    };
}

/// Selects entries with every column of the view.
macro_rules! entry {
    ($rest:literal) => {
        concat!(
            "select seq, kind, at, who, subject, n, leaf from view_entry ",
            $rest
        )
    };
}

store::queries! {
    /// Locks the head of the log for whoever records next; the views must be of the version that is read with it.
    HEAD_TAKE = "update log_head set seq = seq where one = 1 returning seq, tail_len, closed, (select version from view_meta where one = 1)";
    /// Locks the head where the views may be missing.
    HEAD_HOLD = "update log_head set seq = seq where one = 1 returning seq, tail_len";
    /// Moves the head on.
    HEAD_SET = "update log_head set seq = $1, tail_len = $2 where one = 1";
    /// Shuts the door, or opens it again.
    HEAD_CLOSE = "update log_head set closed = $1 where one = 1";
    /// The file of what waits is empty again.
    TAIL_EMPTIED = "update log_head set tail_len = 0 where one = 1";
    /// The head as it was last committed.
    HEAD = "select seq, tail_len from log_head where one = 1";
    /// Why the door is shut, if it is.
    CLOSED = "select closed from log_head where one = 1";
    /// How many entries are recorded.
    HEAD_SEQ = "select seq from log_head where one = 1";
    /// A log without entries.
    HEAD_START = "insert into log_head (one, seq, tail_len) values (1, 0, 0)";
    /// Views just made.
    META_START = "insert into view_meta (one, version) values (1, $1)";
    /// The version of views that have a head.
    META_VERSION = "select m.version from view_meta m join log_head h on h.one = m.one where m.one = 1";
    /// The last entry about a subject.
    CHAIN_HEAD = "select n, seq, leaf from view_entry where subject = $1 order by n desc limit 1";
    /// What accounts are called.
    HANDLES = "select id, handle from view_person order by seq";
    /// The leaf of an entry.
    LEAF = "select leaf from view_entry where seq = $1";
    /// Accounts in the order of their entries.
    PEOPLE = "select id, handle, roles, seq from view_person order by seq";
    /// Sessions in order.
    SESSIONS = "select id, number, purpose, authority, started_at, ended_at, who, seq from view_session order by number";
    /// What was noted in a session.
    SESSION_NOTES = "select seq, session, note from view_session_note where session = $1 order by seq";
    /// What was not collected, newest first.
    REFUSED = "select seq, session, path, reason, at from view_refused where seq < $1 order by seq desc limit $2";
    /// When an original was taken out.
    EXPORTS = "select seq, item, how, purpose, at, who from view_export where item = $1 order by seq";
    /// The newest checks.
    CHECKS = "select seq, scope, originals, bytes, damaged, damage, at from view_check order by seq desc limit $1";
    /// Dossiers in order.
    DOSSIERS = "select id, number, recipient, purpose, opened_at, sealed_at, sealed_seq, seq from view_dossier order by number";
    /// What was chosen for a dossier.
    DOSSIER_ITEMS = "select dossier, item, withhold, seq from view_dossier_item where dossier = $1 order by seq";
    /// The dossiers an item was chosen for.
    DOSSIERS_OF = "select dossier, item, withhold, seq from view_dossier_item where item = $1 order by seq";
    /// How much there is.
    COUNTS = "select (select cast(count(*) as bigint) from view_item) as items, (select cast(count(*) as bigint) from (select distinct sha256 from view_item where sha256 is not null) d) as originals, (select cast(coalesce(sum(b), 0) as bigint) from (select max(bytes) as b from view_item where sha256 is not null group by sha256) s) as bytes, (select cast(count(*) as bigint) from view_session) as sessions, (select cast(count(*) as bigint) from view_dossier) as dossiers, (select cast(count(*) as bigint) from view_refused) as refused";
    /// The last number given in a compartment.
    ITEM_LAST = "select cast(coalesce(max(number), 0) as bigint) from view_item where compartment = $1";
    /// An account.
    PERSON_ADD = "insert into view_person (id, handle, roles, seq) values ($1, $2, $3, $4)";
    /// Something that was not collected.
    REFUSED_ADD = "insert into view_refused (seq, session, path, reason, at) values ($1, $2, $3, $4, $5)";
    /// An original taken out.
    EXPORT_ADD = "insert into view_export (seq, item, how, purpose, at, who) values ($1, $2, $3, $4, $5, $6)";
    /// A check.
    CHECK_ADD = "insert into view_check (seq, scope, originals, bytes, damaged, damage, at) values ($1, $2, $3, $4, $5, $6, $7)";
    /// How many other sessions there are.
    SESSION_LAST = "select cast(count(*) as bigint) from view_session where id <> $1";
    /// A session.
    SESSION_ADD = "insert into view_session (id, number, purpose, authority, started_at, ended_at, who, seq) values ($1, $2, $3, $4, $5, null, $6, $7)";
    /// The end of a session.
    SESSION_END = "update view_session set ended_at = $2 where id = $1";
    /// A note in a session.
    SESSION_NOTE_ADD = "insert into view_session_note (seq, session, note) values ($1, $2, $3)";
    /// How many other dossiers there are.
    DOSSIER_LAST = "select cast(count(*) as bigint) from view_dossier where id <> $1";
    /// A dossier.
    DOSSIER_ADD = "insert into view_dossier (id, number, recipient, purpose, opened_at, sealed_at, sealed_seq, seq) values ($1, $2, $3, $4, $5, null, null, $6)";
    /// An item chosen for a dossier.
    DOSSIER_ITEM_ADD = "insert into view_dossier_item (dossier, item, withhold, seq) values ($1, $2, $3, $4)";
    /// The end of a dossier's making.
    DOSSIER_SEAL = "update view_dossier set sealed_at = $2, sealed_seq = $3 where id = $1";
    /// Entries, newest first, before a number.
    ENTRIES_BEFORE = entry!("where seq < $1 order by seq desc limit $2");
    /// The same of one kind.
    ENTRIES_OF_KIND = entry!("where seq < $1 and kind = $2 order by seq desc limit $3");
    /// The entries about one subject.
    CHAIN = entry!("where subject = $1 order by n");
    /// How many items hold these bytes.
    ITEMS_HOLDING = "select cast(count(*) as bigint) from view_item where sha256 = $1";
    /// One dossier.
    DOSSIER = "select id, number, recipient, purpose, opened_at, sealed_at, sealed_seq, seq from view_dossier where id = $1";
    /// One session.
    SESSION = "select id, number, purpose, authority, started_at, ended_at, who, seq from view_session where id = $1";
    /// Any item that holds these bytes.
    ITEM_HOLDING = "select seq from view_item where sha256 = $1 limit 1";
    /// Why paths were not collected in a session.
    REFUSALS = "select path, reason from view_refused where session = $1 order by seq";
    /// The same outside any session.
    REFUSALS_OUTSIDE = "select path, reason from view_refused where session is null order by seq";
    /// Items of a compartment, newest first, before a number, up to a level.
    ITEMS = item!("where compartment = $1 and number < $2 and level <= $3 order by number desc limit $4");
    /// One item.
    ITEM = item!("where id = $1");
    /// Items whose id begins so.
    ITEMS_NAMED = item!("where id >= $1 and id < $2 order by id limit 100");
    /// Items of this number, one a compartment.
    ITEMS_NUMBERED = item!("where number = $1 order by compartment limit 100");
    /// Items that hold these bytes.
    ITEMS_OF = item!("where sha256 = $1 order by seq limit 1000");
    /// Items from a log number on.
    ITEMS_AFTER = item!("where seq >= $1 order by seq limit $2");
    /// Digests and lengths of originals between two digests, of items below a log number.
    SHARD = "select sha256, blake3, bytes, seq from view_item where sha256 >= $1 and sha256 < $2 and seq < $3 order by sha256, seq";
    /// How many there are.
    SHARD_SIZE = "select cast(count(distinct sha256) as bigint) from view_item where sha256 >= $1 and sha256 < $2 and seq < $3";
    /// How many items a compartment has up to a level.
    ITEM_COUNT = "select cast(count(*) as bigint) from view_item where compartment = $1 and level <= $2";
}

/// Selects items; for questions with a list whose length is not known here.
pub(crate) const ITEM_SELECT: &str = item!("");

/// Whole views, in an order that makes a dump the same wherever it is made.
pub(crate) mod whole {
    store::queries! {
        /// Every check.
        CHECKS = "select * from view_check order by seq";
        /// Every dossier.
        DOSSIERS = "select * from view_dossier order by id";
        /// Everything chosen for dossiers.
        DOSSIER_ITEMS = "select * from view_dossier_item order by dossier, seq";
        /// Every entry.
        ENTRIES = "select * from view_entry order by seq";
        /// Every original taken out.
        EXPORTS = "select * from view_export order by seq";
        /// Every item.
        ITEMS = "select * from view_item order by id";
        /// Every account.
        PEOPLE = "select * from view_person order by id";
        /// Everything not collected.
        REFUSED = "select * from view_refused order by seq";
        /// Every session.
        SESSIONS = "select * from view_session order by id";
        /// Every note in a session.
        SESSION_NOTES = "select * from view_session_note order by seq";
    }

    /// All of them.
    pub(crate) const ALL: &[&str] = &[
        CHECKS,
        DOSSIERS,
        DOSSIER_ITEMS,
        ENTRIES,
        EXPORTS,
        ITEMS,
        PEOPLE,
        REFUSED,
        SESSIONS,
        SESSION_NOTES,
    ];
}

/// Questions to SQLite about itself.
pub(crate) mod sqlite {
    store::queries! {
        /// How the tables were made. As bytes: what is damaged need not be text.
        AS_MADE = "select cast(sql as blob) from sqlite_master where sql is not null and (name like 'view_%' or name = 'log_head')";
        /// How many tables and indexes of the schema do not fit together. Every index SQLite makes itself is named after its table.
        STRAYS = "select cast(count(*) as bigint) from sqlite_master m where (m.type = 'table' and m.name <> m.tbl_name) or (m.type <> 'table' and m.tbl_name not in (select name from sqlite_master where type = 'table')) or m.type not in ('table', 'index')";
        /// Whether every page and index is whole.
        INTEGRITY = "pragma integrity_check(1)";
    }
}
