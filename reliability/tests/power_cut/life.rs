//! What a process does to a store while its file calls are recorded, from its start to its end.

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
/// The job that is filled and dropped.
pub(crate) const OTHER: &str = "other";
pub(crate) const OTHER_ROWS: u8 = 40;

/// As much as makes a checkpoint due, and some more.
const CHECKPOINT_BYTES: usize = 5 << 20;

/// What the jobs hold after each number of steps, whoever has done them.
pub(crate) struct Jobs([(Workload, Vec<Rows>); JOBS]);

impl Jobs {
    /// Those of a seed, up to so many steps.
    pub(crate) fn new(seed: u64, steps: u64) -> Self {
        // Large payloads, so that the log grows enough to be moved into the file while it is written.
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

    /// After which number of steps, of those that are possible, a job has these rows.
    ///
    /// The least of them, as there are steps that change nothing.
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

/// What a life does.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) settings: &'static str,
    /// How often the store is opened, and how many steps each job gets each time, at least.
    pub(crate) rounds: u8,
    pub(crate) steps: u64,
    /// Whether the second job is written until a checkpoint comes by itself, and rests until its log is emptied.
    pub(crate) has_checkpoints: bool,
}

/// A record, and what is known at each of its marks.
pub(crate) struct Life {
    pub(crate) plan: Plan,
    pub(crate) directory: PathBuf,
    pub(crate) events: Vec<Event>,
    pub(crate) marks: Vec<Known>,
    /// What held before its first event that isn't a predecessor's.
    pub(crate) before: Promises,
    pub(crate) first_event: usize,
}

impl Life {
    /// Lives in a directory whose record so far is `past`, with what was promised by then.
    pub(crate) fn live(
        plan: Plan,
        jobs: &Jobs,
        directory: &Path,
        past: Vec<Event>,
        before: Promises,
    ) -> Self {
        let directory = std::fs::canonicalize(directory).unwrap();
        let first_event = past.len();
        let watch = Watch::after(past, &directory).unwrap();
        let living = Living {
            plan,
            jobs,
            root: root(&directory),
            progress: Progress::of(&watch),
            watch,
            marks: Mutex::default(),
        };
        let mut possible = before.jobs.each_ref().map(|steps| steps.kept..=steps.submitted);
        for round in 0..plan.rounds {
            // Between two rounds nothing is lost: the next one finds exactly what the last one left.
            possible = living.round(round, &before, possible).map(|steps| steps..=steps);
        }
        let (events, marks) = (living.watch.events(), living.marks.into_inner());
        Self { plan, directory, events, marks, before, first_event }
    }
}

/// Two directories, neither of which is there at first.
pub(crate) fn root(directory: &Path) -> PathBuf {
    directory.join("new/root")
}

pub(crate) fn backup(directory: &Path, number: usize) -> PathBuf {
    directory.join(format!("new/backup{number}.db"))
}

struct Living<'a> {
    plan: Plan,
    jobs: &'a Jobs,
    root: PathBuf,
    progress: Arc<Progress>,
    watch: Watch,
    marks: Mutex<Vec<Known>>,
}

impl Living<'_> {
    fn mark(&self, known: Known) {
        let mut marks = self.marks.lock();
        self.watch.mark(u64::try_from(marks.len()).unwrap());
        marks.push(known);
    }

    /// Opens the store, whose jobs have done as many steps as `possible` says, writes all jobs at once, and closes it. Returns
    /// how many steps each job has done.
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
        let mut steps = found.expect("it is as after some of the steps");
        self.mark(Known::Opened { job, steps });
        if steps % 2 == 1 {
            // All that is read is there for good, whoever has written it.
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

    /// Drops what a predecessor has left, whole or not. Even if he got so far as to drop it, that may not be on the disk.
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

/// What happens to the files of the second job without being asked for.
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
                // What comes before is its creation.
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
