//! `growth`: how reads and writes fare as a store grows.

use measure::child::Request;
use measure::data::{KEY_BYTES, PAYLOAD_BYTES};
use measure::engine::Outcome;
use measure::samples::Samples;
use measure::stage::Works;
use measure::work::Work;

use super::arguments::Arguments;
use super::kind::Kind;
use super::report::Report;
use super::results::Results;
use super::setup::Setup;
use crate::table::Table;

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
                    line.title += &format!(", {rows} rows");
                }
                results.add(kind, samples);
                Ok(())
            })?;
        }
    }
    let about = format!("keys of {KEY_BYTES} bytes, payloads of {PAYLOAD_BYTES}");
    let report = Report { setup: &setup, about, results: &results };
    report.publish()?;
    report.draw()?;
    Ok(())
}
