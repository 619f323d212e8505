//! The compiler's messages for typical mistakes. The expected message of each case is in `ui/<case>.stderr`.
//!
//! `TRYBUILD=overwrite cargo test -p persist-tests --test compile_errors` writes these files again.

use std::process::Command;

/// The compiler of the expected messages. Other versions print other messages.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn typical_mistakes_have_helpful_compile_errors() {
    let compiler = Command::new("rustc").arg("--version").output().expect("the compiler runs");
    let version = String::from_utf8_lossy(&compiler.stdout);
    if version.starts_with(COMPILER) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    } else {
        eprintln!("not compared: the expected messages are for {COMPILER}x, this is {version}");
    }
}
