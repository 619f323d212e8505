//! Child processes that run one test of this program: code that ends the process, or that changes the whole process.
//!
//! A test that is the code of a child has the attribute `#[ignore = "run by another test in a process of its own"]`, so that the
//! ordinary run leaves it out. [`child`] runs it all the same, and it gets its argument by [`child_argument`].

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

const ARGUMENT: &str = "PERSIST_CHILD";

/// Returns the command that runs one test of this program, by its path, with an argument.
///
/// # Panics
///
/// If the path of this program isn't known.
#[must_use]
pub fn child(test: &str, argument: impl AsRef<OsStr>) -> Command {
    let program = env::current_exe().expect("a test is a program");
    child_of_program(&program, test, argument)
}

/// Like [`child`], with a copy of this program.
#[must_use]
pub fn child_of_program(program: &Path, test: &str, argument: impl AsRef<OsStr>) -> Command {
    with_test(Command::new(program), test, argument)
}

/// Like [`child`], started by a line of shell code in which `"$@"` is the command.
///
/// # Panics
///
/// If the path of this program isn't known.
#[must_use]
pub fn child_in_shell(shell: &str, test: &str, argument: impl AsRef<OsStr>) -> Command {
    let program = env::current_exe().expect("a test is a program");
    let mut child = Command::new("sh");
    child.args(["-c", shell, "sh"]).arg(program);
    with_test(child, test, argument)
}

fn with_test(mut child: Command, test: &str, argument: impl AsRef<OsStr>) -> Command {
    child
        .args(["--exact", test, "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(ARGUMENT, argument);
    child
}

/// Returns the argument of this process if it is a child, and `None` in the process that starts children.
#[must_use]
pub fn child_argument() -> Option<OsString> {
    env::var_os(ARGUMENT)
}

/// Runs a child and returns its output.
///
/// # Panics
///
/// If the child fails, or doesn't run exactly one test.
pub fn run(mut child: Command) -> String {
    let output = child.output().expect("the child starts");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
    text
}
