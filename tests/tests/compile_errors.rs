//! What the compiler says to typical mistakes: each case's words stand in `ui/<case>.stderr`.
//!
//! `TRYBUILD=overwrite cargo test -p persist-tests --test compile_errors` writes them anew.

#[test]
fn mistakes_are_told_in_words_that_help() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
