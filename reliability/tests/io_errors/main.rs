//! A file call fails, once or from then on, in whatever the store is doing: each write's outcome is true, the error is the right
//! one, and once the fault is gone the job opens and has all that was acknowledged.

mod lasting;

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use fastrand::Rng;
use persist_core::{Config, Error, Job, Persistency};
use persist_faults::{Call, Device, Fault, Loss, Op, Watch};
use persist_reliability::{Rows, Workload, assert_sound, cases, rows_of, seed, sqlite};

/// Cases of each setting in the short form.
const CASES: usize = 150;
const STEPS: u64 = 40;

/// How a call fails.
#[derive(Clone, Copy, Debug)]
struct Failure {
    errno: i32,
    /// Half of what is to be written is, before the next call fails.
    short: bool,
    for_ever: bool,
}

const FAILURES: [Failure; 6] = [
    Failure { errno: libc::EIO, short: false, for_ever: false },
    Failure { errno: libc::EIO, short: false, for_ever: true },
    Failure { errno: libc::EIO, short: true, for_ever: true },
    Failure { errno: libc::ENOSPC, short: false, for_ever: false },
    Failure { errno: libc::ENOSPC, short: false, for_ever: true },
    Failure { errno: libc::ENOSPC, short: true, for_ever: true },
];

impl Failure {
    /// Whether it can happen to such a call: only what takes room can lack it.
    fn concerns(self, call: &Call<'_>) -> bool {
        match call.op {
            Op::Write(bytes) => !self.short || bytes > 1,
            Op::MakeDirectory => !self.short,
            _ => self.errno == libc::EIO && !self.short,
        }
    }

    fn fails(self, call: &Call<'_>) -> Fault {
        match call.op {
            Op::Write(bytes) if self.short && bytes > 1 => Fault::Short(bytes / 2),
            _ => Fault::Errno(self.errno),
        }
    }
}

/// Fails the call of a number, among those that a failure concerns.
#[derive(Debug)]
struct Faults {
    failure: Failure,
    at: u64,
    seen: AtomicU64,
    lifted: AtomicBool,
}

impl Faults {
    fn decide(&self, call: &Call<'_>) -> Option<Fault> {
        if self.lifted.load(Relaxed) || !self.failure.concerns(call) {
            return None;
        }
        let number = self.seen.fetch_add(1, Relaxed);
        let fails = if self.failure.for_ever { number >= self.at } else { number == self.at };
        if !fails {
            return None;
        }
        // After a short write the rest fails.
        let failure = Failure { short: self.failure.short && number == self.at, ..self.failure };
        Some(failure.fails(call))
    }

    fn has_happened(&self) -> bool {
        self.seen.load(Relaxed) > self.at
    }
}

/// What happened in all cases, by where and what.
#[derive(Debug, Default)]
struct Counts {
    cases: usize,
    acknowledged: u64,
    outcomes: BTreeMap<String, usize>,
}

impl Counts {
    fn note(&mut self, phase: &str, error: &Error, failure: Failure) {
        let kind = kind(error);
        *self
            .outcomes
            .entry(format!(
                "{phase}, {}: {kind}",
                io::Error::from_raw_os_error(failure.errno).kind()
            ))
            .or_default() += 1;
    }
}

/// The name of an error's variant.
fn kind(error: &Error) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

#[test]
fn normal_survives_every_error() {
    survives("normal");
}

#[test]
fn full_survives_every_error() {
    survives("full");
}

#[test]
fn exclusive_survives_every_error() {
    survives("full+exclusive");
}

fn survives(settings: &'static str) {
    let seed = seed();
    let mut random = Rng::with_seed(seed);
    let mut counts = Counts::default();
    // How many calls there are, where none fails.
    let calls = FAILURES.map(|failure| try_one(settings, seed, failure, u64::MAX, &mut counts));
    if env::var("PERSIST_FAULTS").is_ok_and(|faults| faults == "all") {
        for (failure, calls) in FAILURES.into_iter().zip(calls) {
            (0..calls).for_each(|at| {
                try_one(settings, seed, failure, at, &mut counts);
            });
        }
    } else {
        for _ in 0..cases("PERSIST_FAULTS", CASES) {
            let which = random.usize(..FAILURES.len());
            try_one(settings, seed, FAILURES[which], random.u64(..calls[which]), &mut counts);
        }
    }
    println!("{settings}, {calls:?} calls: {counts:#?}");
}

/// What is known of the rows while writes fail: each of these may be what is there.
struct Possible(Vec<Rows>);

impl Possible {
    fn applied(&mut self, workload: &Workload, step: u64) {
        self.0.iter_mut().for_each(|rows| workload.step(step).apply(rows));
        self.0.dedup();
    }

    fn perhaps_applied(&mut self, workload: &Workload, step: u64) {
        let mut applied = Self(self.0.clone());
        applied.applied(workload, step);
        self.0.append(&mut applied.0);
    }
}

struct Case<'a> {
    context: String,
    failure: Failure,
    faults: &'a Faults,
    workload: Workload,
    possible: Possible,
    /// Since it is open, a write's outcome was unknown.
    has_failed: bool,
    counts: &'a mut Counts,
}

/// Runs the workload with one failure; gives the number of calls that it concerns.
fn try_one(
    settings: &'static str,
    seed: u64,
    failure: Failure,
    at: u64,
    counts: &mut Counts,
) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let root = directory.path().join("root");
    let faults = Faults { failure, at, seen: AtomicU64::new(0), lifted: AtomicBool::new(false) };
    let faults = Arc::new(faults);
    let deciding = Arc::clone(&faults);
    watch.intercept(move |call| deciding.decide(call));
    counts.cases += 1;
    let mut case = Case {
        context: format!("{settings}, {failure:?} at {at}"),
        failure,
        faults: &faults,
        workload: Workload::new(seed, 0, 3_000),
        possible: Possible(vec![Rows::new()]),
        has_failed: false,
        counts,
    };
    case.run(&root, settings);
    // Once the fault is gone the job opens, and has what was acknowledged.
    faults.lifted.store(true, Relaxed);
    case.reopen(&root, settings, STEPS);
    if settings.contains("full") {
        let found = after_a_cut(&watch, directory.path());
        case.context += ", then a power cut";
        case.reopen(&found.path().join("root"), settings, 2 * STEPS);
    }
    faults.seen.load(Relaxed)
}

impl Case<'_> {
    fn run(&mut self, root: &Path, settings: &str) {
        let config =
            Config { close_timeout: std::time::Duration::from_secs(5), ..Config::default() };
        let store = match Persistency::open_with(sqlite(root, settings), config) {
            Ok(store) => store,
            Err(error) => return self.told("open", &error),
        };
        let job = match store.open_job("job").wait() {
            Ok(job) => job,
            Err(error) => {
                self.told("open", &error);
                if self.failure.for_ever {
                    return;
                }
                // It was once, and is over.
                store
                    .open_job("job")
                    .wait()
                    .unwrap_or_else(|error| panic!("{}: {error}", self.context))
            }
        };
        for step in 0..STEPS {
            self.step(&job, step);
            if step % 8 == 3 {
                self.read(&job);
            }
            match step {
                10 => self.may_fail("sync", job.sync().wait()),
                20 => self.may_fail("compact", job.compact().wait().map(drop)),
                25 => {
                    let backup = root.with_file_name("backup.db");
                    self.may_fail("backup", job.backup_to(&backup).wait());
                }
                _ => {}
            }
        }
        self.after(&job);
        drop(job);
        self.may_fail("close", store.close().wait());
    }

    fn step(&mut self, job: &Job, step: u64) {
        let result = self.workload.step(step).submit(job).wait();
        self.outcome(step, result);
    }

    fn outcome(&mut self, step: u64, result: Result<(), Error>) {
        match result {
            Ok(()) => {
                assert!(
                    !self.has_failed,
                    "{}: acknowledged by a job that has failed",
                    self.context
                );
                self.counts.acknowledged += 1;
                self.possible.applied(&self.workload, step);
            }
            Err(error) => {
                self.told("write", &error);
                if matches!(error, Error::Unknown { .. }) {
                    self.has_failed = true;
                    self.possible.perhaps_applied(&self.workload, step);
                }
            }
        }
    }

    /// A read gives what may be there, or an error.
    fn read(&mut self, job: &Job) {
        match rows_of(job) {
            Ok(rows) => assert!(self.possible.0.contains(&rows), "{}: a read", self.context),
            Err(error) => self.told("read", &error),
        }
    }

    fn may_fail(&mut self, phase: &str, result: Result<(), Error>) {
        if let Err(error) = result {
            self.told(phase, &error);
        }
    }

    /// An error has come: only where one was made, and the one for it.
    fn told(&mut self, phase: &str, error: &Error) {
        let Self { context, failure, .. } = self;
        assert!(self.faults.has_happened(), "{context}: {error}, and nothing had failed");
        let right = match error {
            Error::DiskFull { .. } => failure.errno == libc::ENOSPC,
            Error::Unknown { .. } | Error::Failed { .. } | Error::Backend { .. } => true,
            // SQLite takes a page that can't be read for a damaged one.
            Error::Corrupt { .. } => failure.errno == libc::EIO,
            Error::InvalidArgument { .. } => phase == "open",
            _ => false,
        };
        assert!(right, "{context}: {phase} gives {error:?}");
        self.counts.note(phase, error, *failure);
    }

    /// What holds of a job that is still open when the fault is gone.
    fn after(&mut self, job: &Job) {
        if !self.faults.has_happened() {
            return;
        }
        self.faults.lifted.store(true, Relaxed);
        let result = self.workload.step(STEPS).submit(job).wait();
        let failed = matches!(result, Err(Error::Failed { .. }));
        if self.failure.errno == libc::ENOSPC {
            assert!(result.is_ok(), "{}: a full disk has failed the job: {result:?}", self.context);
        }
        if let Err(error) = &result {
            assert!(failed, "{}: {error:?}", self.context);
        }
        self.outcome(STEPS, result);
        // Reads go on.
        let rows = rows_of(job).unwrap_or_else(|error| panic!("{}: {error}", self.context));
        assert!(self.possible.0.contains(&rows), "{}: a read", self.context);
        self.faults.lifted.store(false, Relaxed);
    }

    fn reopen(&mut self, root: &Path, settings: &str, next: u64) {
        let context = &self.context;
        let store = Persistency::open(sqlite(root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        let rows = rows_of(&job).unwrap_or_else(|error| panic!("{context}: {error}"));
        assert!(self.possible.0.contains(&rows), "{context}: what is found is none of what may be");
        self.possible.0 = vec![rows];
        assert!(job.check().wait().unwrap().is_sound(), "{context}");
        for step in next + 1..next + 4 {
            let written = self.workload.step(step).submit(&job).wait();
            written.unwrap_or_else(|error| panic!("{context}: {error}"));
            self.possible.applied(&self.workload, step);
        }
        assert_eq!(rows_of(&job).unwrap(), self.possible.0[0], "{context}");
        drop(job);
        store.close().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        assert_sound(&root.join("job.db"));
    }
}

/// The disk after a power cut that takes all that was not synced.
fn after_a_cut(watch: &Watch, watched: &Path) -> tempfile::TempDir {
    let mut device = Device::default();
    watch.events().iter().for_each(|event| device.apply(event));
    let found = tempfile::tempdir().unwrap();
    let image = device.cut(Loss::Everything, &mut Rng::with_seed(0));
    image.write_below(&std::fs::canonicalize(watched).unwrap(), found.path()).unwrap();
    found
}
