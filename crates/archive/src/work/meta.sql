-- How many of the scripts beside it the tables went through.
create table if not exists work_meta (one bigint primary key, version bigint not null);
