//! Effects that an error must not have later.

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

/// Returns the disk after a power cut that loses everything that was not synced.
fn after_a_cut(watch: &Watch, watched: &Path) -> TempDir {
    let device = Device::default().after(&watch.events());
    let found = tempfile::tempdir().unwrap();
    let image = device.cut(Loss::Everything, &mut Rng::with_seed(0));
    image.write_below(watched, found.path()).unwrap();
    found
}

/// If a root was created but its entry could not be synced, the next try syncs the entry.
#[test]
fn root_whose_sync_failed_is_synced_by_the_next_open() {
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

/// After a sync that failed the system still reads the data that it never wrote, and the next sync succeeds.
#[test]
fn write_after_failed_sync_and_reopening_survives_power_cut() {
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

/// The WAL may not be on the disk: a checkpoint could move half of it into the file.
#[test]
fn failed_job_is_closed_without_a_checkpoint() {
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

/// Half of what a checkpoint wrote may be lost, so no write may follow it.
#[test]
fn failed_checkpoint_fails_the_job_until_it_is_reopened() {
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
        // Rows large enough for a checkpoint in the background.
        let large = |row: u64| job.persist_put("c", row, vec![1; 100_000]).wait();
        let mut rows = 0;
        let failure = repeat_for_a_minute(|| {
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

/// Repeats `step` until it returns a value.
fn repeat_for_a_minute<T>(mut step: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = step() {
            return found;
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing within a minute");
    }
}

#[test]
fn failed_checkpoint_at_the_close_is_reported_by_the_close() {
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
        // A checkpoint in the background may have come first.
        let is_reported = matches!(closed, Err(Error::Backend { .. } | Error::Failed { .. }));
        assert!(is_reported, "{settings}: {closed:?}");
        watch.intercept(|_| None);
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1, "{settings}");
    }
}

/// SQLite reports WAL mode before it writes the mode to the file, which may still fail. In another mode a power cut
/// could lose the last commit.
#[test]
fn job_that_cannot_enter_wal_mode_does_not_open() {
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
