use super::*;

#[test]
fn a_second_provider_is_found_and_names_that_only_begin_so_are_not() {
    assert!(second("store v0.0.0\naws-lc-rs v1.19.0\nringbuf v1.0.0\n").is_empty());
    assert_eq!(second("store v0.0.0\nring v0.17.14\n").len(), 1);
}

#[test]
fn the_list_of_what_is_built_holds_our_provider() {
    let built = built().unwrap();
    assert!(built.lines().any(|line| line.starts_with("aws-lc-rs v")));
}
