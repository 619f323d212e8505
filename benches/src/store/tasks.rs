//! `async`: the throughput of tasks on tokio with the engines that can be awaited.

use measure::child::Request;
use measure::data::ROW;
use measure::engine::Outcome;
use measure::tasks::Tasks;

use super::arguments::Arguments;
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;

pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    let mut arguments = Arguments::of("async", arguments)?;
    let rows = arguments.number("--rows", 1_000, 20_000)?;
    let kinds = Kind::all_awaited();
    let setup = Setup::take(&mut arguments, &kinds, &kinds)?;
    arguments.finish()?;
    setup.check_answers()?;
    let mut results = Results::default();
    for round in setup.rounds() {
        setup.take_turns(round, |kind, directory| {
            let directory = directory.path().to_owned();
            let tasks = Tasks { rows, sample: setup.sample, directory };
            results.add(kind, kind.serve(&Request::Tasks(tasks))?);
            Ok(())
        })?;
    }
    let about = format!("{rows} rows, {ROW}");
    Report { setup: &setup, about, results: &results }.publish()
}
