create table log_head (one integer primary key, seq bigint not null, tail_len bigint not null, closed text);
