//! Tests that take a process of their own, since what they change is the whole process's, or since it dies.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

const GIVEN: &str = "PERSIST_CHILD";

/// A process that runs one test of this program, which does something in a child alone: see [`given`].
///
/// # Panics
///
/// If the program isn't known.
#[must_use]
pub fn child(test: &str, given: impl AsRef<OsStr>) -> Command {
    let program = env::current_exe().expect("a test is a program");
    child_by(&program, test, given)
}

/// The same, by a copy of this program.
#[must_use]
pub fn child_by(program: &Path, test: &str, given: impl AsRef<OsStr>) -> Command {
    of_test(Command::new(program), test, given)
}

/// The same, begun by a line of a shell in which `"$@"` is its command.
///
/// # Panics
///
/// If the program isn't known.
#[must_use]
pub fn child_of(shell: &str, test: &str, given: impl AsRef<OsStr>) -> Command {
    let program = env::current_exe().expect("a test is a program");
    let mut child = Command::new("sh");
    child.args(["-c", shell, "sh"]).arg(program);
    of_test(child, test, given)
}

fn of_test(mut child: Command, test: &str, given: impl AsRef<OsStr>) -> Command {
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(GIVEN, given);
    child
}

/// What a child was given; none in the process that starts children.
#[must_use]
pub fn given() -> Option<OsString> {
    env::var_os(GIVEN)
}

/// Runs a child to its end, which has to be a good one; gives what it said.
///
/// # Panics
///
/// If it isn't.
pub fn run(mut child: Command) -> String {
    let output = child.output().expect("it starts");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    said
}
