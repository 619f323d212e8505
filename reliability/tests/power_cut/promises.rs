//! What has to hold after a power cut, as far as the record says what was promised by then.

use std::collections::BTreeMap;

use crate::life::JOBS;

/// What is known of a life at a place of its record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    /// A job was opened, and has so many steps in it.
    Opened { job: usize, steps: u64 },
    /// A job's step is about to be submitted.
    Submits { job: usize, step: u64 },
    /// So many steps were acknowledged; `kept` is set if no power cut may take them.
    Acknowledged { job: usize, steps: u64, kept: bool },
    /// What became of the job that is made and dropped.
    Other(Other),
    /// A backup of the first job is about to be made, of so many steps.
    BacksUp { backup: usize, steps: u64 },
    /// It is there.
    BackedUp { backup: usize },
}

/// The job that is filled and dropped, each time with rows of another number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Other {
    #[default]
    NeverMade,
    /// There or not, filled or not.
    Making(u8),
    /// There, filled or not.
    Made(u8),
    Filled(u8),
    /// Filled or not there.
    Dropping(u8),
    Dropped(u8),
}

impl Other {
    /// The number of the rows that it has or had.
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
    /// The steps that each backup has, and whether it is surely there.
    pub(crate) backups: BTreeMap<usize, (u64, bool)>,
}

/// How many steps of a job were submitted, acknowledged, and surely kept.
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
