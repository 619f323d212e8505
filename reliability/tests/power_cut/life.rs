//! The run of a process: its calls to a store, from its start to its end, while its file calls are recorded.

use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use persist_core::{Job, Persistency, TxOp};
use persist_faults::{Event, Op, Watch};
use persist_reliability::{Rows, Workload, rows_of, sqlite};
use persist_tests::watchdog::alive;

use crate::promises::{Known, Other, Promises};

pub(crate) const JOBS: usize = 2;
/// The id of the job that is filled and dropped.
pub(crate) const OTHER: &str = "other";
pub(crate) const OTHER_ROWS: u8 = 40;

/// More than a checkpoint needs to become due.
const CHECKPOINT_BYTES: usize = 5 << 20;

/// The rows of the jobs after each number of steps.
pub(crate) struct Jobs([(Workload, Vec<Rows>); JOBS]);

impl Jobs {
    /// Returns the jobs of a seed, up to a number of steps.
    pub(crate) fn new(seed: u64, steps: u64) -> Self {
        // Large payloads for the second job, so that its WAL is checkpointed while it is written.
        Self([(0, 500), (1, 20_000)].map(|(job, payload_bytes)| {
            let workload = Workload::new(seed, job, payload_bytes);
            let mut rows = Rows::new();
            let mut states = vec![rows.clone()];
            for step in 0..steps {
                workload.step(step).apply(&mut rows);
                states.push(rows.clone());
            }
            (workload, states)
        }))
    }

    /// Returns the least of the `possible` numbers of steps after which a job has these rows. There may be several,
    /// since some steps change nothing.
    pub(crate) fn steps(
        &self,
        job: usize,
        rows: &Rows,
        mut possible: RangeInclusive<u64>,
    ) -> Option<u64> {
        let states = &self.0[job].1;
        possible.find(|&steps| states[usize::try_from(steps).unwrap()] == *rows)
    }
}

/// The plan of a run.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) settings: &'static str,
    /// How often the store is opened.
    pub(crate) rounds: u8,
    pub(crate) steps: u64,
    /// Whether the second job is written until a checkpoint begins by itself, and then pauses until its WAL is emptied.
    pub(crate) has_checkpoints: bool,
}

/// A run: the record of its file calls, and the facts that are known at each mark.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) directory: PathBuf,
    pub(crate) events: Vec<Event>,
    pub(crate) marks: Vec<Known>,
    /// The promises before the first event of this run.
    pub(crate) before: Promises,
    pub(crate) first_event: usize,
}

impl Run {
    /// Runs the workload in a directory whose record so far is `past`, with the promises made by then, and records it.
    pub(crate) fn record(
        plan: Plan,
        jobs: &Jobs,
        directory: &Path,
        past: Vec<Event>,
        before: Promises,
    ) -> Self {
        let directory = std::fs::canonicalize(directory).unwrap();
        let first_event = past.len();
        let watch = Watch::after(past, &directory).unwrap();
        let running = Running {
            plan,
            jobs,
            root: root(&directory),
            progress: Progress::of(&watch),
            watch,
            marks: Mutex::default(),
        };
        let mut possible = before.jobs.each_ref().map(|steps| steps.kept..=steps.submitted);
        for round in 0..plan.rounds {
            // Nothing is lost between two rounds: the next one finds exactly the rows that the last one left.
            possible = running.round(round, &before, possible).map(|steps| steps..=steps);
        }
        let (events, marks) = (running.watch.events(), running.marks.into_inner());
        Self { plan, directory, events, marks, before, first_event }
    }
}

/// The root. It and its parent directory don't exist at first.
pub(crate) fn root(directory: &Path) -> PathBuf {
    directory.join("new/root")
}

pub(crate) fn backup(directory: &Path, number: usize) -> PathBuf {
    directory.join(format!("new/backup{number}.db"))
}

struct Running<'a> {
    plan: Plan,
    jobs: &'a Jobs,
    root: PathBuf,
    progress: Arc<Progress>,
    watch: Watch,
    marks: Mutex<Vec<Known>>,
}

impl Running<'_> {
    fn mark(&self, known: Known) {
        let mut marks = self.marks.lock();
        self.watch.mark(u64::try_from(marks.len()).unwrap());
        marks.push(known);
    }

    /// Opens the store, whose jobs have the rows after one of the `possible` numbers of steps, writes all jobs at once,
    /// and closes the store. Returns the number of steps of each job.
    fn round(
        &self,
        round: u8,
        before: &Promises,
        possible: [RangeInclusive<u64>; JOBS],
    ) -> [u64; JOBS] {
        alive();
        let store = Persistency::open(sqlite(&self.root, self.plan.settings)).unwrap();
        let mut steps = [0; JOBS];
        thread::scope(|scope| {
            for (job, (possible, steps)) in possible.into_iter().zip(&mut steps).enumerate() {
                let store = &store;
                scope.spawn(move || *steps = self.write(store, job, round, before, possible));
            }
            scope.spawn(|| self.fill_and_drop(&store, round, before));
        });
        store.close().wait().unwrap();
        steps
    }

    fn write(
        &self,
        store: &Persistency,
        job: usize,
        round: u8,
        before: &Promises,
        possible: RangeInclusive<u64>,
    ) -> u64 {
        let handle = store.open_job(&job.to_string()).wait().unwrap();
        let rows = rows_of(&handle).unwrap();
        let found = self.jobs.steps(job, &rows, possible);
        let mut steps = found.expect("the job has the rows after some number of steps");
        self.mark(Known::Opened { job, steps });
        if steps % 2 == 1 {
            // After a sync everything that was read is kept, also the writes of an earlier run.
            handle.sync().wait().unwrap();
            self.mark(Known::Acknowledged { job, steps, kept: true });
        }
        let mut go_on = |count| {
            self.submit(job, &handle, steps..steps + count);
            steps += count;
        };
        go_on(self.plan.steps);
        if job == 1 && self.plan.has_checkpoints && round == 0 {
            while self.progress.logged_bytes.load(Ordering::Relaxed) < CHECKPOINT_BYTES {
                go_on(1);
            }
            wait_for(&self.progress.is_checkpointed);
            go_on(self.plan.steps / 6);
            self.progress.is_emptied.store(false, Ordering::Relaxed);
            wait_for(&self.progress.is_emptied);
            go_on(self.plan.steps / 6);
        }
        if job == 0 {
            let backup = before.backups.len() + usize::from(round);
            self.mark(Known::BacksUp { backup, steps });
            let directory = self.root.ancestors().nth(2).unwrap();
            handle.backup_to(self::backup(directory, backup)).wait().unwrap();
            self.mark(Known::BackedUp { backup });
            handle.compact().wait().unwrap();
        }
        steps
    }

    fn submit(&self, job: usize, handle: &Job, steps: Range<u64>) {
        let is_full = self.plan.settings.contains("full");
        for step in steps {
            self.mark(Known::Submits { job, step });
            let submitted = self.jobs.0[job].0.step(step).submit(handle);
            let steps = step + 1;
            if step % 3 != 0 {
                submitted.wait().unwrap();
                self.mark(Known::Acknowledged { job, steps, kept: is_full });
            }
            if step % 20 == 10 {
                handle.sync().wait().unwrap();
                self.mark(Known::Acknowledged { job, steps, kept: true });
            }
        }
    }

    /// Drops the job that an earlier run has left, whole or not. Even if that run dropped it, the drop may not be on
    /// the disk.
    fn drop_left_over(&self, store: &Persistency, left: Other) {
        let number = left.number();
        let is_stored = store.stored_job_ids().wait().unwrap().iter().any(|id| id == OTHER);
        match left {
            Other::NeverMade | Other::Dropped(_) => return,
            Other::Filled(_) | Other::Dropping(_) if is_stored => {
                self.mark(Known::Other(Other::Dropping(number)));
            }
            _ => {
                self.mark(Known::Other(Other::Making(number)));
                if !is_stored {
                    store.open_job(OTHER).wait().unwrap();
                }
            }
        }
        store.drop_job(OTHER).wait().unwrap();
        self.mark(Known::Other(Other::Dropped(number)));
    }

    fn fill_and_drop(&self, store: &Persistency, round: u8, before: &Promises) {
        if round == 0 {
            self.drop_left_over(store, before.other);
        }
        let number = before.other.number() + round + 1;
        self.mark(Known::Other(Other::Making(number)));
        let job = store.open_job(OTHER).wait().unwrap();
        self.mark(Known::Other(Other::Made(number)));
        job.persist((0..OTHER_ROWS).map(|row| TxOp::put("c", row, vec![number; 300])));
        job.sync().wait().unwrap();
        self.mark(Known::Other(Other::Filled(number)));
        drop(job);
        self.mark(Known::Other(Other::Dropping(number)));
        store.drop_job(OTHER).wait().unwrap();
        self.mark(Known::Other(Other::Dropped(number)));
    }
}

/// The progress of the second job's checkpoints.
#[derive(Default)]
struct Progress {
    logged_bytes: AtomicUsize,
    is_checkpointed: AtomicBool,
    is_emptied: AtomicBool,
}

impl Progress {
    fn of(watch: &Watch) -> Arc<Self> {
        let progress = Arc::new(Self::default());
        let seen = Arc::clone(&progress);
        watch.intercept(move |call| {
            match call.op {
                Op::Write(bytes) if call.is_on("/1.db-wal") => {
                    seen.logged_bytes.fetch_add(bytes, Ordering::Relaxed);
                }
                // Earlier writes belong to the creation of the job.
                Op::Write(_) if call.is_on("/1.db") => {
                    let is_due = seen.logged_bytes.load(Ordering::Relaxed) > CHECKPOINT_BYTES / 2;
                    seen.is_checkpointed.fetch_or(is_due, Ordering::Relaxed);
                }
                Op::Truncate if call.is_on("/1.db-wal") => {
                    seen.is_emptied.store(true, Ordering::Relaxed);
                }
                _ => {}
            }
            None
        });
        progress
    }
}

fn wait_for(condition: &AtomicBool) {
    let begin = Instant::now();
    while !condition.load(Ordering::Relaxed) {
        assert!(begin.elapsed() < Duration::from_secs(60), "the checkpointer does nothing");
        thread::sleep(Duration::from_millis(10));
    }
}
