use super::*;

#[test]
fn the_text_has_one_placeholder_for_every_value() {
    assert_eq!(
        text(Engine::Sqlite, "t", &["a", "b"], 2),
        "insert into t (a, b) values (?, ?), (?, ?)"
    );
    assert_eq!(
        text(Engine::Postgres, "t", &["a", "b"], 2),
        "insert into t (a, b) values ($1, $2), ($3, $4)"
    );
}

#[test]
fn any_number_of_rows_is_taken_in_few_distinct_steps_within_the_limits() {
    let limits = [(Engine::Sqlite, 32_766), (Engine::Postgres, 65_535)];
    for (engine, most) in limits {
        for columns in [1, 8, 64, 65, 66, 131, 132, 400, 32_766] {
            let mut distinct = std::collections::HashSet::new();
            for rows in 1..2000 {
                let mut left = rows;
                while left > 0 {
                    let next = step(engine, columns, left);
                    assert!((1..=500).contains(&next) && next <= left && next * columns <= most);
                    distinct.insert(next);
                    left -= next;
                }
            }
            assert!(distinct.len() <= 10, "{columns} columns: {distinct:?}");
        }
    }
}

#[test]
fn only_plain_names_become_part_of_a_statement() {
    assert!(fits("view_item", &["id", "n2"]));
    for bad in ["", "1a", "A", "a b", "a;b", "a\"", "ä", "a-b"] {
        assert!(!fits(bad, &["id"]) && !fits("t", &[bad]), "{bad:?}");
    }
    assert!(!fits("t", &[]));
}
