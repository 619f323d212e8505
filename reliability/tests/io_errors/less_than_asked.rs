//! SQLite opens a file read-only, and reports success, if the file can't be opened for writing.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use persist_core::{Error, Persistency};
use persist_faults::{Fault, Op, Watch};
use persist_reliability::{child_argument, child_in_shell, run, sqlite};
use persist_tests::watchdog::{alive, within_a_minute};

/// The files of a job that SQLite opens for writing. An exclusive job has no `-shm`.
const FILES: [&str; 3] = ["/job.db", "/job.db-wal", "/job.db-shm"];
const SETTINGS: [&str; 3] = ["normal", "full", "exclusive"];

/// Writes the files of a job as a killed process leaves them, with rows in the WAL and with its index.
fn leave_wal(root: &Path) {
    let directory = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(directory.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "before", b"1").wait().unwrap();
    fs::create_dir(root).unwrap();
    for file in FILES {
        let name = file.trim_start_matches('/');
        fs::copy(directory.path().join(name), root.join(name)).unwrap();
    }
}

/// Fails one opening of a file for writing, by its number from 0, and all later ones if `for_ever`.
fn fail_open(watch: &Watch, file: &'static str, at: u64, for_ever: bool) -> Arc<AtomicU64> {
    let seen = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&seen);
    watch.intercept(move |call| {
        if call.op != Op::OpenToWrite || !call.is_on(file) {
            return None;
        }
        let number = counting.fetch_add(1, Relaxed);
        let fails = number == at || for_ever && number > at;
        fails.then_some(Fault::Errno(libc::EIO))
    });
    seen
}

#[test]
fn open_for_writing_that_fails_once_is_retried() {
    let mut failed = 0;
    for settings in SETTINGS {
        for file in FILES {
            for at in 0..6 {
                alive();
                let directory = tempfile::tempdir().unwrap();
                let watch = Watch::over(directory.path());
                let root = directory.path().join("root");
                leave_wal(&root);
                let seen = fail_open(&watch, file, at, false);
                let store = Persistency::open(sqlite(&root, settings)).unwrap();
                let job = store.open_job("job").wait().or_else(|error| {
                    let is_reported = matches!(error, Error::Backend { .. });
                    assert!(is_reported, "{settings} {file} {at}: {error:?}");
                    store.open_job("job").wait()
                });
                let job = job.unwrap();
                let context = format!("{settings} {file} {at}");
                let write = |key: &str| job.persist_put("c", key, b"1").wait();
                write("while open").unwrap_or_else(|error| panic!("{context}: {error}"));
                assert_eq!(job.count("c", ..).wait().unwrap(), 2, "{context}");
                job.compact().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
                write("after it").unwrap_or_else(|error| panic!("{context}: {error}"));
                drop(job);
                store.close().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
                let store = Persistency::open(sqlite(&root, settings)).unwrap();
                let job = store.open_job("job").wait().unwrap();
                assert_eq!(job.count("c", ..).wait().unwrap(), 3, "{context}");
                failed += u64::from(seen.load(Relaxed) > at);
            }
        }
    }
    assert!(failed > 10, "{failed}");
}

#[test]
fn open_for_writing_that_always_fails_returns_an_error_that_names_the_file() {
    for settings in SETTINGS {
        for file in FILES {
            if settings == "exclusive" && file == "/job.db-shm" {
                continue;
            }
            let directory = tempfile::tempdir().unwrap();
            let watch = Watch::over(directory.path());
            let root = directory.path().join("root");
            leave_wal(&root);
            fail_open(&watch, file, 0, true);
            let store = Persistency::open(sqlite(&root, settings)).unwrap();
            let error = store.open_job("job").wait().unwrap_err();
            let message = error.to_string();
            assert!(matches!(error, Error::Backend { .. }), "{settings} {file}: {error:?}");
            assert!(message.contains(file), "{settings} {file}: {message}");
            watch.intercept(|_| None);
            let job = store.open_job("job").wait().unwrap();
            job.persist_put("c", "after", b"1").wait().unwrap();
            assert_eq!(job.count("c", ..).wait().unwrap(), 2);
        }
    }
}

/// The checkpointer opens a connection of its own some time after the first commit.
#[test]
fn checkpoint_connection_that_is_read_only_once_is_reopened() {
    within_a_minute(|| {
        for settings in ["normal", "full"] {
            let directory = tempfile::tempdir().unwrap();
            let watch = Watch::over(directory.path());
            let root = directory.path().join("root");
            let store = Persistency::open(sqlite(&root, settings)).unwrap();
            let job = store.open_job("job").wait().unwrap();
            let seen = fail_open(&watch, "/job.db", 0, false);
            job.persist_put("c", "a", b"1").wait().unwrap();
            while seen.load(Relaxed) == 0 {
                thread::yield_now();
            }
            // The checkpointer tries again.
            while fs::metadata(root.join("job.db-wal")).unwrap().len() > 0 {
                thread::yield_now();
            }
            job.persist_put("c", "c", b"1").wait().unwrap();
            drop(job);
            store.close().wait().unwrap();
        }
    });
}

/// With few descriptors the connections of idle jobs are closed.
#[test]
fn reopened_writer_that_is_read_only_once_writes() {
    run(child_in_shell(
        "ulimit -S -n 60; exec \"$@\"",
        "less_than_asked::child_reopens_idle_writers",
        "",
    ));
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_reopens_idle_writers() {
    let Some(_) = child_argument() else { return };
    for file in FILES {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let store = Persistency::open(sqlite(directory.path().join("root"), "normal")).unwrap();
        let jobs: Vec<_> = (0..12)
            .map(|n| {
                let id = if n == 0 { "job".to_owned() } else { format!("job {n}") };
                store.open_job(&id).wait().unwrap()
            })
            .collect();
        // The connections of the first jobs are closed now.
        let seen = fail_open(&watch, file, 0, false);
        for job in jobs.iter().chain(&jobs) {
            job.persist_put("c", "a", b"1").wait().unwrap();
            assert_eq!(job.count("c", ..).wait().unwrap(), 1);
        }
        assert!(seen.load(Relaxed) > 0, "{file}");
        drop(jobs);
        store.close().wait().unwrap();
    }
}
