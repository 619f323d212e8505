//! Files are damaged at random: every call answers with data or with a typed error, never with a panic or a hang, and what
//! SQLite finds damaged `Job::check` reports.

mod calls;
mod files;

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use calls::call_all;
use fastrand::Rng;
use files::Files;
use persist_core::Persistency;
use persist_reliability::{Rows, cases, rows_of, seeds, sqlite};
use rusqlite::Connection;

/// The seeds of every run. A seed that ever failed is added here and stays.
const SEEDS: &[u64] = &[1];
/// Damaged files in the short form.
const CASES: usize = 1_500;
const THREADS: usize = 2;
/// Who takes longer hangs.
const HANG: Duration = Duration::from_secs(120);
const SETTINGS: [&str; 4] = ["normal", "full", "exclusive", "normal+mmap"];

/// What came of one case, or of all.
#[derive(Debug, Default)]
struct Counts {
    cases: usize,
    opened: usize,
    /// SQLite finds them damaged, and so does `check`.
    reported: usize,
    /// The rows after a commit, though perhaps not the last.
    whole: usize,
    /// Rows that there never were, and nobody can tell.
    silent: usize,
    errors: BTreeMap<String, usize>,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.opened += other.opened;
        self.reported += other.reported;
        self.whole += other.whole;
        self.silent += other.silent;
        for (error, count) in other.errors {
            *self.errors.entry(error).or_default() += count;
        }
    }
}

#[test]
fn damaged_files_give_data_or_typed_errors() {
    seeds(SEEDS).for_each(damage_and_call);
}

fn damage_and_call(seed: u64) {
    let cases = cases("PERSIST_CORRUPTIONS", CASES);
    let (files, states) = &Files::make();
    let mut counts = Counts::default();
    let next = &AtomicUsize::new(0);
    thread::scope(|scope| {
        let (done, doing) = channel();
        for _ in 0..THREADS {
            let done = done.clone();
            scope.spawn(move || {
                loop {
                    let case = next.fetch_add(1, Relaxed);
                    if case >= cases {
                        break;
                    }
                    let context = format!("PERSIST_SEED={seed}, case {case}");
                    let random = Rng::with_seed(seed.wrapping_add(case as u64));
                    let tried = catch_unwind(AssertUnwindSafe(|| {
                        try_one(files.clone(), states, random, &context)
                    }));
                    done.send(tried.map_err(|panic| told(&*panic, &context))).unwrap();
                }
            });
        }
        for _ in 0..cases {
            match doing.recv_timeout(HANG) {
                Ok(Ok(tried)) => counts.add(tried),
                // The scope would wait for what hangs.
                Ok(Err(why)) => abort(&why),
                Err(_) => abort(&format!("PERSIST_SEED={seed}: a call hangs")),
            }
        }
    });
    println!("{counts:#?}");
    let each = cases / 20;
    assert!(counts.opened > each && counts.reported > each && counts.whole > each, "{counts:?}");
}

/// What a panic said.
fn told(panic: &(dyn Any + Send), context: &str) -> String {
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| format!("{context}: a panic"))
}

/// Says why where a test's output isn't kept back.
fn abort(why: &str) -> ! {
    let _ = writeln!(io::stderr(), "{why}");
    std::process::abort()
}

/// Damages the files, and makes every call.
fn try_one(mut files: Files, states: &[Rows], mut random: Rng, context: &str) -> Counts {
    let undamaged = files.main.clone();
    let how = files.damage(&mut random);
    let settings = SETTINGS[random.usize(..SETTINGS.len())];
    let context = format!("{context} ({how}; {settings})");

    let directory = tempfile::tempdir().unwrap();
    let [root, copy] = ["root", "copy"].map(|name| directory.path().join(name));
    files.write(&root);
    files.write(&copy);
    let is_damaged = is_damaged(&copy);
    let given = call_all(&root, settings, &context);

    let is_sound = given.is_sound == Some(true);
    assert!(!(is_sound && is_damaged), "{context}: check finds nothing");
    let is_whole = given.rows.as_ref().is_some_and(|rows| states.contains(rows));
    // A WAL has checksums: what is damaged in it was not written.
    let is_main_whole = files.main == undamaged && !files.wal.is_empty();
    assert!(is_whole || !is_main_whole, "{context}: the rows are those of no commit");
    let is_empty = given.rows.as_ref().is_some_and(Rows::is_empty);
    assert!(!(is_empty && is_sound) || files.wal.is_empty(), "{context}: all rows are gone");
    Counts {
        cases: 1,
        opened: given.is_sound.is_some().into(),
        reported: (is_damaged && given.is_sound.is_some()).into(),
        whole: is_whole.into(),
        silent: (is_sound && !is_whole).into(),
        errors: given.errors,
    }
}

/// Whether SQLite alone finds a job's file damaged.
fn is_damaged(root: &Path) -> bool {
    let found = Connection::open(root.join("job.db")).and_then(|file| {
        file.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
    });
    found.as_deref() != Ok("ok")
}

#[test]
fn a_wal_that_is_cut_gives_just_the_commits_before_the_cut() {
    let (files, states) = Files::make();
    for cut in files.frames().flat_map(|frame| [frame - 1, frame, frame + 1, frame + 1_000]) {
        let directory = tempfile::tempdir().unwrap();
        let mut left = files.clone();
        left.wal.truncate(cut);
        left.write(directory.path());
        let store = Persistency::open(sqlite(directory.path(), "normal")).unwrap();
        let rows = rows_of(&store.open_job("job").wait().unwrap()).unwrap();
        let found = states.iter().position(|state| *state == rows);
        assert_eq!(found, Some(left.commits_within(cut)), "cut at {cut}");
    }
}
