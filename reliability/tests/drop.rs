//! A process dies at each file call of a call in turn, or that call fails: a dropped job is whole or gone, a job that was being made
//! can be made, a closed or compacted one has all its rows, and a backup is whole or absent.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use persist_core::{Error, Persistency};
use persist_faults::{Fault, Op, Watch};
use persist_reliability::{
    BATCHES, assert_sound, child, fill, given, rows_of, rows_of_batches, sqlite,
};
use persist_tests::watchdog::alive;

/// What is being done when the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Opening,
    Closing,
    Compacting,
    BackingUp,
    Dropping,
}

impl Doing {
    const ALL: [Self; 5] =
        [Self::Opening, Self::Closing, Self::Compacting, Self::BackingUp, Self::Dropping];

    /// Brings a store to where it is done, and does it. `begins` is called in between.
    fn run(self, root: &Path, settings: &str, begins: impl FnOnce()) -> Result<(), Error> {
        let store = Persistency::open(sqlite(root, settings))?;
        if self == Self::Opening {
            begins();
            return store.open_job("job").wait().and_then(|job| fill(&job));
        }
        let job = store.open_job("job").wait()?;
        fill(&job)?;
        job.persist_delete_range("free", ..).wait()?;
        begins();
        match self {
            Self::Opening => unreachable!("it has returned"),
            Self::Closing => store.close_job("job").wait(),
            Self::Compacting => job.compact().wait().map(drop),
            Self::BackingUp => job.backup_to(root.with_file_name("backup.db")).wait(),
            Self::Dropping => store.drop_job("job").wait(),
        }
    }
}

/// The process that dies.
#[test]
fn dies_where_it_is_told_to() {
    let Some(told) = given() else { return };
    let told = told.to_str().unwrap();
    let [directory, settings, doing, at] = told.split('|').collect::<Vec<_>>()[..] else {
        panic!("{told}");
    };
    let at: u64 = at.parse().unwrap();
    let doing = Doing::ALL[doing.parse::<usize>().unwrap()];
    let watch = Watch::over(Path::new(directory));
    let root = Path::new(directory).join("root");
    doing
        .run(&root, settings, || {
            let seen = AtomicU64::new(0);
            watch.intercept(move |call| {
                let dies = call.op.changes() && seen.fetch_add(1, Relaxed) == at;
                dies.then_some(Fault::Kill)
            });
        })
        .unwrap();
    println!("it was done");
}

/// Whether the process lived to the end of what it did.
fn die(directory: &Path, settings: &str, doing: usize, at: u64) -> bool {
    alive();
    let told = format!("{}|{settings}|{doing}|{at}", directory.display());
    let output = child("dies_where_it_is_told_to", told).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let done = said.contains("it was done");
    let is_killed = output.status.signal() == Some(libc::SIGKILL);
    // It may also die at what comes after.
    assert!(is_killed || done && output.status.success(), "{}: {said}", output.status);
    done
}

#[test]
fn whenever_the_process_dies_a_job_is_whole_or_gone() {
    for settings in ["normal", "exclusive"] {
        for (number, doing) in Doing::ALL.into_iter().enumerate() {
            let mut deaths = 0;
            let mut gone = 0;
            for at in 0.. {
                let directory = tempfile::tempdir().unwrap();
                let done = die(directory.path(), settings, number, at);
                let context = format!("{doing:?} ({settings}), dead at call {at}");
                gone += u64::from(!check(directory.path(), settings, doing, done, &context));
                if done {
                    break;
                }
                deaths += 1;
            }
            println!("{doing:?} ({settings}): {deaths} deaths, the job gone after {gone}");
            assert!(deaths > 0);
        }
    }
}

#[test]
fn whichever_call_fails_a_job_is_whole_or_gone() {
    for (settings, errno) in
        [("normal", libc::EIO), ("exclusive", libc::EIO), ("normal", libc::ENOSPC)]
    {
        for doing in Doing::ALL {
            for at in 0.. {
                alive();
                let directory = tempfile::tempdir().unwrap();
                let watch = Watch::over(directory.path());
                let seen = Arc::new(AtomicU64::new(0));
                let counted = Arc::clone(&seen);
                let concerns = move |op: Op| match op {
                    Op::Write(_) | Op::Create | Op::MakeDirectory | Op::Rename => true,
                    _ => errno == libc::EIO,
                };
                let result = doing.run(&directory.path().join("root"), settings, || {
                    watch.intercept(move |call| {
                        let fails = concerns(call.op) && counted.fetch_add(1, Relaxed) == at;
                        fails.then_some(Fault::Errno(errno))
                    });
                });
                watch.intercept(|_| None);
                let context = format!("{doing:?} ({settings}), error {errno} at call {at}");
                check(directory.path(), settings, doing, result.is_ok(), &context);
                if let Err(error) = result {
                    assert!(is_right(doing, errno, &error), "{context}: {error:?}");
                }
                if seen.load(Relaxed) <= at {
                    println!("{doing:?} ({settings}): error {errno} at each of {at} calls");
                    assert!(at > 0);
                    break;
                }
            }
        }
    }
}

fn is_right(doing: Doing, errno: i32, error: &Error) -> bool {
    match error {
        Error::DiskFull { .. } => errno == libc::ENOSPC,
        Error::Backend { .. } | Error::Unknown { .. } | Error::Failed { .. } => true,
        // SQLite takes a page that can't be read for a damaged one.
        Error::Corrupt { .. } => errno == libc::EIO,
        Error::InvalidArgument { .. } => doing == Doing::Opening,
        _ => false,
    }
}

/// Says whether the job is there, which it has to be unless it was dropped or was only being made.
fn check(directory: &Path, settings: &str, doing: Doing, done: bool, context: &str) -> bool {
    let root = directory.join("root");
    let store = Persistency::open(sqlite(&root, settings)).unwrap();
    let is_stored = store.stored_job_ids().wait().unwrap() == ["job"];
    match doing {
        Doing::Opening => assert!(!done || is_stored, "{context}: it is gone"),
        Doing::Dropping => assert!(!done || !is_stored, "{context}: it was dropped"),
        _ => assert!(is_stored, "{context}: it is gone"),
    }
    let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
    let found = rows_of(&job).unwrap_or_else(|error| panic!("{context}: {error}"));
    let is_possible = match doing {
        Doing::Opening if done => found == rows_of_batches(&BATCHES),
        Doing::Opening => (0..=2).any(|batches| found == rows_of_batches(&BATCHES[..batches])),
        _ if is_stored => found == rows_of_batches(&BATCHES[1..]),
        _ => found.is_empty(),
    };
    assert!(is_possible, "{context}: {} rows that can't be", found.len());
    assert!(job.check().wait().unwrap().is_sound(), "{context}");
    drop(job);
    store.close().wait().unwrap();
    assert_sound(&root.join("job.db"));
    // Nothing is left of a drop once a job was opened, but for a journal that was only begun, which says nothing to SQLite.
    for path in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let is_journal = path.ends_with("job.db-journal");
        let is_begun = || std::fs::read(&path).unwrap().first().is_none_or(|&byte| byte == 0);
        assert!(
            path.ends_with("job.db") || is_journal && is_begun(),
            "{context}: {}",
            path.display()
        );
    }
    // A backup has its name only when it is whole.
    if directory.join("backup.db").exists() {
        let store = Persistency::open(sqlite(directory, "normal")).unwrap();
        let backup = store.open_job("backup").wait().unwrap();
        assert!(rows_of(&backup).unwrap() == rows_of_batches(&BATCHES[1..]), "{context}");
    } else {
        assert!(!(done && doing == Doing::BackingUp), "{context}: no backup");
    }
    is_stored
}
