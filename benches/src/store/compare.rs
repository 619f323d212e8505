//! `compare`: persist compared with bare SQLite and alternative stores.

use measure::child::Request;
use measure::data::ROW;
use measure::engine::Outcome;
use measure::fsync;
use measure::stage::{Stage, Works};
use measure::work::Work;

use super::arguments::Arguments;
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;

pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    let mut arguments = Arguments::of("compare", arguments)?;
    let rows = arguments.number("--rows", 1_000, 200_000)?;
    let works = arguments.some_of("--only", &Work::ALL, &Work::ALL, |work| work.name())?;
    let setup = Setup::take(&mut arguments, &Kind::all(), &Kind::all())?;
    arguments.finish()?;
    let takes_part = |kind: &Kind| works.iter().any(|&work| (kind.takes_part)(work));
    if !setup.kinds.iter().any(takes_part) {
        return Err("none of these engines takes part in any of these works".into());
    }
    let results = measure(&setup, rows, &works)?;
    let about = format!("{rows} rows, {ROW}");
    let report = Report { setup: &setup, about, results: &results };
    report.publish()?;
    report.draw()
}

fn measure(setup: &Setup, rows: usize, works: &[Work]) -> Outcome<Results> {
    setup.check_answers()?;
    let mut results = Results::default();
    for round in setup.rounds() {
        results.fsync_ms.push(fsync::milliseconds(&setup.data, setup.sample)?);
        for stage in Stage::ALL {
            setup.take_turns(round, |kind, directory| {
                let wanted = |work: &Work| works.contains(work) && (kind.takes_part)(*work);
                let works: Vec<Work> = stage.works.iter().copied().filter(wanted).collect();
                if works.is_empty() {
                    return Ok(());
                }
                let directory = directory.path().to_owned();
                let works = Works { works, rows, sample: setup.sample, directory };
                results.add(kind, kind.serve(&Request::Works(works))?);
                Ok(())
            })?;
        }
    }
    Ok(results)
}
