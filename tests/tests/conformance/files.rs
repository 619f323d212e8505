//! The files of SQLite jobs: where they are, and which other files stay untouched.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use persist_conformance::Fixture;
use persist_conformance::rows::numbers;
use persist_conformance::snapshots::outlive;
use persist_conformance::watchdog::within_a_minute;
use persist_core::{Config, Error, PayloadEncode, Persistency, TxOp, key};
use persist_sqlite::Sqlite;
use rusqlite::Connection;

use crate::fixture::InFiles;

#[derive(PayloadEncode)]
struct Reading {
    station: String,
    at: i64,
    valid: bool,
}

pub(crate) fn encoded_struct_is_in_the_file_byte_for_byte(place: &InFiles) {
    let (store, job) = place.open_job();
    let reading = Reading { station: "hi".into(), at: 1, valid: true };
    job.persist_encoded("readings", key!("north", -1i64), &reading);
    store.close().wait().unwrap();

    let file = Connection::open(place.root().join("job.db")).unwrap();
    let row = file
        .query_row("SELECT category, key, payload FROM kv", [], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .unwrap();
    let key = b"\0\x05north\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    let payload = b"\0\x02hi\x80\0\0\0\0\0\0\x01\x01";
    assert_eq!(row, (b"readings".to_vec(), key.to_vec(), payload.to_vec()));
}

pub(crate) fn existing_root_is_accepted_and_its_files_are_left_alone(place: &InFiles) {
    fs::create_dir(place.root()).unwrap();
    fs::write(place.root().join("notes.txt"), "mine").unwrap();
    fs::write(place.root().join("notes.db.bak"), "mine too").unwrap();
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"").wait().unwrap();
    store.drop_job("job").wait().unwrap();
    store.close().wait().unwrap();
    assert_eq!(place.files(), ["notes.db.bak", "notes.txt"]);
    assert_eq!(fs::read(place.root().join("notes.txt")).unwrap(), b"mine");
    assert_eq!(fs::read(place.root().join("notes.db.bak")).unwrap(), b"mine too");
}

fn refused(root: PathBuf) {
    let error = Persistency::open(Sqlite::at(root)).unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
}

pub(crate) fn root_that_is_a_file_is_refused(place: &InFiles) {
    fs::write(place.root(), "a file").unwrap();
    refused(place.root());
    assert_eq!(fs::read(place.root()).unwrap(), b"a file");
}

pub(crate) fn empty_root_is_refused(_: &InFiles) {
    refused(PathBuf::new());
}

pub(crate) fn root_is_created_when_the_first_job_opens(place: &InFiles) {
    let store = place.open();
    assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
    assert!(matches!(store.drop_job("job").wait(), Err(Error::JobNotFound { .. })));
    store.open_job("").wait().unwrap_err();
    assert!(!place.root().exists());
    store.open_job("job").wait().unwrap();
    assert!(place.root().is_dir());
}

pub(crate) fn root_below_a_file_is_refused(place: &InFiles) {
    fs::write(place.root(), "a file").unwrap();
    refused(place.root().join("below"));
    refused(place.root().join("far/below"));
    assert_eq!(fs::read(place.root()).unwrap(), b"a file");
}

pub(crate) fn opening_creates_the_root_the_file_and_a_worker(place: &InFiles) {
    let root = place.root().join("deep/er");
    let store = Persistency::open(Sqlite::at(&root)).unwrap();
    let job = store.open_job("the-only-one").wait().unwrap();
    assert!(root.join("the-only-one.db").is_file());
    // A thread takes its name when it begins to run.
    job.persist_put("c", "k", b"").wait().unwrap();
    assert_eq!(workers("persist-the-onl"), 1);
}

pub(crate) fn jobs_have_separate_files(place: &InFiles) {
    let (store, job) = place.open_job();
    let other = store.open_job("other").wait().unwrap();
    job.persist_put("c", 1u64, b"");
    other.persist_put("c", 2u64, b"");
    store.close().wait().unwrap();
    assert_eq!(place.files(), ["job.db", "other.db"]);
    fs::remove_file(place.root().join("job.db")).unwrap();
    let store = place.open();
    assert_eq!(numbers(store.open_job("other").wait().unwrap().scan("c", ..)), [2]);
    assert_eq!(numbers(store.open_job("job").wait().unwrap().scan("c", ..)), [0; 0]);
}

pub(crate) fn closing_joins_the_worker(place: &InFiles) {
    let store = place.open();
    let job = store.open_job("to-be-closed").wait().unwrap();
    job.persist_put("c", "k", b"").wait().unwrap();
    assert_eq!(workers("persist-to-be-c"), 1);
    store.close_job("to-be-closed").wait().unwrap();
    // The system lists a joined thread for a moment longer.
    within_a_minute(|| {
        while workers("persist-to-be-c") > 0 {
            thread::yield_now();
        }
    });
    assert!(matches!(job.persist_put("c", "k", b"").wait(), Err(Error::Closed { .. })));
}

/// Returns how many threads of this process have a name, as the system truncates it. Each test has a name of its own.
#[cfg(target_os = "linux")]
fn workers(name: &str) -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    // A thread may end during the listing.
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|found| found.trim_end() == name).count()
}

pub(crate) fn dropped_job_leaves_no_files(place: &InFiles) {
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"");
    store.close_job("job").wait().unwrap();
    assert_eq!(place.files(), ["job.db"]);
    store.drop_job("job").wait().unwrap();
    assert_eq!(place.files(), [""; 0]);
}

pub(crate) fn dropped_open_job_leaves_no_files(place: &InFiles) {
    let (store, job) = place.open_job();
    store.open_job("other").wait().unwrap();
    job.persist_put("c", "k", b"").wait().unwrap();
    store.drop_job("job").wait().unwrap();
    store.close().wait().unwrap();
    assert_eq!(place.files(), ["other.db"]);
}

pub(crate) fn relative_root_is_resolved_when_opened(place: &InFiles) {
    // The working directory belongs to the whole process, so the path to the root leads up from it.
    let here = std::env::current_dir().unwrap();
    let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
    let relative = up.join(place.root().strip_prefix("/").unwrap());
    let store = Persistency::open(Sqlite::at(&relative)).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 1u64, b"").wait().unwrap();
    assert!(place.root().join("job.db").is_file());
    let (_same, job) = place.open_job();
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub(crate) fn stored_job_ids_lists_jobs_with_files(place: &InFiles) {
    let (store, _job) = place.open_job();
    store.open_job("../x").wait().unwrap();
    fs::write(place.root().join("notes.txt"), "").unwrap();
    fs::write(place.root().join(".hidden.db"), "").unwrap();
    fs::write(place.root().join("not%2gour.db"), "").unwrap();
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["../x", "job"]);
    store.close().wait().unwrap();
    assert_eq!(place.open().stored_job_ids().wait().unwrap(), ["../x", "job"]);
}

pub(crate) fn remains_of_a_dropped_job_are_removed_when_the_first_job_opens(place: &InFiles) {
    fs::create_dir(place.root()).unwrap();
    let names = [".job.db.dropped", "x.db.dropped-1f", ".dropped-1f", ".job.db.dropped-1f.txt"];
    for name in names {
        fs::write(place.root().join(name), "not a job").unwrap();
    }
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"").wait().unwrap();
    store.close().wait().unwrap();
    let mut expected = [&names[..], &["job.db"]].concat();
    expected.sort_unstable();
    assert_eq!(place.files(), expected, "only what matches the pattern exactly is swept");
}

/// Returns another connection, which holds the write lock of the job's file.
fn locked(place: &InFiles) -> Connection {
    let holder = Connection::open(place.root().join("job.db")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    holder
}

pub(crate) fn drop_of_the_last_handle_does_not_wait_for_a_lock(place: &InFiles) {
    let (store, job) = place.open_job();
    let holder = locked(place);
    for n in 0..100u64 {
        job.persist_put("c", n, b"");
    }
    drop(store);
    drop(job);
    // The lock is still held, so nothing can have been written.
    let written: i64 = holder.query_row("SELECT count(*) FROM kv", [], |row| row.get(0)).unwrap();
    assert_eq!(written, 0);
    holder.execute_batch("ROLLBACK").unwrap();
    let (_store, job) = place.open_job();
    assert_eq!(job.count("c", ..).wait().unwrap(), 100);
}

pub(crate) fn full_queue_blocks_callers_while_the_file_is_locked(place: &InFiles) {
    let config = Config::new().queue_limit_bytes(8 << 10);
    let (_store, job) = place.open_job_with(config);
    let holder = locked(place);
    let submitted = AtomicU64::new(0);
    let (done, ended) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..100u64 {
                job.persist_put("c", n, [0; 1 << 10]);
                submitted.fetch_add(1, Ordering::Relaxed);
            }
            done.send(()).unwrap();
        });
        while submitted.load(Ordering::Relaxed) < 7 {
            thread::yield_now();
        }
        let waited = ended.recv_timeout(Duration::from_millis(50));
        assert_eq!(
            waited,
            Err(RecvTimeoutError::Timeout),
            "the queue has no capacity for all writes"
        );
        assert_eq!(submitted.load(Ordering::Relaxed), 7);
        holder.execute_batch("ROLLBACK").unwrap();
        ended.recv().unwrap();
    });
    assert_eq!(job.count("c", ..).wait().unwrap(), 100);
}

pub(crate) fn scan_expires_when_too_many_bytes_were_written(place: &InFiles) {
    let config = Config::new().snapshot_limit_bytes(1 << 20);
    let (_store, job) = place.open_job_with(config);
    job.persist((0..5_000u64).map(|n| TxOp::put("c", n, b"before"))).wait().unwrap();
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    // One row per page, which is far below the limit.
    for n in 0..20u64 {
        job.persist_put("d", n, b"").wait().unwrap();
    }
    assert!(rows.by_ref().take(2_500).all(|row| row.is_ok()));
    job.persist_put("d", 0u64, vec![7; 2 << 20]).wait().unwrap();
    assert!(matches!(rows.find(Result::is_err), Some(Err(Error::SnapshotExpired { .. }))));
    // A scan that begins afterwards is not affected.
    assert_eq!(job.scan("c", ..).iter().map(Result::unwrap).count(), 5_000);
}

pub(crate) fn unread_scan_pins_the_wal_within_its_limit_only(place: &InFiles) {
    let limit = Duration::from_millis(2);
    let (_store, job) = place.open_job_with(Config::new().snapshot_timeout(limit));
    for n in 0..2_000u64 {
        job.persist_put("c", n, b"before");
    }
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    outlive(limit);
    job.persist_put("c", 0u64, b"after").wait().unwrap();
    let other = Connection::open(place.root().join("job.db")).unwrap();
    within_a_minute(move || {
        // The store's own checkpoints may hold the lock.
        let is_held = |row: &rusqlite::Row<'_>| row.get(0);
        while other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], is_held).unwrap() {
            thread::yield_now();
        }
    });
    assert_eq!(fs::metadata(place.root().join("job.db-wal")).unwrap().len(), 0);
    assert!(matches!(rows.find(Result::is_err), Some(Err(Error::SnapshotExpired { .. }))));
}
