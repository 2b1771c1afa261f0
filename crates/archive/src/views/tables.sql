create table view_meta (one integer primary key, version bigint not null);
create table view_entry (
    seq bigint primary key, kind text not null, at bigint not null, who text, subject text not null,
    n bigint not null, leaf blob not null
);
create index view_entry_subject on view_entry (subject, n);
create table view_person (id text primary key, handle text not null, roles text not null, seq bigint not null);
create table view_session (
    id text primary key, number bigint not null, purpose text, authority text, started_at bigint not null,
    ended_at bigint, who text, seq bigint not null
);
create table view_session_note (seq bigint primary key, session text not null, note text);
create table view_item (
    id text primary key, number bigint not null, seq bigint not null, compartment text not null, level bigint not null,
    sha256 blob, blake3 blob, bytes bigint, name text, name_raw blob, path text, path_raw blob, source text,
    session text, collected_at text, modified bigint, media text, added_at bigint not null, added_by text
);
create index view_item_number on view_item (compartment, number);
create index view_item_seq on view_item (seq);
create index view_item_sha256 on view_item (sha256);
create table view_refused (seq bigint primary key, session text, path text, reason text, at bigint not null);
create table view_export (seq bigint primary key, item text not null, how text, purpose text, at bigint not null, who text);
create table view_check (
    seq bigint primary key, scope text not null, originals bigint not null, bytes bigint not null,
    damaged bigint not null, damage text not null, at bigint not null
);
create table view_dossier (
    id text primary key, number bigint not null, recipient text, purpose text, opened_at bigint not null,
    sealed_at bigint, sealed_seq bigint, seq bigint not null
);
create table view_dossier_item (dossier text not null, item text not null, withhold text not null, seq bigint not null);
create index view_dossier_item_dossier on view_dossier_item (dossier, seq);
create index view_dossier_item_item on view_dossier_item (item);
