//! The promises that must hold after a power cut, according to the record.

use std::collections::BTreeMap;

use crate::life::JOBS;

/// A fact that is known at a mark of the record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    /// A job was opened, and has the rows after `steps` steps.
    Opened { job: usize, steps: u64 },
    /// A job's step is about to be submitted.
    Submits { job: usize, step: u64 },
    /// `steps` steps were acknowledged. `kept` is set if no power cut may lose them.
    Acknowledged { job: usize, steps: u64, kept: bool },
    /// The state of the job that is filled and dropped.
    Other(Other),
    /// A backup of the first job, with `steps` steps, is about to be made.
    BacksUp { backup: usize, steps: u64 },
    /// The backup was acknowledged.
    BackedUp { backup: usize },
}

/// The state of the job that is filled and dropped. Its rows have another number each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Other {
    #[default]
    NeverMade,
    /// Absent or there, filled or not.
    Making(u8),
    /// There, filled or not.
    Made(u8),
    Filled(u8),
    /// Filled or absent.
    Dropping(u8),
    Dropped(u8),
}

impl Other {
    /// Returns the number of the rows that the job has or had.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::NeverMade => 0,
            Self::Making(number)
            | Self::Made(number)
            | Self::Filled(number)
            | Self::Dropping(number)
            | Self::Dropped(number) => number,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Promises {
    pub(crate) jobs: [Steps; JOBS],
    pub(crate) other: Other,
    /// The steps in each backup, and whether it was acknowledged.
    pub(crate) backups: BTreeMap<usize, (u64, bool)>,
}

/// The numbers of steps of a job that were submitted, acknowledged and kept for certain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    pub(crate) is_made: bool,
    pub(crate) submitted: u64,
    pub(crate) acknowledged: u64,
    pub(crate) kept: u64,
}

impl Promises {
    pub(crate) fn learn(&mut self, known: Known) {
        match known {
            Known::Opened { job, steps } => {
                let job = &mut self.jobs[job];
                job.is_made = true;
                job.submitted = steps;
                job.acknowledged = job.acknowledged.min(steps);
            }
            Known::Submits { job, step } => self.jobs[job].submitted = step + 1,
            Known::Acknowledged { job, steps, kept } => {
                let job = &mut self.jobs[job];
                job.acknowledged = steps;
                if kept {
                    job.kept = steps;
                }
            }
            Known::Other(other) => self.other = other,
            Known::BacksUp { backup, steps } => {
                self.backups.insert(backup, (steps, false));
            }
            Known::BackedUp { backup } => {
                self.backups.entry(backup).and_modify(|(_, there)| *there = true);
            }
        }
    }
}
