//! Sequences of elements without bytes don't compile, however the elements are named.
//!
//! What an element has is known only when code is generated for it, so `cargo check` doesn't show these errors.

/// One case is built and run, so that all are built and not only checked.
#[test]
fn sequences_of_elements_without_bytes_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/build_errors/elements_with_bytes.rs");
    for refused in ["alias", "array", "fixed", "generic", "key_of_a_map", "set", "unit_struct"] {
        cases.compile_fail(format!("tests/build_errors/{refused}.rs"));
    }
}
