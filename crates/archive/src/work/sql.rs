//! Every query on sign-ins and passphrases, by name.

store::queries! {
    /// How many scripts the tables went through.
    VERSION = "select version from work_meta where one = 1";
    /// One script more.
    VERSION_SET = "insert into work_meta (one, version) values (1, $1) on conflict (one) do update set version = excluded.version";
    /// Passphrase hashes, for an archive that is moved.
    PASSPHRASES = "select person, hash from work_passphrase order by person";
    /// Before others are carried in.
    PASSPHRASES_CLEAR = "delete from work_passphrase";
    /// One passphrase hash.
    PASSPHRASE_ADD = "insert into work_passphrase (person, hash) values ($1, $2)";
    /// Before another takes its place.
    PASSPHRASE_DROP = "delete from work_passphrase where person = $1";
    /// The account of a handle, with the hash of its passphrase.
    PASSPHRASE_OF = "select p.id, w.hash from view_person p join work_passphrase w on w.person = p.id where p.handle = $1";
    /// Every sign-in of an account ends.
    LOGINS_DROP = "delete from work_login where person = $1";
    /// All but the newest sign-ins of an account end.
    LOGINS_OVER = "delete from work_login where person = $1 and token_sha256 not in \
                   (select token_sha256 from work_login where person = $2 order by made_at desc, token_sha256 limit $3)";
    /// Sign-ins last used, or made, too long ago end.
    LOGINS_ENDED = "delete from work_login where used_at < $1 or made_at < $2";
    /// A sign-in.
    LOGIN_ADD = "insert into work_login (token_sha256, person, made_at, used_at) values ($1, $2, $3, $4)";
    /// The sign-in of a token.
    LOGIN = "select token_sha256, person, made_at, used_at from work_login where token_sha256 = $1";
    /// A sign-in was used.
    LOGIN_USED = "update work_login set used_at = $2 where token_sha256 = $1";
    /// A sign-in ends.
    LOGIN_DROP = "delete from work_login where token_sha256 = $1";
    /// Failures of long ago are forgotten.
    TRIES_OLD = "delete from work_sign_in_failure where last_at < $1";
    /// Before the first failure.
    TRY_START = "insert into work_sign_in_failure (counter, failures, next_at, last_at) values ($1, 0, 0, $2) \
                 on conflict (counter) do nothing";
    /// Holds the count of whoever tries.
    TRY_TAKE = "update work_sign_in_failure set last_at = $2 where counter = $1 returning failures, next_at";
    /// One more try.
    TRY_COUNT = "update work_sign_in_failure set failures = $2, next_at = $3 where counter = $1";
    /// Nobody failed any more.
    TRIES_DROP = "delete from work_sign_in_failure where counter = $1";
}
