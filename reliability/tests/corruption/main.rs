//! Files are damaged at random. Every call returns data or a typed error and never panics or hangs, and `Job::check`
//! reports the damage that SQLite finds.

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

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
/// Damaged files in the short form.
const CASES: usize = 1_000;
const THREADS: usize = 2;
/// A case that takes longer hangs.
const HANG: Duration = Duration::from_secs(120);
const SETTINGS: [&str; 4] = ["normal", "full", "exclusive", "normal+mmap"];

/// The counts of one case, or of all.
#[derive(Debug, Default)]
struct Counts {
    cases: usize,
    opened: usize,
    /// SQLite found damage, and so did `check`.
    reported: usize,
    /// The rows were those after some commit, not necessarily the last.
    whole: usize,
    /// The rows were never written, and neither SQLite nor `check` noticed.
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
fn damaged_files_return_data_or_typed_errors() {
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
                    done.send(tried.map_err(|panic| panic_message(&*panic, &context))).unwrap();
                }
            });
        }
        for _ in 0..cases {
            match doing.recv_timeout(HANG) {
                Ok(Ok(tried)) => counts.add(tried),
                // Abort, since the scope would wait for the thread that hangs.
                Ok(Err(why)) => abort(&why),
                Err(_) => abort(&format!("PERSIST_SEED={seed}: a call hangs")),
            }
        }
    });
    println!("{counts:#?}");
    let each = cases / 20;
    assert!(counts.opened > each && counts.reported > each && counts.whole > each, "{counts:?}");
}

/// Returns the message of a panic.
fn panic_message(panic: &(dyn Any + Send), context: &str) -> String {
    panic.downcast_ref::<String>().cloned().unwrap_or_else(|| format!("{context}: a panic"))
}

/// Prints to stderr directly, which the harness doesn't capture, and aborts.
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
    let outcome = call_all(&root, settings, &context);

    let is_sound = outcome.is_sound == Some(true);
    assert!(!(is_sound && is_damaged), "{context}: check doesn't find the damage");
    let is_whole = outcome.rows.as_ref().is_some_and(|rows| states.contains(rows));
    // A WAL has checksums, so damaged frames count as not written.
    let is_main_whole = files.main == undamaged && !files.wal.is_empty();
    assert!(is_whole || !is_main_whole, "{context}: the rows are those of no commit");
    let is_empty = outcome.rows.as_ref().is_some_and(Rows::is_empty);
    assert!(!(is_empty && is_sound) || files.wal.is_empty(), "{context}: all rows are gone");
    Counts {
        cases: 1,
        opened: outcome.is_sound.is_some().into(),
        reported: (is_damaged && outcome.is_sound.is_some()).into(),
        whole: is_whole.into(),
        silent: (is_sound && !is_whole).into(),
        errors: outcome.errors,
    }
}

/// Returns whether SQLite alone finds a job's file damaged.
fn is_damaged(root: &Path) -> bool {
    let found = Connection::open(root.join("job.db")).and_then(|file| {
        file.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0))
    });
    found.as_deref() != Ok("ok")
}

#[test]
fn truncated_wal_contains_the_commits_before_the_cut() {
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
