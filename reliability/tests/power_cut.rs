//! The power is cut at any file call: the jobs hold what was acknowledged (`Durability::Full`) or synced (`Normal`), and of the rest
//! only what came first.
//!
//! A workload is run once, and all its file calls recorded. From the record the disk is made as a power cut leaves it at any
//! place: without what was not synced, or with a part of it, torn or out of order.

use std::env;
use std::path::{Path, PathBuf};
use std::thread;

use fastrand::Rng;
use persist_core::{Job, Key, Persistency, TxOp};
use persist_faults::{Device, Event, Loss, Watch};
use persist_reliability::{Rows, Workload, assert_sound, cases, rows_of, seed, sqlite};

/// Cuts of a workload in the short form.
const CUTS: usize = 250;
const JOBS: usize = 2;
const STEPS: u64 = 60;
/// The job that is made and dropped.
const OTHER: &str = "other";
const OTHER_ROWS: u64 = 40;

/// What is known of a workload at a place of its record.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// A job's step is about to be submitted.
    Submits { job: usize, step: u64 },
    /// It was acknowledged, and all before it.
    Acknowledged { job: usize, step: u64 },
    /// All before this step is on the disk.
    Synced { job: usize, step: u64 },
    /// What became of the job that is made and dropped.
    Other(Other),
    /// A backup of the first job is there.
    BackedUp,
}

#[derive(Debug, Default)]
struct Counts {
    cuts: usize,
    found_unacknowledged: u64,
    lost_unacknowledged: u64,
    lost_acknowledged: u64,
    backups: usize,
}

/// What has to hold at a place of the record.
#[derive(Clone, Default)]
struct Promises {
    submitted: [u64; JOBS],
    acknowledged: [u64; JOBS],
    kept: [u64; JOBS],
    other: Other,
    backed_up: bool,
}

/// The job that is made and dropped, again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Other {
    /// Nothing is said of it, as at the beginning.
    #[default]
    MadeOrNot,
    Filled,
    Dropping,
    Dropped,
}

struct Recorded {
    settings: &'static str,
    directory: PathBuf,
    events: Vec<Event>,
    marks: Vec<Known>,
    workloads: [Workload; JOBS],
    /// The rows of each job after each number of steps.
    states: [Vec<Rows>; JOBS],
}

#[test]
fn full_keeps_what_was_acknowledged() {
    cut("full");
}

#[test]
fn exclusive_and_full_keeps_what_was_acknowledged() {
    cut("full+exclusive");
}

#[test]
fn normal_keeps_what_was_synced_and_a_prefix_of_the_rest() {
    let counts = cut("normal");
    assert!(counts.lost_acknowledged > 0, "a disk that loses nothing shows nothing: {counts:?}");
}

fn cut(settings: &'static str) -> Counts {
    let seed = seed();
    let mut random = Rng::with_seed(seed);
    let recorded = record(settings, seed);
    let last = recorded.events.len();
    let every = env::var("PERSIST_CUTS").is_ok_and(|cuts| cuts == "all");
    let places: Vec<usize> = if every {
        (0..=last).collect()
    } else {
        let mut places: Vec<_> =
            (0..cases("PERSIST_CUTS", CUTS)).map(|_| recorded.place(&mut random)).collect();
        places.sort_unstable();
        places
    };
    let mut counts = Counts::default();
    let mut device = Device::default();
    let mut promises = Promises::default();
    let mut done = 0;
    for place in places {
        for event in &recorded.events[done..place] {
            device.apply(event);
            if let Event::Marked(mark) = event {
                promises.learn(recorded.marks[usize::try_from(*mark).unwrap()], settings);
            }
        }
        done = place;
        let losses = if every { &Loss::ALL[..] } else { &[Loss::ALL[random.usize(..4)]] };
        for &loss in losses {
            let found = tempfile::tempdir().unwrap();
            device.cut(loss, &mut random).write_below(&recorded.directory, found.path()).unwrap();
            let context = format!("{settings}, {loss:?} at {place} of {last}");
            recorded.check(found.path(), &promises, &context, &mut counts);
            counts.cuts += 1;
        }
    }
    println!("{settings}, {last} calls: {counts:?}");
    assert!(counts.found_unacknowledged + counts.lost_unacknowledged > 0, "{counts:?}");
    counts
}

/// Runs the workload.
fn record(settings: &'static str, seed: u64) -> Recorded {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let marks = parking_lot::Mutex::new(Vec::new());
    let mark = |known| {
        let mut marks = marks.lock();
        watch.mark(u64::try_from(marks.len()).unwrap());
        marks.push(known);
    };
    // Large payloads, so that the log grows enough to be moved into the file while it is written.
    let workloads = [Workload::new(seed, 0, 500), Workload::new(seed, 1, 20_000)];
    let root = directory.path().join("new/root");
    for round in 0..2 {
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        thread::scope(|scope| {
            for (job, workload) in workloads.iter().enumerate() {
                let (store, root, mark) = (&store, &root, &mark);
                scope.spawn(move || {
                    let handle = store.open_job(&job.to_string()).wait().unwrap();
                    let steps = round * STEPS..(round + 1) * STEPS;
                    write(job, &handle, workload, steps, mark);
                    if job == 0 {
                        handle.backup_to(backup(root, round)).wait().unwrap();
                        mark(Known::BackedUp);
                        handle.compact().wait().unwrap();
                    }
                });
            }
            scope.spawn(|| fill_and_drop(&store, &mark));
        });
        store.close().wait().unwrap();
    }
    let events = watch.events();
    let states = workloads.each_ref().map(|workload| {
        let mut rows = Rows::new();
        let mut states = vec![rows.clone()];
        for step in 0..2 * STEPS {
            workload.step(step).apply(&mut rows);
            states.push(rows.clone());
        }
        states
    });
    let directory = std::fs::canonicalize(directory.path()).unwrap();
    Recorded { settings, directory, events, marks: marks.into_inner(), workloads, states }
}

fn backup(root: &Path, round: u64) -> PathBuf {
    root.with_file_name(format!("backup{round}.db"))
}

fn write(
    job: usize,
    handle: &Job,
    workload: &Workload,
    steps: std::ops::Range<u64>,
    mark: &dyn Fn(Known),
) {
    for step in steps {
        mark(Known::Submits { job, step });
        let wait = step % 3 != 0;
        let submitted = workload.step(step).submit(handle);
        if wait {
            submitted.wait().unwrap();
            mark(Known::Acknowledged { job, step: step + 1 });
        }
        if step % 20 == 10 {
            handle.sync().wait().unwrap();
            mark(Known::Synced { job, step: step + 1 });
        }
    }
}

fn fill_and_drop(store: &Persistency, mark: &dyn Fn(Known)) {
    mark(Known::Other(Other::MadeOrNot));
    let job = store.open_job(OTHER).wait().unwrap();
    job.persist((0..OTHER_ROWS).map(|n| TxOp::put("c", n, vec![1; 300]))).wait().unwrap();
    job.sync().wait().unwrap();
    mark(Known::Other(Other::Filled));
    drop(job);
    mark(Known::Other(Other::Dropping));
    store.drop_job(OTHER).wait().unwrap();
    mark(Known::Other(Other::Dropped));
}

impl Promises {
    fn learn(&mut self, known: Known, settings: &str) {
        match known {
            Known::Submits { job, step } => self.submitted[job] = step + 1,
            Known::Acknowledged { job, step } => {
                self.acknowledged[job] = step;
                if settings.contains("full") {
                    self.kept[job] = step;
                }
            }
            Known::Synced { job, step } => {
                (self.acknowledged[job], self.kept[job]) = (step, step);
            }
            Known::Other(state) => self.other = state,
            Known::BackedUp => self.backed_up = true,
        }
    }
}

impl Recorded {
    /// A random place, one in two of them just before or after what was synced or changes entries: between those there is
    /// little to lose.
    fn place(&self, random: &mut Rng) -> usize {
        let place = random.usize(..=self.events.len());
        if random.bool() {
            return place;
        }
        let matters = |event: &Event| !matches!(event, Event::Wrote { .. } | Event::Marked(_));
        let next = self.events[place..].iter().position(matters).map_or(place, |next| place + next);
        next + usize::from(random.bool() && next < self.events.len())
    }

    fn check(&self, found: &Path, promises: &Promises, context: &str, counts: &mut Counts) {
        let root = found.join("new/root");
        let store = Persistency::open(sqlite(&root, self.settings)).unwrap();
        let stored = store.stored_job_ids().wait().unwrap();
        for job in 0..JOBS {
            let Promises { submitted, acknowledged, kept, .. } = promises;
            let (submitted, acknowledged, kept) = (submitted[job], acknowledged[job], kept[job]);
            let id = job.to_string();
            if !stored.contains(&id) {
                assert_eq!(kept, 0, "{context}: job {job} is gone");
                continue;
            }
            let opened = store.open_job(&id).wait();
            let handle = opened.unwrap_or_else(|error| panic!("{context}: {error}"));
            let rows = rows_of(&handle).unwrap_or_else(|error| panic!("{context}: {error}"));
            let steps = self.steps(job, &rows, kept, submitted).unwrap_or_else(|| {
                panic!(
                    "{context}: job {job} is not as after {kept} (kept) to {submitted} (submitted) steps"
                )
            });
            counts.found_unacknowledged += steps.saturating_sub(acknowledged);
            counts.lost_unacknowledged += submitted - steps.max(acknowledged);
            counts.lost_acknowledged += acknowledged.saturating_sub(steps);
            let report = handle.check().wait().unwrap();
            assert!(report.is_sound(), "{context}: {report:?}");
            // It goes on.
            handle.persist_put("new", Key::new(), b"row").wait().unwrap();
        }
        check_other(&store, &stored, promises.other, context);
        store.close().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        for job in (0..JOBS).filter(|job| stored.contains(&job.to_string())) {
            assert_sound(&root.join(format!("{job}.db")));
        }
        self.check_backups(&root, promises, context, counts);
    }

    fn steps(&self, job: usize, rows: &Rows, kept: u64, submitted: u64) -> Option<u64> {
        assert_eq!(self.workloads[job].own(rows).len(), rows.len(), "rows of somebody else");
        let state = |steps: &u64| &self.states[job][usize::try_from(*steps).unwrap()];
        (kept..=submitted).find(|steps| state(steps) == rows)
    }

    /// A backup is there whole, or not at all; and if it was acknowledged it is there.
    fn check_backups(&self, root: &Path, promises: &Promises, context: &str, counts: &mut Counts) {
        let backups = (0..2).map(|round| backup(root, round));
        let mut found = 0;
        for backup in backups.filter(|backup| backup.exists()) {
            let directory = backup.with_extension("");
            std::fs::create_dir(&directory).unwrap();
            std::fs::rename(&backup, directory.join("backup.db")).unwrap();
            let store = Persistency::open(sqlite(&directory, "normal")).unwrap();
            let job = store
                .open_job("backup")
                .wait()
                .unwrap_or_else(|error| panic!("{context}: {error}"));
            let rows = rows_of(&job).unwrap();
            assert!(
                self.steps(0, &rows, 0, 2 * STEPS).is_some_and(|steps| steps >= STEPS),
                "{context}: a backup"
            );
            found += 1;
        }
        assert!(found > 0 || !promises.backed_up, "{context}: a backup is gone");
        counts.backups += found;
    }
}

/// The other job is whole or gone.
fn check_other(store: &Persistency, stored: &[String], state: Other, context: &str) {
    let is_stored = stored.iter().any(|id| id == OTHER);
    match state {
        Other::Filled => assert!(is_stored, "{context}: a job is gone that nobody has dropped"),
        Other::Dropped => assert!(!is_stored, "{context}: a dropped job is back"),
        Other::MadeOrNot | Other::Dropping => {}
    }
    if is_stored {
        let job = store.open_job(OTHER).wait().unwrap();
        let rows = job.count("c", ..).wait().unwrap();
        let may_be_empty = state == Other::MadeOrNot;
        assert!(rows == OTHER_ROWS || rows == 0 && may_be_empty, "{context}: {rows} rows");
    }
}
