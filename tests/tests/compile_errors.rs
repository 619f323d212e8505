//! What the compiler says to typical mistakes: each case's words stand in `ui/<case>.stderr`.
//!
//! `TRYBUILD=overwrite cargo test -p persist-tests --test compile_errors` writes them anew.

use std::process::Command;

/// The compiler whose words are in the files. Others say the same in words of their own.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_are_told_in_words_that_help() {
    let compiler = Command::new("rustc").arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8_lossy(&compiler.stdout);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    } else {
        eprintln!("the expected words are those of {COMPILER}x, not of {version}: not compared");
    }
}
