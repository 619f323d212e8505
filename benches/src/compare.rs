//! `compare`: persist beside bare SQLite and the stores that one might take instead.

mod answers;
mod chart;
mod data;
mod engine;
mod fsync;
mod json;
mod options;
mod rate;
mod report;
mod results;
mod stage;
mod work;

use std::fs;

use data::Data;
use engine::{Fault, Kind, Outcome};
use options::Options;
use report::Report;
use results::Results;
use stage::{SAMPLE, Stage, Turn};

pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let results = measure(&options).map_err(|fault| fault.to_string())?;
    println!("{}", Report::new(&options, &results));
    let write = |name: &str, text: String| {
        let path = options.out.join(name);
        println!("written: {}", path.display());
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    fs::create_dir_all(&options.out).map_err(|error| error.to_string())?;
    write("compare.json", json::of(&options, &results))?;
    write("compare.svg", chart::of(&options, &results))
}

/// The answers of persist and of bare rusqlite.
pub(crate) fn smoke() -> Result<(), String> {
    for kind in [Kind::PERSIST, Kind::BARE] {
        answers::check(kind).map_err(|fault| fault.to_string())?;
    }
    println!("compare: persist and bare rusqlite give the right answers");
    Ok(())
}

fn measure(options: &Options) -> Outcome<Results> {
    for &kind in &options.kinds {
        answers::check(kind)?;
    }
    let data = Data::new(options.rows);
    let mut results = Results::default();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        results.fsync_ms.push(fsync::milliseconds(&options.data, SAMPLE)?);
        for stage in Stage::ALL.iter().filter(|stage| stage.is_wanted(options)) {
            // Another one goes first in each round.
            let kinds = options.kinds.iter().cycle().skip(round % options.kinds.len());
            for &kind in kinds.take(options.kinds.len()) {
                take_turn(options, &data, stage, kind, &mut results)?;
            }
        }
    }
    Ok(results)
}

fn take_turn(
    options: &Options,
    data: &Data,
    stage: &Stage,
    kind: Kind,
    results: &mut Results,
) -> Outcome<()> {
    let directory = tempfile::tempdir_in(&options.data)?;
    stage.run(&mut Turn { options, data, kind, directory: directory.path(), results })?;
    directory.close().map_err(Fault::from)
}
