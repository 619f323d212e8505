//! The stages of a round. All engines in turn go through one stage, each in a directory of its own, before the next
//! stage begins.

mod reads;
mod size;
mod writes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::engine::{Commits, Outcome, With};
use crate::samples::Samples;
use crate::work::Work;

/// The turn of an engine in a stage.
#[derive(Serialize, Deserialize)]
pub struct Works {
    /// The works of the stage that are measured.
    pub works: Vec<Work>,
    pub rows: usize,
    /// The duration of works without an end of their own.
    pub sample: Duration,
    /// A directory that is still empty.
    pub directory: PathBuf,
}

impl Works {
    pub fn measure(&self, with: With) -> Outcome<Samples> {
        let Self { works, sample, directory, .. } = self;
        let (data, samples) = (Data::new(self.rows), Samples::default());
        let mut turn = Turn { with, works, sample: *sample, data: &data, directory, samples };
        for stage in Stage::ALL {
            if stage.works.iter().any(|work| works.contains(work)) {
                (stage.run)(&mut turn)?;
            }
        }
        Ok(turn.samples)
    }
}

struct Turn<'a> {
    with: With,
    works: &'a [Work],
    sample: Duration,
    data: &'a Data,
    directory: &'a Path,
    samples: Samples,
}

impl Turn<'_> {
    fn wants(&self, work: Work) -> bool {
        self.works.contains(&work)
    }

    fn add(&mut self, work: Work, figure: f64) {
        if self.wants(work) {
            self.samples.add(work.line(), figure);
        }
    }
}

/// Works that are done one after another, over the same rows.
pub struct Stage {
    pub works: &'static [Work],
    run: fn(&mut Turn<'_>) -> Outcome<()>,
}

impl Stage {
    pub const ALL: [Self; 6] = [
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
                Work::Replacements,
                Work::Deletes,
            ],
            run: stored,
        },
    ];
}

/// Writes rows, reads them from a store that was reopened, writes them again, and deletes them.
fn stored(turn: &mut Turn<'_>) -> Outcome<()> {
    let (with, directory) = (turn.with, turn.directory);
    with(directory, Commits::Fast, &mut |engine| writes::batches(turn, engine))?;
    turn.add(Work::Size, size::megabytes(directory)?);
    with(directory, Commits::Fast, &mut |engine| {
        reads::all(turn, engine)?;
        writes::replacements(turn, engine)?;
        writes::deletes(turn, engine)
    })
}
