use super::*;

#[test]
fn the_text_has_one_placeholder_for_every_value() {
    assert_eq!(
        text("t", &["a", "b"], 2),
        "insert into t (a, b) values (?, ?), (?, ?)"
    );
}

#[test]
fn any_number_of_rows_is_taken_in_few_distinct_steps_within_the_limits() {
    for columns in [1, 8, 64, 65, 400, 32_000] {
        let mut distinct = std::collections::HashSet::new();
        for rows in 1..2000 {
            let mut left = rows;
            while left > 0 {
                let next = step(columns, left);
                assert!((1..=500).contains(&next) && next <= left && next * columns <= 32_000);
                distinct.insert(next);
                left -= next;
            }
        }
        assert!(distinct.len() <= 10, "{columns} columns: {distinct:?}");
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
