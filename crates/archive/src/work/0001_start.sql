create table if not exists work_passphrase (person text primary key, hash text not null);
create table if not exists work_login (
    token_sha256 blob primary key, person text not null, made_at bigint not null, used_at bigint not null
);
create table if not exists work_sign_in_failure (
    counter blob primary key, failures bigint not null, next_at bigint not null, last_at bigint not null
);
create index if not exists work_sign_in_failure_last_at on work_sign_in_failure (last_at);
