use super::*;

/// The fork is these words and nothing else: what one database is tested with is what the other runs.
#[test]
fn the_two_texts_of_a_claim_differ_in_the_lock_alone() {
    let (sqlite, postgres) = (text(Engine::Sqlite), text(Engine::Postgres));
    assert_ne!(sqlite, postgres);
    assert_eq!(sqlite, postgres.replace(" for update of j skip locked", ""));
}

/// Behind the limit and inside the subquery: anywhere else PostgreSQL would lock more than it takes, or nothing.
#[test]
fn the_lock_stands_where_it_locks_the_one_row_that_is_taken() {
    let (before, after) = text(Engine::Postgres)
        .split_once(" for update of j skip locked")
        .expect("the words are there");
    assert!(before.ends_with("limit 1"), "{before}");
    assert!(after.starts_with(") returning "), "{after}");
}
