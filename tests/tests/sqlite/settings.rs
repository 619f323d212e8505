//! The settings of `Sqlite`. Two stores of one process act like two processes, except for the locks of a process. For
//! these, real processes are started.

use std::error::Error as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use persist_core::port::Backend;
use persist_core::{Durability, Error, Job, Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;
use tempfile::TempDir;

fn root() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(backend: Sqlite) -> (Persistency, Job) {
    let store = Persistency::open(backend).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

fn refusal(backend: Sqlite) -> Error {
    Persistency::open(backend).unwrap().open_job("job").wait().unwrap_err()
}

fn assert_busy(backend: Sqlite) {
    let error = refusal(backend);
    assert!(matches!(error, Error::Busy { .. }), "{error}");
}

/// Asserts that the job is busy because another store of this process has it: the file was not touched.
fn assert_claimed(error: &Error) {
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    let cause = error.source().unwrap().to_string();
    assert!(cause.contains("another store of this process"), "{cause}");
}

/// Stores the rows 0 to 99 in a job and closes it.
fn store_rows(root: &Path) {
    let (store, job) = open(Sqlite::at(root));
    for row in 0..100u64 {
        job.persist_encoded("c", row, &row);
    }
    store.close().wait().unwrap();
}

fn count(job: &Job) -> u64 {
    job.count("c", ..).wait().unwrap()
}

fn names(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// A process that has the job open.
struct Holder(Child);

impl Holder {
    fn start(root: &Path, way: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_holds"));
        process.arg(root).arg(way).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = Self(process.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(holder.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "open\n");
        holder
    }

    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Returns whether another process can open the job and put a row.
fn another_process_can_write(root: &Path) -> bool {
    let mut process = Command::new(env!("CARGO_BIN_EXE_opens"));
    process.arg(root).arg("1000").stdin(Stdio::null()).stderr(Stdio::null());
    process.status().unwrap().success()
}

#[test]
fn writes_with_full_durability_survive_a_reopen() {
    let root = root();
    let (store, job) = open(Sqlite::at(root.path()).durability(Durability::Full));
    let write = |thread: u64| {
        for row in 0..100u64 {
            job.persist_encoded("c", thread * 100 + row, &row).wait().unwrap();
        }
    };
    thread::scope(|scope| (0..4).for_each(|thread| drop(scope.spawn(move || write(thread)))));
    job.sync().wait().unwrap();
    store.close().wait().unwrap();
    let (_store, job) = open(Sqlite::at(root.path()));
    assert_eq!(count(&job), 400);
}

#[test]
fn exclusive_job_is_written_and_read_by_many_threads() {
    let root = root();
    let (store, job) = open(Sqlite::at(root.path()).exclusive(true));
    let work = |thread: u64| {
        for row in 0..500u64 {
            let key = (thread, row);
            job.persist_encoded("c", key, &row);
            assert_eq!(job.get_as("c", key).wait().unwrap(), Some(row));
        }
        let rows = job.scan("c", ..).iter().map(Result::unwrap);
        assert!(rows.count() >= 500);
    };
    thread::scope(|scope| (0..4).for_each(|thread| drop(scope.spawn(move || work(thread)))));
    assert_eq!(count(&job), 2_000);
    // The index of the WAL is in the memory of the process.
    assert_eq!(names(root.path()), ["job.db", "job.db-wal"]);
    store.close().wait().unwrap();
    assert_eq!(names(root.path()), ["job.db"]);
    let (_store, job) = open(Sqlite::at(root.path()));
    assert_eq!(count(&job), 2_000);
}

#[test]
fn exclusive_job_refuses_other_processes_until_it_is_closed() {
    within_a_minute(|| {
        let root = root();
        let holder = Holder::start(root.path(), "exclusive");
        thread::scope(|scope| {
            let backend = Sqlite::at(root.path());
            let exclusive = backend.clone().exclusive(true);
            let reading = backend.clone().read_only(true);
            for backend in [backend, exclusive, reading] {
                scope.spawn(|| assert_busy(backend));
            }
        });
        holder.end();
        let (_store, job) = open(Sqlite::at(root.path()).exclusive(true));
        assert_eq!(count(&job), 100);
        assert!(!another_process_can_write(root.path()));
    });
}

#[test]
fn job_open_in_another_process_cannot_be_opened_exclusively() {
    within_a_minute(|| {
        let root = root();
        let holder = Holder::start(root.path(), "normal");
        assert_busy(Sqlite::at(root.path()).exclusive(true));
        let (store, job) = open(Sqlite::at(root.path()));
        assert_eq!(count(&job), 100);
        store.close().wait().unwrap();
        holder.end();
        open(Sqlite::at(root.path()).exclusive(true));
    });
}

#[test]
fn writes_of_a_killed_process_to_an_exclusive_job_are_kept() {
    within_a_minute(|| {
        let root = root();
        Holder::start(root.path(), "exclusive").kill();
        for backend in [Sqlite::at(root.path()), Sqlite::at(root.path()).exclusive(true)] {
            let (store, job) = open(backend);
            assert_eq!(count(&job), 100);
            store.close().wait().unwrap();
        }
    });
}

#[test]
fn exclusive_job_refuses_other_stores_of_its_process_and_stays_exclusive() {
    within_a_minute(|| {
        let root = root();
        let backend = Sqlite::at(root.path()).exclusive(true);
        let (store, job) = open(backend.clone());
        job.persist_put("c", 0u64, b"").wait().unwrap();
        assert_claimed(&refusal(backend.clone()));
        assert_claimed(&refusal(Sqlite::at(root.path())));
        assert_claimed(&refusal(Sqlite::at(root.path()).read_only(true)));
        let other = Persistency::open(Sqlite::at(root.path())).unwrap();
        assert_claimed(&other.drop_job("job").wait().unwrap_err());
        assert!(!another_process_can_write(root.path()));
        assert_eq!(count(&job), 1);
        store.close().wait().unwrap();
        assert!(another_process_can_write(root.path()));
        assert_eq!(count(&open(backend).1), 2);
    });
}

#[test]
fn job_open_in_another_store_cannot_be_opened_exclusively() {
    let root = root();
    let (one, job) = open(Sqlite::at(root.path()));
    let (two, _job) = open(Sqlite::at(root.path()));
    assert_claimed(&refusal(Sqlite::at(root.path()).exclusive(true)));
    one.close().wait().unwrap();
    assert_claimed(&refusal(Sqlite::at(root.path()).exclusive(true)));
    two.close().wait().unwrap();
    open(Sqlite::at(root.path()).exclusive(true));
    assert!(!job.is_open());
}

#[test]
fn exclusive_store_drops_its_own_job() {
    let root = root();
    let (store, _job) = open(Sqlite::at(root.path()).exclusive(true));
    store.drop_job("job").wait().unwrap();
    assert_eq!(names(root.path()), [""; 0]);
    store.open_job("job").wait().unwrap();
}

#[test]
fn writes_to_a_read_only_job_fail_with_the_reason() {
    let root = root();
    store_rows(root.path());
    let (store, job) = open(Sqlite::at(root.path()).read_only(true));
    let failures = [
        job.persist_put("c", 0u64, b"other").wait().map(drop),
        job.persist_delete("c", 0u64).wait().map(drop),
        job.persist(vec![TxOp::delete("c", 0u64), TxOp::put("d", 0u64, b"")]).wait().map(drop),
        job.delete_acked("c", 0u64).wait().map(drop),
        job.persist_delete_range("c", 0u64..9).wait().map(drop),
        job.transact(|tx| tx.persist_put("c", 0u64, b"other").map(drop)).wait(),
    ];
    for failure in failures {
        let error = failure.unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains("read_only") && message.contains("\"job\""), "{message}");
    }
    assert_eq!(job.get_as("c", 0u64).wait().unwrap(), Some(0u64));
    assert_eq!(count(&job), 100);
    job.sync().wait().unwrap();
    store.close().wait().unwrap();
}

#[test]
fn read_only_store_creates_nothing() {
    let root = root();
    let missing = root.path().join("missing");
    fs::write(root.path().join("job.db"), b"").unwrap();
    for place in [&missing, root.path()] {
        let error = refusal(Sqlite::at(place).read_only(true));
        assert!(matches!(&error, Error::JobNotFound { job } if job == "job"), "{error}");
    }
    assert!(!missing.exists());
    assert_eq!(names(root.path()), ["job.db"]);
    assert_eq!(fs::metadata(root.path().join("job.db")).unwrap().len(), 0);
}

#[test]
fn read_only_job_leaves_its_file_unchanged_and_is_not_dropped() {
    let root = root();
    store_rows(root.path());
    let file = root.path().join("job.db");
    let before = fs::read(&file).unwrap();
    let (store, job) = open(Sqlite::at(root.path()).read_only(true));
    assert_eq!(count(&job), 100);
    let error = store.drop_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
    store.close().wait().unwrap();
    assert!(fs::read(&file).unwrap() == before, "the file was changed");
    // The next writer removes the files that SQLite has left.
    let (store, _job) = open(Sqlite::at(root.path()));
    store.close().wait().unwrap();
    assert_eq!(names(root.path()), ["job.db"]);
}

#[test]
fn read_only_job_sees_commits_of_others_at_once() {
    within_a_minute(|| {
        let root = root();
        let (store, writing) = open(Sqlite::at(root.path()));
        let (_reading_store, reading) = open(Sqlite::at(root.path()).read_only(true));
        for row in 0..100u64 {
            writing.persist_encoded("c", row, &row).wait().unwrap();
            assert_eq!(reading.get_as("c", row).wait().unwrap(), Some(row));
        }
        store.close().wait().unwrap();
        assert_eq!(count(&reading), 100);
        assert!(another_process_can_write(root.path()));
        assert_eq!(count(&reading), 101);
    });
}

#[test]
fn read_only_job_with_a_reader_is_not_dropped() {
    let root = root();
    store_rows(root.path());
    let (_store, reading) = open(Sqlite::at(root.path()).read_only(true));
    let other = Persistency::open(Sqlite::at(root.path())).unwrap();
    let error = other.drop_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    assert_eq!(count(&reading), 100);
}

#[test]
fn job_read_by_another_process_can_be_written() {
    within_a_minute(|| {
        let root = root();
        store_rows(root.path());
        let reader = Holder::start(root.path(), "read_only");
        let (store, job) = open(Sqlite::at(root.path()));
        job.persist_put("c", 100u64, b"").wait().unwrap();
        store.close().wait().unwrap();
        reader.end();
        assert_eq!(count(&open(Sqlite::at(root.path())).1), 101);
    });
}

#[test]
fn read_only_job_reads_the_rows_of_its_wal_and_keeps_it() {
    within_a_minute(|| {
        let root = root();
        Holder::start(root.path(), "normal").kill();
        let wal = root.path().join("job.db-wal");
        let before = fs::read(&wal).unwrap();
        assert!(!before.is_empty());
        let (store, job) = open(Sqlite::at(root.path()).read_only(true));
        assert_eq!(count(&job), 100);
        store.close().wait().unwrap();
        assert!(fs::read(&wal).unwrap() == before, "the file was changed");
    });
}

#[test]
fn foreign_file_is_refused_with_every_setting() {
    let root = root();
    let foreign = Connection::open(root.path().join("job.db")).unwrap();
    foreign.execute_batch("CREATE TABLE other (x)").unwrap();
    drop(foreign);
    let before = fs::read(root.path().join("job.db")).unwrap();
    let backend = Sqlite::at(root.path());
    for backend in [
        backend.clone().exclusive(true),
        backend.clone().read_only(true),
        backend.clone().create(false),
    ] {
        let error = refusal(backend);
        assert!(matches!(error, Error::Incompatible { .. }), "{error}");
    }
    assert!(fs::read(root.path().join("job.db")).unwrap() == before, "the file was changed");
    assert_eq!(names(root.path()), ["job.db"]);
}

#[test]
fn open_without_create_finds_stored_jobs_only() {
    let root = root();
    let missing = root.path().join("missing");
    let error = refusal(Sqlite::at(&missing).create(false));
    assert!(matches!(&error, Error::JobNotFound { job } if job == "job"), "{error}");
    assert!(!missing.exists());

    store_rows(root.path());
    let store = Persistency::open(Sqlite::at(root.path()).create(false)).unwrap();
    let error = store.open_job("other").wait().unwrap_err();
    assert!(matches!(&error, Error::JobNotFound { job } if job == "other"), "{error}");
    assert!(!store.has_job("other"));
    assert_eq!(names(root.path()), ["job.db"]);
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 100u64, b"").wait().unwrap();
    assert_eq!(count(&job), 101);
}

#[test]
fn mapped_file_may_grow_during_reads() {
    let root = root();
    for exclusive in [false, true] {
        let (store, job) = open(Sqlite::at(root.path()).mmap(1 << 20).exclusive(exclusive));
        for row in 0..5_000u64 {
            job.persist_put("c", row, [u8::from(exclusive); 1_000]);
            if row % 500 == 0 {
                assert_eq!(job.get("c", row).wait().unwrap().unwrap().len(), 1_000);
            }
        }
        let expected = [u8::from(exclusive); 1_000];
        assert!(job.scan("c", ..).iter().all(|row| row.unwrap().payload() == expected));
        assert_eq!(count(&job), 5_000);
        store.close().wait().unwrap();
    }
}

#[test]
fn contradictory_settings_are_refused_with_their_names() {
    let root = root();
    let reading = Sqlite::at(root.path()).read_only(true);
    for (backend, other) in [
        (reading.clone().exclusive(true), "exclusive"),
        (reading.clone().durability(Durability::Full), "Durability::Full"),
    ] {
        let error = Persistency::open(backend).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains("read_only") && message.contains(other), "{message}");
    }
}

#[test]
fn backend_with_other_settings_is_another_store_over_the_same_files() {
    let root = root();
    let backend = Sqlite::at(root.path());
    let others = [
        backend.clone(),
        backend.clone().durability(Durability::Full),
        backend.clone().exclusive(true),
        backend.clone().read_only(true),
        backend.clone().create(false),
        backend.clone().mmap(1 << 20),
        backend.clone().mmap(2 << 20),
    ];
    let file = backend.locate("job").unwrap().identity;
    for (index, one) in others.iter().enumerate() {
        assert_eq!(one.locate("job").unwrap().identity, file);
        for (other_index, other) in others.iter().enumerate() {
            assert_eq!(one == other, index == other_index);
            assert_eq!(one.identity() == other.identity(), index == other_index);
        }
    }
    let defaults = backend.clone().durability(Durability::Normal).exclusive(false);
    assert_eq!(defaults.read_only(false).create(true).mmap(0), backend);
}
