//! The system reports missing space by several codes: a full disk, an exceeded quota, and a file that may not grow. A
//! job goes on after each of them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

use persist_core::{Error, Job, Persistency, TxOp};
use persist_faults::{Call, Fault, Op, Watch};
use persist_reliability::{assert_sound, sqlite};
use persist_tests::watchdog::{alive, within_a_minute};
use tempfile::TempDir;

const CODES: [i32; 3] = [libc::ENOSPC, libc::EDQUOT, libc::EFBIG];
const SETTINGS: [&str; 3] = ["normal", "full", "exclusive"];

/// A store below a directory whose calls can fail.
struct Place {
    directory: TempDir,
    watch: Watch,
    store: Persistency,
}

impl Place {
    fn new(settings: &str) -> Self {
        alive();
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let store = Persistency::open(sqlite(directory.path().join("root"), settings)).unwrap();
        Self { directory, watch, store }
    }

    fn open(&self) -> Job {
        let job = self.store.open_job("job").wait().unwrap();
        job.persist_put("c", "before", b"1").wait().unwrap();
        job
    }

    /// Fails each call that needs space and satisfies `concerns`, with `errno`. Returns the number of failed calls.
    fn fail(
        &self,
        errno: i32,
        concerns: impl Fn(&Call<'_>) -> bool + Send + Sync + 'static,
    ) -> Arc<AtomicU64> {
        let failed = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&failed);
        self.watch.intercept(move |call| {
            let fails = needs_space(call) && concerns(call);
            counting.fetch_add(u64::from(fails), Relaxed);
            fails.then_some(Fault::Errno(errno))
        });
        failed
    }

    fn recover(&self) {
        self.watch.intercept(|_| None);
    }

    fn wal_bytes(&self) -> u64 {
        fs::metadata(self.directory.path().join("root/job.db-wal")).map_or(0, |wal| wal.len())
    }

    /// Closes the job, opens it again and checks the number of its rows.
    fn close_and_count(self, rows: u64) {
        self.store.close_job("job").wait().unwrap();
        let job = self.store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), rows);
        drop(job);
        self.store.close().wait().unwrap();
        assert_sound(&self.directory.path().join("root/job.db"));
    }
}

fn needs_space(call: &Call<'_>) -> bool {
    matches!(call.op, Op::Write(_) | Op::Create | Op::MakeDirectory | Op::Rename)
}

fn assert_full<T: std::fmt::Debug>(result: &Result<T, Error>, context: &str) {
    assert!(matches!(result, Err(Error::DiskFull { .. })), "{context}: {result:?}");
}

/// More than SQLite's cache holds, so that pages are written before the commit.
fn large() -> Vec<TxOp> {
    (0..40_u64).map(|n| TxOp::put("large", n, vec![1; 100_000])).collect()
}

#[test]
fn commit_without_space_returns_disk_full_and_the_job_goes_on() {
    for errno in CODES {
        for settings in SETTINGS {
            // The first write fails, or one in the middle of the commit.
            for from in [0, 3] {
                let context = format!("{errno} {settings} {from}");
                let place = Place::new(settings);
                let job = place.open();
                let writes = AtomicU64::new(0);
                let failed = place.fail(errno, move |call| {
                    call.is_on("-wal") && writes.fetch_add(1, Relaxed) >= from
                });
                assert_full(&job.persist_put("c", "a", [1; 9_000]).wait(), &context);
                assert_full(&job.persist(large()).wait(), &context);
                let transacted = job.transact(|tx| tx.persist(large())).wait();
                assert_full(&transacted, &context);
                if settings == "normal" {
                    assert_full(&job.sync().wait(), &context);
                }
                assert!(failed.load(Relaxed) > 2, "{context}");
                place.recover();
                job.persist_put("c", "after", b"1").wait().unwrap();
                job.persist(large()).wait().unwrap();
                job.sync().wait().unwrap();
                assert_eq!(job.count("large", ..).wait().unwrap(), 40, "{context}");
                drop(job);
                place.close_and_count(2);
            }
        }
    }
}

#[test]
fn checkpoint_without_space_is_delayed_and_the_job_goes_on() {
    within_a_minute(|| {
        // In parallel, since each waits until the checkpointer has tried three times.
        thread::scope(|scope| {
            for (errno, settings) in CODES.into_iter().flat_map(|of| SETTINGS.map(|to| (of, to))) {
                scope.spawn(move || {
                    let place = Place::new(settings);
                    let job = place.open();
                    let failed = place.fail(errno, |call| call.is_on("/job.db"));
                    job.persist_put("c", "a", b"1").wait().unwrap();
                    while failed.load(Relaxed) < 2 {
                        thread::yield_now();
                    }
                    job.persist_put("c", "while full", b"1").wait().unwrap();
                    place.recover();
                    while place.wal_bytes() > 0 {
                        thread::yield_now();
                    }
                    job.persist_put("c", "after", b"1").wait().unwrap();
                    drop(job);
                    place.close_and_count(4);
                });
            }
        });
    });
}

#[test]
fn compaction_and_close_without_space_return_disk_full_and_lose_no_rows() {
    for errno in CODES {
        for settings in SETTINGS {
            let context = format!("{errno} {settings}");
            let place = Place::new(settings);
            let job = place.open();
            job.persist(large()).wait().unwrap();
            job.persist_delete_prefix("large", "").wait().unwrap();
            place.fail(errno, |call| call.is_on("/job.db"));
            assert_full(&job.compact().wait(), &context);
            job.persist_put("c", "after", b"1").wait().unwrap();
            drop(job);
            assert_full(&place.store.close_job("job").wait(), &context);
            place.recover();
            let job = place.store.open_job("job").wait().unwrap();
            assert!(job.compact().wait().is_ok(), "{context}");
            drop(job);
            place.close_and_count(2);
        }
    }
}

#[test]
fn backup_without_space_returns_disk_full_and_leaves_no_file() {
    let is_backup = |path: &Path| path.to_string_lossy().contains("backup");
    for errno in CODES {
        for at in 0..8 {
            let context = format!("{errno} {at}");
            let place = Place::new("normal");
            let job = place.open();
            job.persist(large()).wait().unwrap();
            let calls = AtomicU64::new(0);
            let failed = place
                .fail(errno, move |call| is_backup(call.path) && calls.fetch_add(1, Relaxed) >= at);
            let target = place.directory.path().join("backup.db");
            assert_full(&job.backup_to(&target).wait(), &context);
            assert!(failed.load(Relaxed) > 0, "{context}");
            place.recover();
            let found = persist_reliability::names(place.directory.path());
            assert_eq!(found, ["root"], "{context}");
            job.backup_to(&target).wait().unwrap();
            drop(job);
            place.close_and_count(1);
        }
    }
}

/// The call may concern the root, the files, the first page, WAL mode or the schema.
#[test]
fn creation_without_space_at_any_call_returns_disk_full() {
    for errno in CODES {
        for settings in SETTINGS {
            for at in 0.. {
                let context = format!("{errno} {settings} {at}");
                let place = Place::new(settings);
                let calls = AtomicU64::new(0);
                let failed = place.fail(errno, move |_| calls.fetch_add(1, Relaxed) >= at);
                let opened = place.store.open_job("job").wait();
                if failed.load(Relaxed) == 0 {
                    opened.unwrap();
                    assert!(at > 8, "{context}");
                    break;
                }
                assert_full(&opened.map(drop), &context);
                place.recover();
                drop(place.open());
                place.close_and_count(1);
            }
        }
    }
}

/// Opening the files of a killed process needs space only for the index of the WAL.
#[test]
fn recovery_without_space_at_any_call_returns_disk_full() {
    for errno in CODES {
        for settings in SETTINGS {
            for at in 0.. {
                let context = format!("{errno} {settings} {at}");
                let left = Place::new("normal");
                let job = left.open();
                let place = Place::new(settings);
                let [from, root] = [&left, &place].map(|place| place.directory.path().join("root"));
                fs::create_dir(&root).unwrap();
                for name in ["job.db", "job.db-wal"] {
                    fs::copy(from.join(name), root.join(name)).unwrap();
                }
                drop(job);
                let calls = AtomicU64::new(0);
                let failed = place.fail(errno, move |_| calls.fetch_add(1, Relaxed) >= at);
                let opened = place.store.open_job("job").wait();
                if failed.load(Relaxed) == 0 {
                    opened.unwrap();
                    assert!(at > 0, "{context}");
                    break;
                }
                let is_open = opened.is_ok();
                if !is_open {
                    assert_full(&opened.map(drop), &context);
                }
                place.recover();
                drop(place.open());
                place.close_and_count(1);
            }
        }
    }
}

/// The error of a page's write shows that nothing was changed. A failed sync may have lost data.
#[test]
fn sync_without_space_fails_the_job() {
    for errno in [libc::EDQUOT, libc::EFBIG] {
        let place = Place::new("full");
        let job = place.open();
        let is_failing = Arc::new(AtomicBool::new(true));
        let failing = Arc::clone(&is_failing);
        place.watch.intercept(move |call| {
            let fails = call.op == Op::Sync && call.is_on("-wal") && failing.load(Relaxed);
            fails.then_some(Fault::Errno(errno))
        });
        let written = job.persist_put("c", "a", b"1").wait();
        assert!(matches!(written, Err(Error::Unknown { .. })), "{errno}: {written:?}");
        is_failing.store(false, Relaxed);
        let written = job.persist_put("c", "a", b"1").wait();
        assert!(matches!(written, Err(Error::Failed { .. })), "{errno}: {written:?}");
    }
}
