//! The program of the engines that bring another version of SQLite.

use std::process::Command;

use measure::child::{self, Request};
use measure::engine::Outcome;
use measure::samples::Samples;

pub(super) const LOCK: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/other-sqlite/Cargo.lock"));

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/other-sqlite/Cargo.toml");

/// Where it is up to date, that takes no time.
pub(super) fn build() -> Outcome<()> {
    let status =
        Command::new("cargo").args(["build", "--release", "--manifest-path", MANIFEST]).status()?;
    if status.success() { Ok(()) } else { Err("its program could not be built".into()) }
}

/// Has the program do what one of its engines is asked for.
pub(super) fn ask(engine: &str, request: &Request) -> Outcome<Samples> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--release", "--quiet", "--manifest-path", MANIFEST, "--", engine]);
    child::ask(&mut cargo, request)
}
