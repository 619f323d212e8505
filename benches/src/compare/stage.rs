//! A round's stages: each engine in turn goes through one of them, in a directory of its own, before any goes
//! through the next.

mod reads;
mod size;
mod writes;

use std::path::Path;
use std::time::Duration;

use super::data::Data;
use super::engine::{Commits, Kind, Outcome};
use super::options::Options;
use super::results::Results;
use super::work::Work;

/// How long works that have no end by themselves go on.
pub(crate) const SAMPLE: Duration = Duration::from_millis(500);

/// One engine's turn.
pub(crate) struct Turn<'a> {
    pub(crate) options: &'a Options,
    pub(crate) data: &'a Data,
    pub(crate) kind: Kind,
    pub(crate) directory: &'a Path,
    pub(crate) results: &'a mut Results,
}

impl Turn<'_> {
    fn add(&mut self, work: Work, figure: f64) {
        if self.options.wants(work) {
            self.results.add(work, self.kind, figure);
        }
    }
}

pub(crate) struct Stage {
    works: &'static [Work],
    run: fn(&mut Turn<'_>) -> Outcome<()>,
}

impl Stage {
    pub(crate) const ALL: [Self; 6] = [
        Self { works: &[Work::Puts], run: writes::puts },
        Self { works: &[Work::Acknowledged], run: writes::acknowledged },
        Self { works: &[Work::RandomBatches], run: writes::random_batches },
        Self { works: &[Work::Durable], run: writes::durable },
        Self { works: &[Work::DurableTogether], run: writes::durable_together },
        Self {
            works: &[
                Work::Batches,
                Work::Size,
                Work::Get,
                Work::GetsTogether,
                Work::GetAwaited,
                Work::Scan,
                Work::ScanHundred,
                Work::Count,
                Work::Deletes,
            ],
            run: stored,
        },
    ];

    pub(crate) fn is_wanted(&self, options: &Options) -> bool {
        self.works.iter().any(|&work| options.wants(work))
    }

    pub(crate) fn run(&self, turn: &mut Turn<'_>) -> Outcome<()> {
        (self.run)(turn)
    }
}

/// Rows that are written, read from a store that was opened anew, and deleted.
fn stored(turn: &mut Turn<'_>) -> Outcome<()> {
    let (kind, directory) = (turn.kind, turn.directory);
    kind.with(directory, Commits::Fast, |engine| writes::batches(turn, engine))?;
    turn.add(Work::Size, size::megabytes(directory)?);
    kind.with(directory, Commits::Fast, |engine| {
        reads::all(turn, engine)?;
        writes::deletes(turn, engine)
    })
}
