drop table if exists log_head;
