//! What must not come of an error later on.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use fastrand::Rng;
use persist_core::{Error, Persistency, TxOp};
use persist_faults::{Device, Event, Fault, Loss, Op, Watch};
use persist_reliability::sqlite;
use tempfile::TempDir;

/// The disk after a power cut that takes all that was not synced.
fn after_a_cut(watch: &Watch, watched: &Path) -> TempDir {
    let device = Device::default().after(&watch.events());
    let found = tempfile::tempdir().unwrap();
    let image = device.cut(Loss::Everything, &mut Rng::with_seed(0));
    image.write_below(watched, found.path()).unwrap();
    found
}

/// A root that was made, but whose entry could not be made durable, is no durable root on the next try.
#[test]
fn a_root_whose_creation_failed_is_made_durable_by_the_next_try() {
    for removes in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let root = directory.path().join("new/root");
        let store = Persistency::open(sqlite(&root, "full")).unwrap();
        watch.intercept(move |call| match call.op {
            Op::Sync => Some(Fault::Errno(libc::EIO)),
            Op::Remove if !removes => Some(Fault::Errno(libc::EIO)),
            _ => None,
        });
        let failed = store.open_job("job").wait();
        assert!(matches!(failed, Err(Error::Backend { .. })), "{failed:?}");
        watch.intercept(|_| None);
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "a", b"1").wait().unwrap();
        let found = after_a_cut(&watch, directory.path());
        let store = Persistency::open(sqlite(found.path().join("new/root"), "full")).unwrap();
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    }
}

/// After a sync that failed the system reads back what it never wrote, and syncs again without an error.
#[test]
fn what_is_acknowledged_after_a_failed_sync_and_a_reopening_survives_a_power_cut() {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let root = directory.path().join("root");
    let store = Persistency::open(sqlite(&root, "full")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "a", b"1").wait().unwrap();
    watch.intercept(|call| {
        (call.op == Op::Sync && call.is_on("-wal")).then_some(Fault::Errno(libc::EIO))
    });
    let unknown = job.persist_put("c", "b", b"2").wait();
    assert!(matches!(unknown, Err(Error::Unknown { .. })), "{unknown:?}");
    watch.intercept(|_| None);
    drop(job);
    store.close().wait().unwrap();

    let store = Persistency::open(sqlite(&root, "full")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "c", b"3").wait().unwrap();
    let found = after_a_cut(&watch, directory.path());
    let store = Persistency::open(sqlite(found.path().join("root"), "full")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for (key, payload) in [("a", b"1"), ("c", b"3")] {
        assert_eq!(job.get("c", key).wait().unwrap().as_deref(), Some(&payload[..]), "{key}");
    }
}

/// What is in the WAL may not be on the disk: half of it would come into the file.
#[test]
fn a_failed_job_is_closed_without_a_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let store = Persistency::open(sqlite(directory.path().join("root"), "full")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    watch.intercept(|call| {
        (call.op == Op::Sync && call.is_on("-wal")).then_some(Fault::Errno(libc::EIO))
    });
    let unknown = job.persist_put("c", "a", b"1").wait();
    assert!(matches!(unknown, Err(Error::Unknown { .. })), "{unknown:?}");
    watch.intercept(|_| None);
    let before = watch.events().len();
    drop(job);
    store.close().wait().unwrap();
    let changed = |event: &&Event| matches!(event, Event::Wrote { .. } | Event::Synced { .. });
    assert_eq!(watch.events()[before..].iter().find(changed), None);
}

/// Half of what a checkpoint was to write may be lost, so nothing may follow it.
#[test]
fn checkpoint_that_fails_fails_the_job_until_it_is_opened_again() {
    for settings in ["normal", "full", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let store = Persistency::open(sqlite(directory.path().join("root"), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let failed = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&failed);
        watch.intercept(move |call| {
            let fails = matches!(call.op, Op::Write(_)) && call.is_on("/job.db");
            counting.fetch_add(u64::from(fails), Relaxed);
            fails.then_some(Fault::Errno(libc::EIO))
        });
        // So much makes a checkpoint in the background due.
        let large = |row: u64| job.persist_put("c", row, vec![1; 100_000]).wait();
        let mut rows = 0;
        let failure = within_a_minute_of(|| {
            let written = if failed.load(Relaxed) == 0 { large(rows) } else { large(0) };
            rows += u64::from(written.is_ok());
            written.err()
        });
        let rows = job.count("c", ..).wait().unwrap();
        let refusals = [
            Some(failure),
            job.persist([TxOp::put("c", "more", b""), TxOp::delete("c", 0_u64)]).wait().err(),
            job.transact(|tx| tx.persist_put("c", "more", b"")).wait().err(),
            job.sync().wait().err(),
            job.compact().wait().err(),
        ];
        for refusal in refusals {
            assert!(matches!(refusal, Some(Error::Failed { .. })), "{settings}: {refusal:?}");
        }
        assert_eq!(job.count("c", ..).wait().unwrap(), rows, "{settings}");
        watch.intercept(|_| None);
        drop(job);
        // All failures were reported by their tickets.
        store.close_job("job").wait().unwrap();
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), rows, "{settings}");
        job.persist_put("c", "after", b"1").wait().unwrap();
    }
}

/// Runs `step` until it returns something.
fn within_a_minute_of<T>(mut step: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = step() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing within a minute");
    }
}

#[test]
fn checkpoint_that_fails_at_the_close_is_reported_by_the_close() {
    for settings in ["normal", "full", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let store = Persistency::open(sqlite(directory.path().join("root"), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        watch.intercept(|call| {
            let fails = matches!(call.op, Op::Write(_)) && call.is_on("/job.db");
            fails.then_some(Fault::Errno(libc::EIO))
        });
        job.persist_put("c", "a", b"1").wait().unwrap();
        drop(job);
        let closed = store.close_job("job").wait();
        // Unless a checkpoint in the background came first.
        let is_reported = matches!(closed, Err(Error::Backend { .. } | Error::Failed { .. }));
        assert!(is_reported, "{settings}: {closed:?}");
        watch.intercept(|_| None);
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1, "{settings}");
    }
}

/// SQLite tells that it is in WAL mode before it has written so to the file, which may fail still. In another mode a power cut may
/// take the last commit.
#[test]
fn a_job_that_could_not_enter_wal_mode_is_not_open() {
    for settings in ["normal", "exclusive"] {
        for at in 0..3 {
            let directory = tempfile::tempdir().unwrap();
            let watch = Watch::over(directory.path());
            let store = Persistency::open(sqlite(directory.path().join("root"), settings)).unwrap();
            let writes = AtomicU64::new(0);
            watch.intercept(move |call| {
                let is_write = matches!(call.op, Op::Write(_)) && call.is_on("/job.db");
                let fails = is_write && writes.fetch_add(1, Relaxed) == at;
                fails.then_some(Fault::Errno(libc::ENOSPC))
            });
            let job = store.open_job("job").wait().or_else(|error| {
                assert!(matches!(error, Error::DiskFull { .. }), "{settings} {at}: {error:?}");
                store.open_job("job").wait()
            });
            job.unwrap().persist_put("c", "a", b"1").wait().unwrap();
            let written = fs::metadata(directory.path().join("root/job.db-wal"));
            assert!(written.is_ok_and(|wal| wal.len() > 0), "{settings} {at}: not in WAL mode");
        }
    }
}
