//! Tests that take a process of their own, since what they change is the whole process's.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const DIRECTORY: &str = "PERSIST_HOSTILE";

/// A process that runs one test of this program, which does something in a child alone.
pub(crate) fn child(test: &str, directory: &Path) -> Command {
    child_of("\"$@\"", test, directory)
}

/// The same, begun by a line of a shell in which `"$@"` is its command.
pub(crate) fn child_of(shell: &str, test: &str, directory: &Path) -> Command {
    let mut child = Command::new("sh");
    child.args(["-c", shell, "sh"]).arg(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(DIRECTORY, directory);
    child
}

/// The directory that a child was given; none in the process that starts children.
pub(crate) fn given() -> Option<PathBuf> {
    env::var_os(DIRECTORY).map(PathBuf::from)
}

/// Runs a child to its end, which has to be a good one.
pub(crate) fn run(mut child: Command) {
    let output = child.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}
