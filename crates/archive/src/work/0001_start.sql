create table if not exists work_passphrase (person text primary key, hash text not null);
create table if not exists work_login (
    token_sha256 blob primary key, person text not null, made_at bigint not null, used_at bigint not null
);
