//! The program of the engines with another version of SQLite.

use std::process::Command;

use measure::child::{self, Request};
use measure::engine::Outcome;
use measure::samples::Samples;

pub(super) const LOCK: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/other-sqlite/Cargo.lock"));

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/other-sqlite/Cargo.toml");

/// Builds the program. This takes no time if it is up to date.
pub(super) fn build() -> Outcome<()> {
    let status =
        Command::new("cargo").args(["build", "--release", "--manifest-path", MANIFEST]).status()?;
    if status.success() { Ok(()) } else { Err("its program could not be built".into()) }
}

/// Sends a request for one of its engines to the program.
pub(super) fn ask(engine: &str, request: &Request) -> Outcome<Samples> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--manifest-path", MANIFEST, "--", engine]);
    child::ask(&mut cargo, request)
}
