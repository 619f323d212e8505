//! `growth`: reads and writes as a store grows.

use measure::child::Request;
use measure::data::ROW;
use measure::engine::Outcome;
use measure::line::{Line, Unit};
use measure::samples::Samples;
use measure::stage::Works;
use measure::work::Work;

use super::arguments::Arguments;
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 5_000_000];

const WORKS: [Work; 3] = [Work::Get, Work::ScanHundred, Work::Replacements];

pub(crate) fn run(arguments: &[&str]) -> Outcome<()> {
    let mut arguments = Arguments::of("growth", arguments)?;
    let most = arguments.number("--most", SIZES[0], SIZES[SIZES.len() - 1])?;
    let kinds = [Kind::PERSIST, Kind::BARE];
    let setup = Setup::take(&mut arguments, &Kind::all_here(), &kinds)?;
    arguments.finish()?;
    setup.check_answers()?;
    let sizes: Vec<usize> = SIZES.into_iter().filter(|&rows| rows <= most).collect();
    let mut results = Results::default();
    for round in setup.rounds() {
        for &rows in &sizes {
            setup.take_turns(round, |kind, directory| {
                let directory = directory.path().to_owned();
                let works = Works { works: WORKS.into(), rows, sample: setup.sample, directory };
                let mut samples = kind.serve(&Request::Works(works))?;
                for (line, _) in &mut samples.figures {
                    *line = at_size(line, rows);
                }
                results.add(kind, samples);
                Ok(())
            })?;
        }
    }
    add_steepness(&mut results, &setup.kinds, &sizes);
    let about = ROW.to_owned();
    let report = Report { setup: &setup, about, results: &results };
    report.publish()?;
    report.draw()
}

fn at_size(line: &Line, rows: usize) -> Line {
    Line::new(format!("{}, {rows} rows", line.title), line.unit)
}

/// Adds how many times as long the same work takes in the largest store as in the smallest one, round by round.
fn add_steepness(results: &mut Results, kinds: &[Kind], sizes: &[usize]) {
    let [smallest, .., largest] = *sizes else { return };
    for line in WORKS.map(Work::line) {
        let title = format!("{}, growth", line.title);
        let growth = Line::new(title, Unit::Times);
        for &kind in kinds {
            let [small, large] =
                [smallest, largest].map(|rows| results.samples(&at_size(&line, rows), kind));
            let mut samples = Samples::default();
            for (small, large) in small.into_iter().zip(large) {
                let times = if line.unit.more_is_better() { small / large } else { large / small };
                samples.add(growth.clone(), times);
            }
            results.add(kind, samples);
        }
    }
}
