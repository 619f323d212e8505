//! Files that are being created, and files that an interrupted process left.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use persist_core::{Error, Key, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;

const OPENERS: u64 = 16;

const KV: &str = "CREATE TABLE kv (category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, \
                  PRIMARY KEY (category, key)) WITHOUT ROWID; PRAGMA user_version = 1;";

fn open(root: &Path) -> Persistency {
    Persistency::open(Sqlite::at(root)).unwrap()
}

/// Asserts that the one file in `root` is intact and has the right settings.
fn assert_intact(root: &Path) {
    let file = Connection::open(root.join("job.db")).unwrap();
    let pragma = |name| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("user_version"), 1);
    assert_eq!(pragma("auto_vacuum"), 2, "incremental");
    let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[test]
fn sixteen_processes_open_one_new_job_at_once() {
    within_a_minute(|| {
        let root = tempfile::tempdir().unwrap();
        let start = |row: u64| {
            let mut process = Command::new(env!("CARGO_BIN_EXE_opens"));
            process.arg(root.path().join("new/root")).arg(row.to_string());
            process.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut processes: Vec<_> = (0..OPENERS).map(start).collect();
        // All processes have started. Now the input of each one ends.
        for process in &mut processes {
            drop(process.stdin.take());
        }
        for process in processes {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let root = root.path().join("new/root");
        let store = open(&root);
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), OPENERS);
        store.close().wait().unwrap();
        assert_intact(&root);
    });
}

#[test]
fn sixteen_stores_of_one_process_open_one_new_job_at_once() {
    within_a_minute(|| {
        for _ in 0..20 {
            let root = tempfile::tempdir().unwrap();
            thread::scope(|scope| {
                for row in 0..OPENERS {
                    let root = root.path();
                    scope.spawn(move || {
                        let store = open(root);
                        let job = store.open_job("job").wait().unwrap();
                        job.persist_encoded("c", row, &row).wait().unwrap();
                        store.close().wait().unwrap();
                    });
                }
            });
            let job = open(root.path()).open_job("job").wait().unwrap();
            assert_eq!(job.count("c", ..).wait().unwrap(), OPENERS);
            drop(job);
            assert_intact(root.path());
        }
    });
}

/// Leaves a file as a process does that is killed in the middle of a commit: half of the transaction is in the file,
/// and the old pages are in the rollback journal.
fn leave_interrupted_commit(schema: &str, root: &Path) {
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let interrupted = Connection::open(&source).unwrap();
    interrupted.execute_batch(schema).unwrap();
    // A small cache, so that SQLite writes pages before the commit.
    interrupted.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN").unwrap();
    for n in 0..200 {
        let insert = format!("INSERT INTO kv VALUES (x'63', x'{n:04x}', randomblob(1000))");
        interrupted.execute_batch(&insert).unwrap();
    }
    fs::copy(&source, root.join("job.db")).unwrap();
    fs::copy(elsewhere.path().join("source.db-journal"), root.join("job.db-journal")).unwrap();
}

/// The same for a job that had one row.
fn leave_interrupted_commit_after_one_row(root: &Path) {
    leave_interrupted_commit(&format!("{KV} INSERT INTO kv VALUES (x'63', x'ff', x'01');"), root);
}

fn assert_opens_with_one_row(root: &Path) {
    let store = open(root);
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    store.close().wait().unwrap();
    assert_only_the_job_file(root);
}

#[test]
fn job_of_an_interrupted_commit_without_wal_opens_with_its_old_rows() {
    let root = tempfile::tempdir().unwrap();
    leave_interrupted_commit_after_one_row(root.path());
    assert_opens_with_one_row(root.path());
}

#[test]
fn job_of_a_power_cut_at_its_first_page_opens_as_new() {
    let root = tempfile::tempdir().unwrap();
    // The file has its length but none of its data.
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let interrupted = Connection::open(&source).unwrap();
    interrupted.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN").unwrap();
    interrupted
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))")
        .unwrap();
    fs::write(root.path().join("job.db"), [0; 4096]).unwrap();
    fs::copy(elsewhere.path().join("source.db-journal"), root.path().join("job.db-journal"))
        .unwrap();

    let store = open(root.path());
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"v").wait().unwrap();
    store.close().wait().unwrap();
    assert_only_the_job_file(root.path());
}

#[test]
fn journal_next_to_a_stray_wal_is_played_back() {
    // The WAL is empty or contains garbage, as if the file system had kept its creation but not the removal of the
    // journal.
    for wal in [&[][..], &[0; 100]] {
        let root = tempfile::tempdir().unwrap();
        leave_interrupted_commit_after_one_row(root.path());
        fs::write(root.path().join("job.db-wal"), wal).unwrap();
        let reading = Persistency::open(Sqlite::at(root.path()).read_only(true)).unwrap();
        let error = reading.open_job("job").wait().unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        assert_opens_with_one_row(root.path());
    }
}

#[test]
fn files_that_are_no_database_and_no_journal_are_refused_and_unchanged() {
    let root = tempfile::tempdir().unwrap();
    for name in ["job.db", "job.db-journal"] {
        fs::write(root.path().join(name), [b'x'; 4096]).unwrap();
    }
    let store = open(root.path());
    for refused in [store.open_job("job").wait().map(drop), store.drop_job("job").wait()] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    }
    for name in ["job.db", "job.db-journal"] {
        assert!(fs::read(root.path().join(name)).unwrap() == [b'x'; 4096], "{name}");
    }
}

#[test]
fn file_shorter_than_its_wal_says_is_corrupt() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let writing = Connection::open(&source).unwrap();
    writing.execute_batch(&format!("PRAGMA journal_mode = WAL; {KV}")).unwrap();
    let rows = "WITH n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 9)
                INSERT INTO kv SELECT x'63', unhex(printf('%02x', i)), randomblob(30000) FROM n;
                PRAGMA wal_checkpoint(TRUNCATE);";
    writing.execute_batch(rows).unwrap();
    // SQLite uses the size in the last commit of the WAL.
    writing.execute_batch("INSERT INTO kv VALUES (x'63', x'ff', x'01')").unwrap();
    let bytes = fs::read(&source).unwrap();
    fs::write(root.path().join("job.db"), &bytes[..bytes.len() / 2]).unwrap();
    fs::copy(elsewhere.path().join("source.db-wal"), root.path().join("job.db-wal")).unwrap();

    let job = open(root.path()).open_job("job").wait().unwrap();
    let read = (0..10).map(|n| job.get("c", Key::from_bytes([n])).wait());
    let errors: Vec<_> = read.filter_map(Result::err).collect();
    assert!(!errors.is_empty());
    assert!(errors.iter().all(|error| matches!(error, Error::Corrupt { .. })), "{errors:?}");
    assert!(!job.check().wait().unwrap().is_sound());
}

/// Creates a closed job's file and changes some of its bytes.
fn make_changed(root: &Path, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let store = open(root);
    store.open_job("job").wait().unwrap().persist_put("c", "k", b"v").wait().unwrap();
    store.close().wait().unwrap();
    let file = root.join("job.db");
    let mut bytes = fs::read(&file).unwrap();
    change(&mut bytes);
    fs::write(&file, &bytes).unwrap();
    bytes
}

#[test]
fn file_of_an_unknown_format_is_incompatible() {
    const SCHEMA_FORMAT: Range<usize> = 44..48;
    let root = tempfile::tempdir().unwrap();
    let bytes = make_changed(root.path(), |bytes| bytes[SCHEMA_FORMAT].fill(5));
    let store = open(root.path());
    let reading = Persistency::open(Sqlite::at(root.path()).read_only(true)).unwrap();
    for refused in [
        store.open_job("job").wait().map(drop),
        reading.open_job("job").wait().map(drop),
        store.drop_job("job").wait(),
    ] {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
        assert!(error.to_string().contains("job.db"), "{error}");
    }
    assert!(fs::read(root.path().join("job.db")).unwrap() == bytes, "the file was changed");
}

#[test]
fn header_with_an_impossible_number_is_corrupt() {
    const FREE_PAGES: Range<usize> = 36..40;
    let root = tempfile::tempdir().unwrap();
    make_changed(root.path(), |bytes| bytes[FREE_PAGES].fill(0xff));
    let job = open(root.path()).open_job("job").wait().unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().unwrap(), b"v");
    let results = [job.stats().wait().map(drop), job.compact().wait().map(drop)];
    for error in results.map(Result::unwrap_err) {
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
        assert!(error.to_string().contains("job.db"), "{error}");
    }
    assert!(!job.check().wait().unwrap().is_sound());
}

#[test]
fn schema_with_a_name_that_is_not_utf8_is_corrupt() {
    let root = tempfile::tempdir().unwrap();
    make_changed(root.path(), |bytes| {
        let name = |bytes: &[u8]| bytes.windows(8).position(|window| window == b"category");
        while let Some(at) = name(bytes) {
            bytes[at] = 0xff;
        }
    });
    let error = open(root.path()).open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("job.db"), "{error}");
}

fn assert_only_the_job_file(root: &Path) {
    let names: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["job.db"]);
}

#[test]
fn foreign_database_of_an_interrupted_commit_is_refused_and_unchanged() {
    let root = tempfile::tempdir().unwrap();
    leave_interrupted_commit("CREATE TABLE kv (category, key, payload);", root.path());
    let read = |name| fs::read(root.path().join(name)).unwrap();
    let before = (read("job.db"), read("job.db-journal"));
    let store = open(root.path());
    let error = store.open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Incompatible { .. }), "{error}");
    assert!((read("job.db"), read("job.db-journal")) == before, "the file was changed");
}

#[test]
fn dropped_job_leaves_no_files_of_an_earlier_crash() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    store.open_job("job").wait().unwrap().persist_put("c", "k", b"v").wait().unwrap();
    store.close_job("job").wait().unwrap();
    // A crash can leave these between the creation of a journal and its first page, with an index of the WAL.
    for suffix in ["-journal", "-shm"] {
        fs::write(root.path().join(format!("job.db{suffix}")), "").unwrap();
    }
    store.drop_job("job").wait().unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn scan_that_is_idle_during_the_close_ends_with_closed() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    let job = store.open_job("job").wait().unwrap();
    for row in 0..5_000u64 {
        job.persist_put("c", row, [0; 100]);
    }
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    store.close().wait().unwrap();
    let error = rows.find_map(Result::err).expect("the scan doesn't reach the last row");
    assert!(matches!(error, Error::Closed { .. }), "{error}");
    assert_only_the_job_file(root.path());
}

#[test]
fn sqlite_version_has_the_fix_of_the_wal_reset_bug() {
    // Older versions can corrupt a file when the WAL is reset.
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
