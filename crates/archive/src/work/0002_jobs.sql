-- Work that can wait. Times are microseconds since 1970 by the clock of leases (`jobs::lease_clock`).
create table work_job (
    id text primary key, number bigint not null, kind text not null, about text not null, body text not null,
    host text, part_of text, priority bigint not null, state text not null, made_at bigint not null, made_by text,
    not_before bigint not null, attempts bigint not null, deaths bigint not null,
    lease_no bigint not null, lease_by text, lease_until bigint,
    done_units bigint not null, all_units bigint, started_at bigint, ended_at bigint, reason text, result text
);
create unique index work_job_number on work_job (number);
create unique index work_job_once on work_job (kind, about) where state in ('waiting', 'running', 'set_aside');
create index work_job_due on work_job (priority, number) where state in ('waiting', 'running');
create index work_job_part on work_job (part_of, state);
create index work_job_ended on work_job (ended_at);
-- Numbers are never given twice, even when the jobs that had them are gone. Taking the next one is the lock of asking.
create table work_job_last (one bigint primary key, last bigint not null);
insert into work_job_last (one, last) values (1, 0);
