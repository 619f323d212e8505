//! Measures the engines that use another version of SQLite than persist. Cargo allows only one version in a lock file.
//!
//! `persist-bench` runs it with the name of an engine and a request.

mod blocking;
mod denokv;
mod store;
mod tokio_rusqlite;

use std::process::ExitCode;

use measure::child::{self, Entry};
use measure::engine::Outcome;
use measure::tasks::Tasks;

use crate::denokv::DenoKv;
use crate::tokio_rusqlite::TokioRusqlite;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match serve(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &[String]) -> Outcome<()> {
    let [engine, request] = arguments else {
        return Err("`persist-bench` runs this, for `compare` and `async`".into());
    };
    let entry = match engine.as_str() {
        "tokio-rusqlite" => entry::<TokioRusqlite>(),
        "denokv" => entry::<DenoKv>(),
        _ => return Err(format!("there is no {engine}").into()),
    };
    child::reply(&entry.serve(&serde_json::from_str(request)?)?)
}

fn entry<S: store::Store>() -> Entry {
    Entry { with: blocking::with::<S>, tasks: Some(Tasks::measure::<S>) }
}
