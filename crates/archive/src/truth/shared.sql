create table if not exists log_tail (seq bigint primary key, entry text not null);
create table if not exists log_cover (one bigint primary key, size bigint not null, checkpoint blob);
create table if not exists log_home (one bigint primary key, home blob not null);
