//! A process is killed at each file call of an operation in turn, or that call fails: a dropped job is whole or gone, a
//! job whose creation was interrupted can be created, a closed or compacted job has all its rows, and a backup is whole
//! or absent.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use persist_core::{Error, Persistency};
use persist_faults::{Fault, Op, Watch};
use persist_reliability::{
    BATCHES, assert_sound, child, child_argument, fill, rows_of, rows_of_batches, sqlite,
};
use persist_tests::watchdog::alive;

/// The operation during which the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Opening,
    Closing,
    Compacting,
    BackingUp,
    Dropping,
}

impl Operation {
    const ALL: [Self; 5] =
        [Self::Opening, Self::Closing, Self::Compacting, Self::BackingUp, Self::Dropping];

    /// Prepares a store and runs the operation. `begins` is called just before the operation.
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
            Self::Opening => unreachable!("opening has returned above"),
            Self::Closing => store.close_job("job").wait(),
            Self::Compacting => job.compact().wait().map(drop),
            Self::BackingUp => job.backup_to(root.with_file_name("backup.db")).wait(),
            Self::Dropping => store.drop_job("job").wait(),
        }
    }
}

/// The process that is killed. Run by [`die`].
#[test]
#[ignore = "run by another test in a process of its own"]
fn child_killed_at_call() {
    let Some(arguments) = child_argument() else { return };
    let arguments = arguments.to_str().unwrap();
    let [directory, settings, operation, at] = arguments.split('|').collect::<Vec<_>>()[..] else {
        panic!("{arguments}");
    };
    let at: u64 = at.parse().unwrap();
    let operation = Operation::ALL[operation.parse::<usize>().unwrap()];
    let watch = Watch::over(Path::new(directory));
    let root = Path::new(directory).join("root");
    operation
        .run(&root, settings, || {
            let seen = AtomicU64::new(0);
            watch.intercept(move |call| {
                let is_killed = call.op.changes() && seen.fetch_add(1, Relaxed) == at;
                is_killed.then_some(Fault::Kill)
            });
        })
        .unwrap();
    println!("the operation completed");
}

/// Runs the process that is killed at its file call `at`. Returns whether the operation completed first.
fn die(directory: &Path, settings: &str, operation: usize, at: u64) -> bool {
    alive();
    let arguments = format!("{}|{settings}|{operation}|{at}", directory.display());
    let output = child("child_killed_at_call", arguments).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let done = stdout.contains("the operation completed");
    let is_killed = output.status.signal() == Some(libc::SIGKILL);
    // The kill may also hit a call after the operation.
    assert!(is_killed || done && output.status.success(), "{}: {stdout}", output.status);
    done
}

#[test]
fn process_killed_at_any_call_leaves_the_job_whole_or_gone() {
    for settings in ["normal", "exclusive"] {
        for (number, operation) in Operation::ALL.into_iter().enumerate() {
            let mut kills = 0;
            let mut gone = 0;
            for at in 0.. {
                let directory = tempfile::tempdir().unwrap();
                let done = die(directory.path(), settings, number, at);
                let context = format!("{operation:?} ({settings}), killed at call {at}");
                gone += u64::from(!check(directory.path(), settings, operation, done, &context));
                if done {
                    break;
                }
                kills += 1;
            }
            println!("{operation:?} ({settings}): {kills} kills, the job gone after {gone}");
            assert!(kills > 0);
        }
    }
}

#[test]
fn error_at_any_call_leaves_the_job_whole_or_gone() {
    for (settings, errno) in
        [("normal", libc::EIO), ("exclusive", libc::EIO), ("normal", libc::ENOSPC)]
    {
        for operation in Operation::ALL {
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
                let result = operation.run(&directory.path().join("root"), settings, || {
                    watch.intercept(move |call| {
                        let fails = concerns(call.op) && counted.fetch_add(1, Relaxed) == at;
                        fails.then_some(Fault::Errno(errno))
                    });
                });
                watch.intercept(|_| None);
                let context = format!("{operation:?} ({settings}), error {errno} at call {at}");
                check(directory.path(), settings, operation, result.is_ok(), &context);
                if let Err(error) = result {
                    assert!(is_right(operation, errno, &error), "{context}: {error:?}");
                }
                if seen.load(Relaxed) <= at {
                    println!("{operation:?} ({settings}): error {errno} at each of {at} calls");
                    assert!(at > 0);
                    break;
                }
            }
        }
    }
}

fn is_right(operation: Operation, errno: i32, error: &Error) -> bool {
    match error {
        Error::DiskFull { .. } => errno == libc::ENOSPC,
        Error::Backend { .. } | Error::Unknown { .. } | Error::Failed { .. } => true,
        // SQLite reports a page that can't be read as damage.
        Error::Corrupt { .. } => errno == libc::EIO,
        Error::InvalidArgument { .. } => operation == Operation::Opening,
        _ => false,
    }
}

/// Checks the files. Returns whether the job exists; only a dropped job, or one that was being created, may be missing.
fn check(
    directory: &Path,
    settings: &str,
    operation: Operation,
    done: bool,
    context: &str,
) -> bool {
    let root = directory.join("root");
    let store = Persistency::open(sqlite(&root, settings)).unwrap();
    let is_stored = store.stored_job_ids().wait().unwrap() == ["job"];
    match operation {
        Operation::Opening => assert!(!done || is_stored, "{context}: the job is gone"),
        Operation::Dropping => assert!(!done || !is_stored, "{context}: the job was dropped"),
        _ => assert!(is_stored, "{context}: the job is gone"),
    }
    let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
    let found = rows_of(&job).unwrap_or_else(|error| panic!("{context}: {error}"));
    let is_possible = match operation {
        Operation::Opening if done => found == rows_of_batches(&BATCHES),
        Operation::Opening => (0..=2).any(|batches| found == rows_of_batches(&BATCHES[..batches])),
        _ if is_stored => found == rows_of_batches(&BATCHES[1..]),
        _ => found.is_empty(),
    };
    assert!(is_possible, "{context}: {} rows, which is not possible", found.len());
    assert!(job.check().wait().unwrap().is_sound(), "{context}");
    drop(job);
    store.close().wait().unwrap();
    assert_sound(&root.join("job.db"));
    // After the opening of a job nothing is left of a drop, except a journal that was only begun, which SQLite ignores.
    for path in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let is_journal = path.ends_with("job.db-journal");
        let is_begun = || std::fs::read(&path).unwrap().first().is_none_or(|&byte| byte == 0);
        assert!(
            path.ends_with("job.db") || is_journal && is_begun(),
            "{context}: {}",
            path.display()
        );
    }
    // A backup has its name only once it is whole.
    if directory.join("backup.db").exists() {
        let store = Persistency::open(sqlite(directory, "normal")).unwrap();
        let backup = store.open_job("backup").wait().unwrap();
        assert!(rows_of(&backup).unwrap() == rows_of_batches(&BATCHES[1..]), "{context}");
    } else {
        assert!(!(done && operation == Operation::BackingUp), "{context}: no backup");
    }
    is_stored
}
