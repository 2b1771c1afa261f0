//! Every construct of the portable card works as the card says; the same list runs on each database.

use store::args;

use crate::server::each_engine;

const TABLES: &str = "
create table unit (id text primary key, name text not null);
create table probe (
    id text primary key,
    n bigint check (n >= 0),
    place text,
    data blob,
    good boolean not null default false,
    unit text references unit (id) deferrable initially deferred,
    twice bigint generated always as (n * 2) stored
);
create unique index probe_good on probe (place) where good;
insert into unit values ('u1', 'First'), ('u2', 'Second');
insert into probe (id, n, place, good, unit) values
    ('a', 1, 'north', true, 'u1'), ('b', 2, 'north', false, 'u1'),
    ('c', 3, null, true, null), ('d', 5, 'south', false, 'u2');
";

/// A query that yields one text, and that text.
const PROBES: &[(&str, &str)] = &[
    ("select id from probe where good and n = 1", "a"),
    (
        "select id from probe where place is not distinct from null",
        "c",
    ),
    (
        "select id from probe where unit is distinct from 'u1' and place is not null",
        "d",
    ),
    (
        "select id || '-' || place from probe where id = 'a'",
        "a-north",
    ),
    (
        "select cast(count(*) filter (where good) as text) from probe",
        "2",
    ),
    (
        "select cast(cast(sum(n) as bigint) as text) from probe",
        "11",
    ),
    (
        "select cast(cast(avg(n) as double precision) > 2.7 as integer) || '' from probe",
        "1",
    ),
    (
        "select string_agg(id, ',' order by id desc) from probe",
        "d,c,b,a",
    ),
    (
        "select id from probe order by place nulls last, id desc limit 1",
        "b",
    ),
    (
        "select id from probe order by place desc nulls first limit 1",
        "c",
    ),
    (
        "select id from probe where (n, id) > (2, 'b') order by n, id limit 1",
        "c",
    ),
    (
        "select id from (select id, row_number() over (partition by place order by n desc) as r from probe) as x where r = 1 and id = 'b'",
        "b",
    ),
    (
        "select cast(lag(n) over (order by n) as text) from probe order by n desc limit 1",
        "3",
    ),
    (
        "with recursive up(n) as (select 1 union all select n + 1 from up where n < 5) select cast(max(n) as text) from up",
        "5",
    ),
    (
        "with v(id) as (values ('a'), ('d'), ('x')) select string_agg(p.id, ',' order by p.id) from probe p join v on v.id = p.id",
        "a,d",
    ),
    ("select cast(twice as text) from probe where id = 'd'", "10"),
    (
        "select coalesce(place, 'nowhere') from probe where id = 'c'",
        "nowhere",
    ),
    (
        "select case when exists (select 1 from probe where n > 4) then 'yes' else 'no' end",
        "yes",
    ),
    (
        "select u.name from probe p left join unit u on u.id = p.unit where p.id = 'd'",
        "Second",
    ),
    (
        "select place from probe group by place having count(*) = 2",
        "north",
    ),
    (
        "select id from probe where n in (select max(n) from probe)",
        "d",
    ),
    ("select 'b' except select 'a'", "b"),
    (
        "select nullif(place, 'x') from probe where id = 'a'",
        "north",
    ),
    (
        "select cast(length(data) as text) from probe where id = 'a'",
        "2",
    ),
    (
        "select replace(substr(place, 2), 'r', '') from probe where id = 'a'",
        "oth",
    ),
    (
        "update probe set n = n + 1 where id = 'a' returning cast(n as text)",
        "2",
    ),
    (
        "insert into probe (id, n) values ('a', 9) on conflict (id) do update set n = excluded.n returning cast(n as text)",
        "9",
    ),
    (
        "insert into probe (id, n) select 'a', 7 where true on conflict (id) do update set n = excluded.n returning cast(n as text)",
        "7",
    ),
    ("delete from probe where id = 'a' returning id", "a"),
];

#[test]
fn every_construct_of_the_card_means_what_the_card_says() {
    each_engine(async |rows| {
        let mut tx = rows.begin().await.unwrap();
        tx.script(TABLES).await.unwrap();
        // Bytes have no spelling that both understand: they come as parameters.
        tx.run(
            "update probe set data = $1 where id = 'a'",
            args![[0_u8, 255]],
        )
        .await
        .unwrap();
        for (sql, want) in PROBES {
            let got: Option<(String,)> = tx
                .one(sql, vec![])
                .await
                .unwrap_or_else(|e| panic!("{sql}: {e:?}"));
            assert_eq!(got, Some(((*want).to_owned(),)), "{sql}");
        }
        tx.run(
            "insert into probe (id, n) values ('a', 7) on conflict do nothing",
            vec![],
        )
        .await
        .unwrap();
        assert_eq!(
            tx.run(
                "insert into probe (id) values ('b') on conflict do nothing",
                vec![]
            )
            .await
            .unwrap(),
            0
        );
    });
}

#[test]
fn rules_in_tables_are_kept() {
    each_engine(async |rows| {
        let mut tx = rows.begin().await.unwrap();
        tx.script(TABLES).await.unwrap();
        tx.commit().await.unwrap();
        for sql in [
            "insert into probe (id, n) values ('z', -1)",
            "insert into probe (id, place, good) values ('z', 'north', true)",
            "insert into probe (id) values ('a')",
            "insert into probe (id, unit) values ('z', 'none')",
        ] {
            assert!(
                matches!(
                    rows.run(sql, vec![]).await,
                    Err(store::Error::Conflict { .. })
                ),
                "{sql}"
            );
        }
        let mut tx = rows.begin().await.unwrap();
        tx.run("insert into probe (id, unit) values ('z', 'u9')", vec![])
            .await
            .unwrap();
        tx.run("insert into unit values ('u9', 'Later')", vec![])
            .await
            .unwrap();
        tx.commit().await.unwrap();
    });
}
