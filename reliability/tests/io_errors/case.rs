//! The workload with one call that fails, and the state of the job after the fault and after a power cut.

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
/// The number of steps after the fault, and again after a power cut.
const STEPS_AFTER: u64 = 3;

/// The plan of all cases.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) settings: &'static str,
    pub(crate) seed: u64,
    pub(crate) payload_bytes: usize,
    /// Whether the workload begins with the files that a power cut has left.
    pub(crate) recovers: bool,
}

/// The counts of all cases.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) cases: u64,
    /// The cases in which the call was reached.
    pub(crate) faults: u64,
    pub(crate) acknowledged: u64,
    /// The cases in which a checkpoint began by itself.
    pub(crate) checkpoints: u64,
    /// The power cuts afterwards that lost a step.
    pub(crate) cuts_that_lost: u64,
    /// The errors by operation, error code and variant.
    pub(crate) errors: BTreeMap<(&'static str, i32, String), u64>,
}

/// Returns the name of an error's variant.
fn variant(error: &Error) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

/// Runs the workload with one failure. Returns the number of calls to which the failure applies.
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
    // After the fault the job opens and has all acknowledged writes.
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

/// Runs the workload without a failure and cuts the power at a random place. Returns the record of the disk that is
/// left, and the states that it may have.
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
    /// The steps while a call fails. One more follows after the fault.
    steps: Range<u64>,
    faults: &'a Faults,
    known: Known<'a>,
    /// Whether the job has reported that it failed, and wasn't opened since.
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

    /// Makes every kind of call while a file call fails. Returns the number of events before the close.
    fn run(&mut self, root: &Path) -> usize {
        let config = Config::new().close_timeout(Duration::from_secs(5));
        let store = Persistency::open_with(sqlite(root, self.plan.settings), config).unwrap();
        let mut opened = store.open_job("job").wait();
        if let Err(error) = &opened {
            self.note_error("open", error);
            if self.faults.failure.for_ever {
                return self.known.events().len();
            }
            // The fault happened once, and is over.
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
                    if self.note("sync", synced) {
                        self.known.synced();
                    }
                }
                35 => {
                    self.counts.checkpoints += u64::from(self.is_checkpointed());
                    let compacted = job.compact().wait();
                    self.note("compact", compacted);
                }
                25 => {
                    let copied = job.backup_to(root.with_file_name("backup.db")).wait();
                    self.note("backup", copied);
                }
                _ => {}
            }
        }
        self.after(&job);
        let while_open = self.known.events().len();
        drop(job);
        let closed = store.close().wait();
        self.note("close", closed);
        while_open
    }

    /// Returns whether the database file was written since the first step.
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

    /// Submits a step. Returns whether it was acknowledged.
    fn step(&mut self, job: &Job, step: u64) -> bool {
        self.known.submits(step);
        match self.workload.step(step).submit(job).wait() {
            Ok(()) => {
                assert!(!self.has_failed, "{}: a failed job acknowledged a write", self.context);
                self.counts.acknowledged += 1;
                self.known.applied(step);
                true
            }
            Err(error) => {
                self.note_error("write", &error);
                match error {
                    Error::Unknown { .. } => self.known.unknown(step),
                    _ => self.known.not_applied(),
                }
                false
            }
        }
    }

    /// Reads all rows: the result is a possible state, or an error.
    fn read(&mut self, job: &Job) {
        match rows_of(job) {
            Ok(rows) => self.assert_possible(&rows),
            Err(error) => self.note_error("read", &error),
        }
    }

    fn assert_possible(&self, rows: &Rows) {
        assert!(
            self.known.state(&self.workload, rows).is_some(),
            "{}: a read found an impossible state",
            self.context
        );
    }

    /// Notes the result of an operation. Returns whether it succeeded.
    fn note<T>(&mut self, what: &'static str, result: Result<T, Error>) -> bool {
        result.map_err(|error| self.note_error(what, &error)).is_ok()
    }

    /// Notes an error: a call must have failed, and the error must be the right one for it.
    fn note_error(&mut self, doing: &'static str, error: &Error) {
        let Self { context, faults, .. } = self;
        let failure = faults.failure;
        assert!(faults.has_happened(), "{context}: {error}, but no call had failed");
        assert!(is_expected(doing, failure, error), "{context}: {doing} returned {error:?}");
        self.has_failed |= matches!(error, Error::Unknown { .. } | Error::Failed { .. });
        *self.counts.errors.entry((doing, failure.errno, variant(error))).or_default() += 1;
    }

    /// Checks a job that is still open after the fault.
    fn after(&mut self, job: &Job) {
        if !self.faults.has_happened() {
            return;
        }
        self.faults.lift(true);
        let acknowledged = self.step(job, self.steps.end);
        let is_full = self.faults.failure.is_missing_space();
        assert!(!(is_full && self.has_failed), "{}: a full disk failed the job", self.context);
        // A checkpoint in the background may have failed the job, without a report so far.
        assert!(acknowledged || self.has_failed, "{}: the job doesn't go on", self.context);
        // Reads still work.
        let rows = rows_of(job).unwrap_or_else(|error| panic!("{}: {error}", self.context));
        self.assert_possible(&rows);
        self.faults.lift(false);
    }

    /// Opens the job without failing calls, and writes it. Returns the number of events before the close.
    fn reopen(&mut self, root: &Path, first: u64) -> usize {
        let context = &self.context;
        let store = Persistency::open(sqlite(root, self.plan.settings)).unwrap();
        let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        let rows = rows_of(&job).unwrap_or_else(|error| panic!("{context}: {error}"));
        let state = self.known.state(&self.workload, &rows);
        let state = state
            .unwrap_or_else(|| panic!("{context}: the rows are none of {:x?}", self.known.states));
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

    /// Cuts the power after `events` events. Returns the disk that is left, and the states that it may have.
    fn cut(&mut self, events: usize, random: &mut Rng) -> (Image, Vec<State>) {
        let loss = Loss::ALL[random.usize(..Loss::ALL.len())];
        write!(self.context, ", then {loss:?} lost by a power cut at {events}").unwrap();
        let record = &self.known.events()[..events];
        let image = Device::with_seed(random.u64(..)).after(record).cut(loss, random);
        let is_full = self.plan.settings.contains("full");
        (image, self.known.after_a_cut(record, is_full))
    }
}

/// Returns whether the failure may cause this error.
fn is_expected(doing: &str, failure: Failure, error: &Error) -> bool {
    let is_full = failure.is_missing_space();
    match error {
        Error::DiskFull { .. } => is_full,
        // SQLite doesn't report why a file can't be created or the index of the WAL can't grow, and the disk isn't
        // really full.
        Error::Backend { code, .. }
            if is_full
                && [ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_CANTOPEN]
                    .iter()
                    .any(|full| *code == full.to_string()) =>
        {
            doing == "open"
        }
        _ if is_full => false,
        // A commit or a checkpoint; the close may report one in the background.
        Error::Unknown { .. } => matches!(doing, "write" | "sync" | "compact"),
        Error::Failed { .. } => matches!(doing, "write" | "sync" | "compact" | "close"),
        // SQLite reports a page that can't be read as damage.
        Error::Backend { .. } | Error::Corrupt { .. } => true,
        // The root can't be created.
        Error::InvalidArgument { .. } => doing == "open",
        _ => false,
    }
}
