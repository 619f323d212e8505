//! The workload with one call that fails, what is found when the fault is gone, and after a power cut.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use persist_core::{Config, Error, Job, Persistency};
use persist_faults::{Device, Event, Image, Loss, Watch};
use persist_reliability::{Rows, Workload, assert_sound, rows_of, sqlite};
use persist_tests::watchdog::alive;
use rusqlite::ffi;

use crate::failure::{Failure, Faults};
use crate::known::{self, Known, State};

const STEPS: u64 = 40;
/// Steps once the fault is gone, and again after a power cut.
const STEPS_AFTER: u64 = 3;

/// What is done in each case.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) settings: &'static str,
    pub(crate) seed: u64,
    pub(crate) payload_bytes: usize,
    /// Whether it begins with what a power cut has left.
    pub(crate) recovers: bool,
}

/// What happened in all cases.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cases: u64,
    /// In which the call was reached.
    pub(crate) faults: u64,
    pub(crate) acknowledged: u64,
    /// In how many cases a checkpoint came by itself.
    pub(crate) checkpoints: u64,
    /// Of the power cuts behind them, how many took a step that was there.
    pub(crate) cuts_that_lost: u64,
    /// Errors by what was done, what had failed, and their variants.
    pub(crate) errors: BTreeMap<(&'static str, i32, String), u64>,
}

/// The name of an error's variant.
fn variant(error: &Error) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// Runs the workload with one failure; gives the number of calls that it concerns.
pub(crate) fn try_one(plan: Plan, failure: Failure, at: u64, counts: &mut Counts) -> u64 {
    alive();
    let mut random = Rng::with_seed(plan.seed ^ at);
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let (past, states, steps) = if plan.recovers {
        let (past, states) = cut_short(plan, directory.path(), &mut random);
        fs::remove_dir_all(&root).unwrap();
        (past, states, STEPS..2 * STEPS)
    } else {
        (Vec::new(), vec![0], 0..STEPS)
    };
    let begin = past.len();
    let watch = Watch::after(past, directory.path()).unwrap();
    let faults = Arc::new(Faults::new(failure, at));
    let deciding = Arc::clone(&faults);
    watch.intercept(move |call| deciding.decide(call));
    let mut case = Case::new(plan, steps, &faults, Known::new(&watch, states), counts);
    let while_open = case.run(&root);
    // Once the fault is gone the job opens, and has what was acknowledged.
    faults.lift(true);
    let next = case.steps.end + 1;
    let while_open_again = case.reopen(&root, next);
    let anywhere = random.usize(begin..=watch.events().len());
    let cut = [while_open, while_open_again, anywhere][random.usize(..3)];
    let (image, states) = case.cut(cut, &mut random);
    let found = tempfile::tempdir().unwrap();
    image.write_below(directory.path(), found.path()).unwrap();
    let before = case.known.states[0];
    case.known.states = states;
    case.reopen(&found.path().join("root"), next + STEPS_AFTER);
    let taken = before & !case.known.states[0];

    counts.cases += 1;
    counts.faults += u64::from(faults.has_happened());
    counts.cuts_that_lost += u64::from(taken != 0);
    faults.seen()
}

/// A life without a failure, and a power cut somewhere in it: gives what is left, and the states that it may have.
fn cut_short(plan: Plan, directory: &Path, random: &mut Rng) -> (Vec<Event>, Vec<State>) {
    let watch = Watch::over(directory);
    let faults = Faults::new(Failure::ALL[0], u64::MAX);
    let mut counts = Counts::default();
    let known = Known::new(&watch, vec![0]);
    let mut case = Case::new(plan, 0..STEPS / 2, &faults, known, &mut counts);
    let while_open = case.run(&directory.join("root"));
    let (image, states) = case.cut(random.usize(..=while_open), random);
    (image.events(), states)
}

struct Case<'a> {
    context: String,
    plan: Plan,
    workload: Workload,
    /// Those that are taken while a call fails; one more is, when the fault is gone.
    steps: Range<u64>,
    faults: &'a Faults,
    known: Known<'a>,
    /// The job has told that it has failed, and wasn't opened since.
    has_failed: bool,
    counts: &'a mut Counts,
}

impl<'a> Case<'a> {
    fn new(
        plan: Plan,
        steps: Range<u64>,
        faults: &'a Faults,
        known: Known<'a>,
        counts: &'a mut Counts,
    ) -> Self {
        let context = format!("{}, {:?} at {}", plan.settings, faults.failure, faults.at);
        let workload = Workload::new(plan.seed, 0, plan.payload_bytes);
        Self { context, plan, workload, steps, faults, known, has_failed: false, counts }
    }

    /// Does all that a store can do, while a call fails; gives how many events there were before the close.
    fn run(&mut self, root: &Path) -> usize {
        let config = Config { close_timeout: Duration::from_secs(5), ..Config::default() };
        let store = Persistency::open_with(sqlite(root, self.plan.settings), config).unwrap();
        let mut opened = store.open_job("job").wait();
        if let Err(error) = &opened {
            self.told("open", error);
            if self.faults.failure.for_ever {
                return self.known.events().len();
            }
            // It was once, and is over.
            opened = store.open_job("job").wait();
        }
        let job = opened.unwrap_or_else(|error| panic!("{}: {error}", self.context));
        for (count, step) in self.steps.clone().enumerate() {
            self.step(&job, step);
            if count % 8 == 3 {
                self.read(&job);
            }
            match count {
                10 | 30 => {
                    let synced = job.sync().wait();
                    if self.done("sync", synced) {
                        self.known.synced();
                    }
                }
                35 => {
                    self.counts.checkpoints += u64::from(self.is_checkpointed());
                    let compacted = job.compact().wait();
                    self.done("compact", compacted);
                }
                25 => {
                    let copied = job.backup_to(root.with_file_name("backup.db")).wait();
                    self.done("backup", copied);
                }
                _ => {}
            }
        }
        self.after(&job);
        let while_open = self.known.events().len();
        drop(job);
        let closed = store.close().wait();
        self.done("close", closed);
        while_open
    }

    /// Whether something was written to the file itself, since the first step.
    fn is_checkpointed(&self) -> bool {
        let mut job_file = None;
        let mut has_begun = false;
        self.known.events().iter().any(|event| {
            match event {
                Event::Created { path, file } if path.ends_with("job.db") => job_file = Some(*file),
                Event::Marked(1) => has_begun = true,
                _ => {}
            }
            has_begun && matches!(event, Event::Wrote { file, .. } if Some(*file) == job_file)
        })
    }

    /// Whether the step was acknowledged.
    fn step(&mut self, job: &Job, step: u64) -> bool {
        self.known.submits(step);
        match self.workload.step(step).submit(job).wait() {
            Ok(()) => {
                assert!(!self.has_failed, "{}: acknowledged, having failed", self.context);
                self.counts.acknowledged += 1;
                self.known.applied(step);
                true
            }
            Err(error) => {
                self.told("write", &error);
                match error {
                    Error::Unknown { .. } => self.known.unknown(step),
                    _ => self.known.not_applied(),
                }
                false
            }
        }
    }

    /// A read gives what may be there, or an error.
    fn read(&mut self, job: &Job) {
        match rows_of(job) {
            Ok(rows) => self.may_be(&rows),
            Err(error) => self.told("read", &error),
        }
    }

    fn may_be(&self, rows: &Rows) {
        assert!(self.known.state(&self.workload, rows).is_some(), "{}: a read", self.context);
    }

    /// Whether it was done, and if not, by the right word.
    fn done<T>(&mut self, what: &'static str, result: Result<T, Error>) -> bool {
        result.map_err(|error| self.told(what, &error)).is_ok()
    }

    /// An error has come: only where one was made, and the one for it.
    fn told(&mut self, doing: &'static str, error: &Error) {
        let Self { context, faults, .. } = self;
        let failure = faults.failure;
        assert!(faults.has_happened(), "{context}: {error}, and nothing had failed");
        assert!(is_right(doing, failure, error), "{context}: {doing} gives {error:?}");
        self.has_failed |= matches!(error, Error::Unknown { .. } | Error::Failed { .. });
        *self.counts.errors.entry((doing, failure.errno, variant(error))).or_default() += 1;
    }

    /// What holds of a job that is still open when the fault is gone.
    fn after(&mut self, job: &Job) {
        if !self.faults.has_happened() {
            return;
        }
        self.faults.lift(true);
        let acknowledged = self.step(job, self.steps.end);
        let is_full = self.faults.failure.is_for_want_of_space();
        assert!(!(is_full && self.has_failed), "{}: a full disk failed the job", self.context);
        // A checkpoint in the background may have failed it unseen so far.
        assert!(acknowledged || self.has_failed, "{}: it doesn't go on", self.context);
        // Reads go on.
        let rows = rows_of(job).unwrap_or_else(|error| panic!("{}: {error}", self.context));
        self.may_be(&rows);
        self.faults.lift(false);
    }

    /// Opens the job, where nothing fails any more, and writes it; gives how many events there were before the close.
    fn reopen(&mut self, root: &Path, first: u64) -> usize {
        let context = &self.context;
        let store = Persistency::open(sqlite(root, self.plan.settings)).unwrap();
        let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        let rows = rows_of(&job).unwrap_or_else(|error| panic!("{context}: {error}"));
        let state = self.known.state(&self.workload, &rows);
        let state = state.unwrap_or_else(|| {
            panic!("{context}: what is found is none of {:x?}", self.known.states)
        });
        self.known.states = vec![state];
        self.has_failed = false;
        assert!(job.check().wait().unwrap().is_sound(), "{context}");
        for step in first..first + STEPS_AFTER {
            self.known.submits(step);
            let written = self.workload.step(step).submit(&job).wait();
            written.unwrap_or_else(|error| panic!("{}: {error}", self.context));
            self.known.applied(step);
        }
        let state = self.known.states[0];
        let context = &self.context;
        assert_eq!(rows_of(&job).unwrap(), known::rows(&self.workload, state), "{context}");
        let while_open = self.known.events().len();
        drop(job);
        store.close().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        assert_sound(&root.join("job.db"));
        while_open
    }

    /// Cuts the power behind so many events; gives what is left, and the states that it may have.
    fn cut(&mut self, events: usize, random: &mut Rng) -> (Image, Vec<State>) {
        let loss = Loss::ALL[random.usize(..Loss::ALL.len())];
        write!(self.context, ", then {loss:?} lost by a power cut at {events}").unwrap();
        let record = &self.known.events()[..events];
        let image = Device::with_seed(random.u64(..)).after(record).cut(loss, random);
        let is_full = self.plan.settings.contains("full");
        (image, self.known.after_a_cut(record, is_full))
    }
}

/// Whether this error may come of that failure.
fn is_right(doing: &str, failure: Failure, error: &Error) -> bool {
    let is_full = failure.is_for_want_of_space();
    match error {
        Error::DiskFull { .. } => is_full,
        // SQLite doesn't say why a file can't be made, nor its index of the WAL grow, and the disk isn't really full.
        Error::Backend { code: ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_CANTOPEN, .. }
            if is_full =>
        {
            doing == "open"
        }
        _ if is_full => false,
        // Committing and checkpoints, and a close that tells of one in the background.
        Error::Unknown { .. } => matches!(doing, "write" | "sync" | "compact"),
        Error::Failed { .. } => matches!(doing, "write" | "sync" | "compact" | "close"),
        // SQLite takes a page that can't be read for a damaged one.
        Error::Backend { .. } | Error::Corrupt { .. } => true,
        // The root can't be made.
        Error::InvalidArgument { .. } => doing == "open",
        _ => false,
    }
}
