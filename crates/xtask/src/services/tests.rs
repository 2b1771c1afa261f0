use super::*;

#[test]
fn the_program_is_found_among_other_products_of_a_build() {
    let messages = r#"
{"reason":"compiler-artifact","target":{"name":"services","kind":["lib"]},"profile":{"test":false},"executable":null}
{"reason":"compiler-artifact","target":{"name":"services","kind":["bin"]},"profile":{"test":true},"executable":"a/deps/services-1"}
{"reason":"compiler-artifact","target":{"name":"services","kind":["bin"]},"profile":{"test":false},"executable":"a/services"}
{"reason":"compiler-artifact","target":{"name":"holdfast","kind":["bin"]},"profile":{"test":false},"executable":"a/holdfast"}
{"reason":"build-finished","success":true}
"#;
    assert_eq!(program_in(messages), Some(PathBuf::from("a/services")));
    assert_eq!(program_in("warning: nothing here"), None);
}
