//! Housekeeping of SQLite jobs: backups, compaction, statistics and checks.

use std::fs;
use std::future::IntoFuture;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;

use persist_core::port::{Backend, OpenOptions, OpenedJob, Stop};
use persist_core::{Error, Job, Persistency, Scan, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;
use tempfile::TempDir;

/// A root below a directory in which backups can be created.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn file(&self) -> PathBuf {
        self.root().join("job.db")
    }

    fn open(&self) -> (Persistency, Job) {
        open(Sqlite::at(self.root()))
    }

    /// Returns a path in a directory without other entries.
    fn target(&self) -> PathBuf {
        let directory = self.0.path().join("backups");
        fs::create_dir_all(&directory).unwrap();
        directory.join("job.db")
    }
}

fn open(backend: Sqlite) -> (Persistency, Job) {
    let store = Persistency::open(backend).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Opens the job whose file is `target`.
fn open_backup(target: &Path) -> (Persistency, Job) {
    open(Sqlite::at(target.parent().unwrap()).create(false))
}

fn fill(job: &Job, rows: u64) {
    for n in 0..rows {
        job.persist_put("c", n, vec![n.to_be_bytes()[7]; 1_000]);
    }
}

fn pairs(scan: Scan<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let rows = scan.wait().unwrap();
    rows.iter().map(|row| (row.key().as_bytes().to_vec(), row.payload().to_vec())).collect()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn backup_opens_as_a_job_with_the_same_rows() {
    let place = Place::new();
    let (_store, job) = place.open();
    fill(&job, 3_000);
    job.persist_put("", "", b"");
    let target = place.target();
    job.backup_to(&target).wait().unwrap();
    assert_eq!(names(target.parent().unwrap()), ["job.db"], "the backup is one file");

    let (_copies, copy) = open_backup(&target);
    assert!(copy.check().wait().unwrap().is_sound());
    assert_eq!(copy.categories().wait().unwrap(), [&b""[..], b"c"]);
    for category in ["", "c"] {
        assert!(pairs(copy.scan(category, ..)) == pairs(job.scan(category, ..)));
    }
    copy.persist_delete_prefix("c", "");
    copy.compact().wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 3_000, "the backup is a job of its own");
}

#[test]
fn backup_of_a_job_that_is_written_is_one_snapshot() {
    within_a_minute(|| {
        let place = Place::new();
        let (_store, job) = place.open();
        fill(&job, 5_000);
        let done = AtomicBool::new(false);
        let target = place.target();
        thread::scope(|scope| {
            // Each batch writes its number into the first and the last row, which are far apart in the file.
            let writer = scope.spawn(|| {
                let mut batch = 0u64;
                while !done.load(Ordering::Relaxed) {
                    let number = batch.to_be_bytes();
                    let ends = [TxOp::put("a", 0u64, number), TxOp::put("z", 0u64, number)];
                    job.persist(ends).wait().unwrap();
                    job.persist_put("c", batch % 5_000, vec![1; 1_000]);
                    batch += 1;
                }
            });
            while !job.exists("z", 0u64).wait().unwrap() {
                thread::yield_now();
            }
            job.backup_to(&target).wait().unwrap();
            done.store(true, Ordering::Relaxed);
            writer.join().unwrap();
        });
        let (_copies, copy) = open_backup(&target);
        assert!(copy.check().wait().unwrap().is_sound());
        assert_eq!(copy.count("c", ..).wait().unwrap(), 5_000);
        let number = |category| copy.get(category, 0u64).wait().unwrap().unwrap();
        assert_eq!(number("a"), number("z"));
    });
}

#[test]
fn writes_are_committed_during_a_backup() {
    within_a_minute(|| {
        let place = Place::new();
        let (_store, job) = place.open();
        fill(&job, 3_000);
        let target = place.target();
        let (begun, has_begun) = channel();
        let (go_on, goes_on) = channel();
        let mut first = true;
        let backup = job.backup_to_with(&target, move |_| {
            if std::mem::take(&mut first) {
                begun.send(()).unwrap();
                goes_on.recv().unwrap();
            }
        });
        thread::scope(|scope| {
            let making = scope.spawn(|| backup.wait());
            has_begun.recv().unwrap();
            job.persist_put("c", 0u64, b"newer").wait().unwrap();
            go_on.send(()).unwrap();
            making.join().unwrap().unwrap();
        });
        assert_eq!(job.get("c", 0u64).wait().unwrap().as_deref(), Some(&b"newer"[..]));
        let (_copies, copy) = open_backup(&target);
        assert_eq!(copy.get("c", 0u64).wait().unwrap(), Some(vec![0; 1_000]));
    });
}

#[test]
fn close_in_the_progress_callback_of_a_backup_returns_would_deadlock() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open();
        let closing = store.clone();
        let (sender, results) = channel();
        job.backup_to_with(place.target(), move |_| sender.send(closing.close().wait()).unwrap())
            .wait()
            .unwrap();
        let closed = results.recv().unwrap();
        assert!(matches!(closed, Err(Error::WouldDeadlock)), "{closed:?}");
        store.close().wait().unwrap();
    });
}

#[test]
fn backup_reports_its_progress() {
    let place = Place::new();
    let (_store, job) = place.open();
    fill(&job, 5_000);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let target = place.target();
    let message = Arc::clone(&seen);
    job.backup_to_with(&target, move |progress| message.lock().unwrap().push(progress))
        .wait()
        .unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 3, "{seen:?}");
    assert!(seen.is_sorted_by(|a, b| a.copied_bytes < b.copied_bytes), "{seen:?}");
    let size = fs::metadata(&target).unwrap().len();
    assert!(seen.iter().all(|progress| progress.total_bytes == size), "{seen:?}");
    assert_eq!(seen.last().unwrap().copied_bytes, size);
}

#[test]
fn backup_works_with_every_setting() {
    let place = Place::new();
    let (store, job) = place.open();
    fill(&job, 100);
    // Another store sees committed rows only.
    job.sync().wait().unwrap();
    let directory = place.target().parent().unwrap().to_owned();
    let backend = || Sqlite::at(place.root());
    let (readers, reading) = open(backend().read_only(true));
    reading.backup_to(directory.join("reading.db")).wait().unwrap();
    assert!(reading.check().wait().unwrap().is_sound());
    let refused = reading.compact().wait();
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    drop((reading, readers));
    store.close().wait().unwrap();
    let mut expected = vec!["reading.db"];
    if cfg!(unix) {
        let (_alone, alone) = open(backend().exclusive(true));
        alone.backup_to(directory.join("alone.db")).wait().unwrap();
        assert!(alone.check().wait().unwrap().is_sound());
        alone.compact().wait().unwrap();
        assert!(alone.stats().wait().unwrap().storage.unwrap().file_bytes > 0);
        expected.insert(0, "alone.db");
    }
    assert_eq!(names(&directory), expected);
    let copies = Persistency::open(Sqlite::at(&directory)).unwrap();
    for id in expected.iter().map(|name| name.trim_end_matches(".db")) {
        let copy = copies.open_job(id).wait().unwrap();
        assert_eq!(copy.count("c", ..).wait().unwrap(), 100);
    }
}

#[test]
fn backup_to_an_existing_path_is_refused_and_leaves_it_alone() {
    let place = Place::new();
    let (_store, job) = place.open();
    fill(&job, 10);
    let target = place.target();
    let refused = |path: &Path| {
        let error = job.backup_to(path).wait().unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    };
    fs::write(&target, "mine").unwrap();
    refused(&target);
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    // SQLite would take such a file for a part of the copy.
    for suffix in ["-wal", "-shm", "-journal"] {
        let auxiliary = target.with_file_name(format!("other.db{suffix}"));
        refused(&auxiliary);
        fs::write(&auxiliary, "mine").unwrap();
        refused(&target.with_file_name("other.db"));
        assert_eq!(fs::read(&auxiliary).unwrap(), b"mine");
        fs::remove_file(auxiliary).unwrap();
    }
    refused(target.parent().unwrap());
    refused(&target.join("below a file"));
    refused(&place.0.path().join("nowhere/job.db"));
    refused(Path::new(""));
    refused(&place.file());
    assert_eq!(names(target.parent().unwrap()), ["job.db"]);
}

#[test]
#[cfg(unix)]
fn backup_to_a_dangling_link_is_refused_and_leaves_it_alone() {
    let place = Place::new();
    let (_store, job) = place.open();
    let target = place.target();
    std::os::unix::fs::symlink("nowhere", &target).unwrap();
    let error = job.backup_to(&target).wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    assert!(fs::symlink_metadata(&target).unwrap().is_symlink());
}

#[test]
fn file_created_at_the_target_during_the_backup_is_left_alone() {
    let place = Place::new();
    let (_store, job) = place.open();
    let target = place.target();
    let path = target.clone();
    let made = job.backup_to_with(&target, move |_| fs::write(&path, "mine").unwrap()).wait();
    assert!(matches!(made, Err(Error::InvalidArgument { .. })), "{made:?}");
    assert_eq!(fs::read(&target).unwrap(), b"mine");
    assert_eq!(names(target.parent().unwrap()), ["job.db"]);
}

/// The program that makes the backup has a limit on the size of files, which has the effect of a full disk.
#[test]
#[cfg(unix)]
fn backup_without_space_leaves_no_file() {
    let place = Place::new();
    let (store, job) = place.open();
    fill(&job, 2_000);
    store.close().wait().unwrap();
    let target = place.target();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_backs_up"))
        .args([place.root(), target.clone()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let message = String::from_utf8(output.stdout).unwrap();
    assert!(message.contains(target.to_str().unwrap()), "{message:?} names the target");
    assert_eq!(names(target.parent().unwrap()), [""; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn backup_to_an_unwritable_directory_fails() {
    let place = Place::new();
    let (_store, job) = place.open();
    let error = job.backup_to("/proc/job.db").wait().unwrap_err();
    assert!(error.to_string().contains("/proc/job.db"), "{error}");
}

#[test]
fn panic_in_the_progress_callback_leaves_no_file_and_the_job_goes_on() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open();
        let target = place.target();
        let backup = job.backup_to_with(&target, |_| panic!("a panic from the test"));
        let made = persist_tests::runtime::block_on(backup);
        assert!(matches!(made, Err(Error::Panicked { .. })), "{made:?}");
        assert_eq!(names(target.parent().unwrap()), [""; 0]);
        job.persist_put("c", 1u64, b"").wait().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn close_ends_a_backup_and_leaves_no_file() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open();
        fill(&job, 3_000);
        store.close().wait().unwrap();
        let target = place.target();
        let OpenedJob { reader, writer } =
            Sqlite::at(place.root()).open_job("job", &OpenOptions::default()).unwrap();
        thread::scope(|scope| {
            let mut closing = None;
            let made = reader.maintenance().unwrap().backup(&target, &Stop::default(), &mut |_| {
                closing.get_or_insert_with(|| scope.spawn(|| reader.close()));
                while reader.maintenance().unwrap().storage().is_ok() {
                    thread::yield_now();
                }
            });
            assert!(matches!(made, Err(Error::Closed { .. })), "{made:?}");
            closing.expect("the close has begun").join().unwrap();
        });
        writer.close().unwrap();
        assert_eq!(names(target.parent().unwrap()), [""; 0]);
    });
}

#[test]
fn backup_with_a_dropped_future_ends_without_a_file() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open();
        fill(&job, 3_000);
        let target = place.target();
        let (begun, has_begun) = channel();
        let (go_on, goes_on) = channel();
        let mut first = true;
        let backup = job.backup_to_with(&target, move |_| {
            if std::mem::take(&mut first) {
                begun.send(()).unwrap();
                goes_on.recv().unwrap();
            }
        });
        {
            let mut future = pin!(backup.into_future());
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            has_begun.recv().unwrap();
        }
        go_on.send(()).unwrap();
        // The close waits for running reads.
        store.close().wait().unwrap();
        assert_eq!(names(target.parent().unwrap()), [""; 0]);
    });
}

#[test]
fn compaction_after_deletes_shrinks_the_file() {
    let place = Place::new();
    let (_store, job) = place.open();
    fill(&job, 5_000);
    job.persist_delete_range("c", 100u64..).wait().unwrap();
    let before = job.stats().wait().unwrap().storage.unwrap();
    assert!(before.free_bytes > 4_000_000, "{before:?}");
    let commits = job.stats().wait().unwrap().commits;
    let freed = job.compact().wait().unwrap();
    assert_eq!(freed, before.free_bytes);
    let after = job.stats().wait().unwrap();
    // Steps of a mebibyte, and the last one.
    assert_eq!(after.commits - commits, freed.div_ceil(1 << 20) + 1);
    let after = after.storage.unwrap();
    assert_eq!((after.free_bytes, after.wal_bytes), (0, 0));
    assert!(after.file_bytes < 500_000, "{after:?}");
    assert_eq!(after.file_bytes, fs::metadata(place.file()).unwrap().len());
    assert_eq!(job.count("c", ..).wait().unwrap(), 100);
}

#[test]
fn reader_during_a_compaction_does_not_delay_it_and_keeps_its_snapshot() {
    within_a_minute(|| {
        let place = Place::new();
        let (_store, job) = place.open();
        fill(&job, 5_000);
        let mut rows = job.scan("c", ..).iter();
        rows.next().unwrap().unwrap();
        job.persist_delete_prefix("c", "");
        assert!(job.compact().wait().unwrap() > 4_000_000);
        assert_eq!(rows.map(Result::unwrap).count(), 4_999);
        job.compact().wait().unwrap();
        let storage = job.stats().wait().unwrap().storage.unwrap();
        assert!(storage.file_bytes < 100_000, "{storage:?}");
    });
}

#[test]
fn compaction_of_a_file_without_auto_vacuum_frees_nothing() {
    let place = Place::new();
    fs::create_dir(place.root()).unwrap();
    let file = Connection::open(place.file()).unwrap();
    file.execute_batch(
        "CREATE TABLE kv (category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, \
         PRIMARY KEY (category, key)) WITHOUT ROWID; PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(file);
    let (_store, job) = place.open();
    fill(&job, 1_000);
    job.persist_delete_prefix("c", "");
    assert_eq!(job.compact().wait().unwrap(), 0);
    assert!(job.stats().wait().unwrap().storage.unwrap().free_bytes > 0);
}

#[test]
fn stats_of_a_job_without_a_wal_report_none() {
    let place = Place::new();
    let (store, job) = place.open();
    job.persist_put("c", 0u64, b"");
    drop(job);
    store.close().wait().unwrap();
    let (_store, job) = open(Sqlite::at(place.root()).read_only(true));
    fs::remove_file(place.root().join("job.db-wal")).unwrap_or(());
    let storage = job.stats().wait().unwrap().storage.unwrap();
    assert!(!place.root().join("job.db-wal").exists());
    assert_eq!(storage.wal_bytes, 0);
    assert_eq!(storage.file_bytes, fs::metadata(place.file()).unwrap().len());
}

#[test]
fn stats_report_file_sizes_and_connections() {
    let place = Place::new();
    let (_store, job) = place.open();
    job.persist_put("c", 0u64, b"");
    // Now everything is in the file, and later writes stay in the WAL because of this scan.
    job.compact().wait().unwrap();
    let mut holds = job.scan("c", ..).iter();
    holds.next().unwrap().unwrap();
    job.persist_put("c", 1u64, vec![0; 100_000]).wait().unwrap();
    let storage = job.stats().wait().unwrap().storage.unwrap();
    let wal = fs::metadata(place.root().join("job.db-wal")).unwrap().len();
    assert!(wal > 100_000 && storage.wal_bytes == wal, "{storage:?}");
    assert_eq!(storage.file_bytes, fs::metadata(place.file()).unwrap().len());
    drop(holds);
    let scan = job.scan("c", ..).iter();
    let other = job.scan("c", ..).iter();
    let scans: Vec<_> = [scan, other].into_iter().map(|mut scan| (scan.next(), scan)).collect();
    assert_eq!(job.stats().wait().unwrap().storage.unwrap().read_connections, scans.len());
}

#[test]
fn check_reports_a_damaged_file() {
    let place = Place::new();
    let (store, job) = place.open();
    fill(&job, 3_000);
    store.close().wait().unwrap();

    let mut bytes = fs::read(place.file()).unwrap();
    let middle = bytes.len() / 2 / 4_096 * 4_096;
    bytes[middle..middle + 4_096].fill(0xA5);
    fs::write(place.file(), bytes).unwrap();

    let (_store, job) = place.open();
    let report = job.check().wait().unwrap();
    assert!(!report.is_sound());
    assert!(report.problems.iter().any(|problem| problem.contains("page")), "{report:?}");
}

#[test]
fn check_reports_a_file_altered_by_another_program() {
    let place = Place::new();
    let (_store, job) = place.open();
    job.persist_put("c", "k", b"").wait().unwrap();
    let other = Connection::open(place.file()).unwrap();
    other.execute("INSERT INTO kv VALUES ('text', x'00', 7)", []).unwrap();
    assert_eq!(
        job.check().wait().unwrap().problems,
        ["1 rows of kv hold something else than bytes"]
    );
    other.execute_batch("ALTER TABLE kv RENAME TO rows").unwrap();
    assert_eq!(job.check().wait().unwrap().problems, ["it has no table kv"]);
}

#[test]
fn close_ends_a_check() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open();
        fill(&job, 20_000);
        job.sync().wait().unwrap();
        thread::scope(|scope| {
            let checking = scope.spawn(|| {
                loop {
                    if let Err(error) = job.check().wait() {
                        return error;
                    }
                }
            });
            while job.stats().wait().unwrap().storage.unwrap().read_connections < 2 {
                thread::yield_now();
            }
            store.close().wait().unwrap();
            let ended = checking.join().unwrap();
            assert!(matches!(ended, Error::Closed { .. }), "{ended}");
        });
    });
}
