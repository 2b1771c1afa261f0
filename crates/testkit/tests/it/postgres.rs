//! What a test may expect of its own PostgreSQL.

use testkit::services::{Postgres, fresh_database, is_running};
use testkit::tools::need;

#[test]
fn a_committed_row_survives_the_kill_of_every_process_of_the_server() {
    if need("postgres").is_none() {
        return;
    }
    let server = Postgres::start(true);
    assert_eq!(server.sql("show fsync").unwrap(), "on");
    server.create("kept");
    let insert = "create table a (n bigint); insert into a values (7)";
    server.sql_in("kept", insert).unwrap();
    let (url, before) = (server.url("kept"), server.pids());
    assert!(before.len() > 1, "{before:?}");
    server.kill();
    assert!(!before.iter().any(|pid| is_running(*pid)), "{before:?}");
    assert!(server.sql("select 1").is_err());
    server.start_again();
    assert_eq!(server.url("kept"), url);
    assert_eq!(server.sql_in("kept", "select n from a").unwrap(), "7");
    server.stop_now();
    assert!(server.sql("select 1").is_err());
    server.start_again();
    assert_eq!(server.sql_in("kept", "select n from a").unwrap(), "7");
}

#[test]
fn a_busy_server_is_gone_with_its_guard_and_so_is_its_folder() {
    if need("postgres").is_none() {
        return;
    }
    let server = Postgres::start(false);
    assert_eq!(server.sql("show fsync").unwrap(), "off");
    assert_eq!(server.sql("show max_connections").unwrap(), "200");
    let collation = "select datcollate, pg_encoding_to_char(encoding) from pg_database limit 1";
    assert_eq!(server.sql(collation).unwrap(), "C|UTF8");
    let (pids, folder) = (server.pids(), server.folder().to_owned());
    std::thread::scope(|scope| {
        // Busy, not idle: such a process does not look whether its server still lives.
        let minute = "do $$ begin while clock_timestamp() < now() + interval '1 minute' \
            loop perform 1; end loop; end $$";
        let busy = scope.spawn(|| server.sql(minute));
        let pid = "select pid from pg_stat_activity where query like 'do $$%'";
        let pid = std::iter::repeat_with(|| server.sql(pid).unwrap()).find(|pid| !pid.is_empty());
        let pid = pid.unwrap().parse().unwrap();
        assert!(server.pids().contains(&pid));
        server.kill();
        assert!(!is_running(pid));
        assert!(busy.join().unwrap().is_err());
    });
    server.start_again();
    let again = server.pids();
    drop(server);
    for pid in pids.iter().chain(&again) {
        assert!(!is_running(*pid), "{pid}");
    }
    assert!(!folder.exists());
}

#[test]
fn a_server_with_a_password_lets_in_nobody_without_it() {
    if need("postgres").is_none() {
        return;
    }
    let server = Postgres::with_password("open-sesame");
    assert_eq!(server.sql("select 1").unwrap(), "1");
    let psql = need("postgres").unwrap().path().with_file_name("psql");
    let ask = |url: String| {
        let mut command = std::process::Command::new(&psql);
        command.args(["-X", "-w", "-A", "-t", "-c", "select 1", "-d", &url]);
        command.output().unwrap()
    };
    assert!(ask(server.url("postgres")).status.success());
    for url in [
        server.url("postgres").replace("sesame", "barley"),
        server.url("postgres").replace(":open-sesame", ""),
    ] {
        let said = ask(url.clone());
        assert!(!said.status.success(), "{url}");
        let said = String::from_utf8(said.stderr).unwrap();
        assert!(said.contains("password"), "{said}");
    }
}

#[test]
fn two_tests_of_one_run_have_a_database_each_and_leave_none() {
    let (Some(one), Some(other)) = (fresh_database(), fresh_database()) else {
        return;
    };
    one.sql("create table a (n bigint)").unwrap();
    other.sql("create table a (n text)").unwrap();
    let name = one.url().rsplit_once('/').unwrap().1.to_owned();
    let look = format!("select count(*) from pg_database where datname = '{name}'");
    assert_eq!(other.sql(&look).unwrap(), "1");
    drop(one);
    assert_eq!(other.sql(&look).unwrap(), "0");
}
