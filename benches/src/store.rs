//! The measurements of the store: the commands, and their common code.

mod arguments;
mod chart;
pub(crate) mod compare;
mod engine;
pub(crate) mod growth;
pub(crate) mod jobs;
mod json;
mod kind;
pub(crate) mod latency;
mod report;
mod results;
mod setup;
pub(crate) mod tasks;

use measure::engine::Outcome;

/// Runs each command once, tiny, with persist and bare rusqlite.
pub(crate) fn smoke() -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let out = directory.path().display().to_string();
    let tiny =
        ["--rounds", "1", "--sample-ms", "20", "--engines", "persist,rusqlite", "--out", &out];
    let with = |options: &[&'static str]| [&tiny, options].concat();
    compare::run(&with(&["--rows", "1000"]))?;
    latency::run(&with(&["--rows", "1000"]))?;
    jobs::run(&with(&["--most", "10"]))?;
    growth::run(&with(&["--most", "10000"]))?;
    tasks::run(&with(&["--rows", "1000"]))
}
