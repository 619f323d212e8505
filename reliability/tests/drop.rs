//! A process dies at each file call of a call in turn, or that call fails: a dropped job is whole or gone, a job that was being made
//! can be made, a closed or compacted one has all its rows, and a backup is whole or absent.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use persist_core::{Error, Job, Persistency, TxOp};
use persist_faults::{Fault, Op, Watch};
use persist_reliability::{assert_sound, child, given, sqlite};

const ROWS: u64 = 200;

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

/// A batch of rows, and others that leave free pages when they are deleted.
fn fill(job: &Job) -> Result<(), Error> {
    job.persist((0..ROWS).map(|n| TxOp::put("free", n, vec![1; 600]))).wait()?;
    job.persist((0..ROWS).map(|n| TxOp::put("c", n, vec![2; 100]))).wait().map(drop)
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
    let told = format!("{}|{settings}|{doing}|{at}", directory.display());
    let output = child("dies_where_it_is_told_to", told).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() || output.status.code().is_none(), "{said}");
    said.contains("it was done")
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
    for errno in [libc::EIO, libc::ENOSPC] {
        for doing in Doing::ALL {
            for at in 0.. {
                let directory = tempfile::tempdir().unwrap();
                let watch = Watch::over(directory.path());
                let seen = std::sync::Arc::new(AtomicU64::new(0));
                let counted = std::sync::Arc::clone(&seen);
                let concerns = move |op: Op| match errno {
                    libc::ENOSPC => matches!(op, Op::Write(_) | Op::MakeDirectory),
                    _ => op.changes(),
                };
                let result = doing.run(&directory.path().join("root"), "normal", || {
                    watch.intercept(move |call| {
                        let fails = concerns(call.op) && counted.fetch_add(1, Relaxed) == at;
                        fails.then_some(Fault::Errno(errno))
                    });
                });
                watch.intercept(|_| None);
                let context = format!("{doing:?}, error {errno} at call {at}");
                check(directory.path(), "normal", doing, result.is_ok(), &context);
                if let Err(error) = result {
                    let typed = match error {
                        Error::Backend { .. }
                        | Error::DiskFull { .. }
                        | Error::Unknown { .. }
                        | Error::Failed { .. } => true,
                        Error::InvalidArgument { .. } => doing == Doing::Opening,
                        // Of an error while it leaves WAL mode SQLite says only that it stays in it, as it does where somebody
                        // else has the file open.
                        Error::Busy { .. } => doing == Doing::Dropping,
                        _ => false,
                    };
                    assert!(typed, "{context}: {error:?}");
                }
                if seen.load(Relaxed) <= at {
                    break;
                }
            }
        }
    }
}

/// Says whether the job is there, which it has to be unless it was dropped or was only being made.
fn check(directory: &Path, settings: &str, doing: Doing, done: bool, context: &str) -> bool {
    let root = directory.join("root");
    let store = Persistency::open(sqlite(&root, settings)).unwrap();
    let is_stored = store.stored_job_ids().wait().unwrap() == ["job"];
    match doing {
        Doing::Opening => {}
        Doing::Dropping => assert!(!done || !is_stored, "{context}: it was dropped"),
        _ => assert!(is_stored, "{context}: it is gone"),
    }
    let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
    let rows = job.count("c", ..).wait().unwrap();
    let may_be_empty = doing == Doing::Opening || !is_stored;
    assert!(rows == ROWS && is_stored || rows == 0 && may_be_empty, "{context}: {rows} rows");
    assert!(job.check().wait().unwrap().is_sound(), "{context}");
    drop(job);
    store.close().wait().unwrap();
    assert_sound(&root.join("job.db"));
    // Nothing is left of a drop once a job was opened.
    let names = |directory: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let left: Vec<String> =
        names(&root).into_iter().filter(|name| name.contains("dropped")).collect();
    assert!(left.is_empty(), "{context}: {left:?}");
    // A backup has its name only when it is whole.
    let backup = directory.join("backup.db");
    if backup.exists() {
        assert_sound(&backup);
        let rows = rusqlite::Connection::open(&backup).and_then(|file| {
            file.query_row("SELECT count(*) FROM kv", [], |row| row.get::<_, i64>(0))
        });
        assert_eq!(rows, Ok(200), "{context}");
    } else {
        assert!(!(done && doing == Doing::BackingUp), "{context}: no backup");
    }
    is_stored
}
