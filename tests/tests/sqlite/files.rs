//! Files that are being made, or were left half made.

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

/// The one file in `root` is whole, and made as it should be.
fn is_sound(root: &Path) {
    let file = Connection::open(root.join("job.db")).unwrap();
    let pragma = |name| file.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(pragma("user_version"), 1);
    assert_eq!(pragma("auto_vacuum"), 2, "incremental");
    let check: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

#[test]
fn sixteen_processes_can_open_one_new_job_at_once() {
    within_a_minute(|| {
        let root = tempfile::tempdir().unwrap();
        let start = |row: u64| {
            let mut process = Command::new(env!("CARGO_BIN_EXE_opens"));
            process.arg(root.path().join("new/root")).arg(row.to_string());
            process.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut processes: Vec<_> = (0..OPENERS).map(start).collect();
        // All have started; now each one's input ends.
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
        is_sound(&root);
    });
}

#[test]
fn sixteen_stores_of_one_process_can_open_one_new_job_at_once() {
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
            is_sound(root.path());
        }
    });
}

/// Leaves a file as a process does that dies in the middle of a commit: half of its transaction is in the
/// file, and what was there before is in a rollback journal beside it.
fn die_in_a_commit(schema: &str, root: &Path) {
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let dying = Connection::open(&source).unwrap();
    dying.execute_batch(schema).unwrap();
    // So little memory that it writes pages before the commit.
    dying.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN").unwrap();
    for n in 0..200 {
        let insert = format!("INSERT INTO kv VALUES (x'63', x'{n:04x}', randomblob(1000))");
        dying.execute_batch(&insert).unwrap();
    }
    fs::copy(&source, root.join("job.db")).unwrap();
    fs::copy(elsewhere.path().join("source.db-journal"), root.join("job.db-journal")).unwrap();
}

/// The same for a job that had one row.
fn die_after_one_row(root: &Path) {
    die_in_a_commit(&format!("{KV} INSERT INTO kv VALUES (x'63', x'ff', x'01');"), root);
}

fn opens_with_one_row(root: &Path) {
    let store = open(root);
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    store.close().wait().unwrap();
    store_has_only_its_file(root);
}

#[test]
fn a_job_whose_process_died_in_a_commit_without_wal_opens_as_it_was_before() {
    let root = tempfile::tempdir().unwrap();
    die_after_one_row(root.path());
    opens_with_one_row(root.path());
}

#[test]
fn a_job_whose_power_was_cut_at_its_first_page_opens_as_new() {
    let root = tempfile::tempdir().unwrap();
    // The file has the length of what was written, and nothing of that.
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let dying = Connection::open(&source).unwrap();
    dying.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN").unwrap();
    dying.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(100000))").unwrap();
    fs::write(root.path().join("job.db"), [0; 4096]).unwrap();
    fs::copy(elsewhere.path().join("source.db-journal"), root.path().join("job.db-journal"))
        .unwrap();

    let store = open(root.path());
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "k", b"v").wait().unwrap();
    store.close().wait().unwrap();
    store_has_only_its_file(root.path());
}

#[test]
fn a_wal_beside_the_journal_of_a_process_that_died_keeps_nobody_from_undoing_it() {
    // Empty, or with something that isn't one: as where the file system has kept its creation and not the journal's removal.
    for wal in [&[][..], &[0; 100]] {
        let root = tempfile::tempdir().unwrap();
        die_after_one_row(root.path());
        fs::write(root.path().join("job.db-wal"), wal).unwrap();
        let reading = Persistency::open(Sqlite::at(root.path()).read_only(true)).unwrap();
        let error = reading.open_job("job").wait().unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{error}");
        opens_with_one_row(root.path());
    }
}

#[test]
fn what_is_no_database_and_no_journal_is_refused_and_unchanged() {
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
fn a_file_that_was_cut_off_below_its_wal_is_corrupt() {
    let root = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let source = elsewhere.path().join("source.db");
    let writing = Connection::open(&source).unwrap();
    writing.execute_batch(&format!("PRAGMA journal_mode = WAL; {KV}")).unwrap();
    let rows = "WITH n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 9)
                INSERT INTO kv SELECT x'63', unhex(printf('%02x', i)), randomblob(30000) FROM n;
                PRAGMA wal_checkpoint(TRUNCATE);";
    writing.execute_batch(rows).unwrap();
    // The size that the last commit in the WAL tells is what SQLite goes by.
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

/// A job's file, closed, in which something was changed.
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
fn a_file_of_a_format_that_sqlite_does_not_read_is_incompatible() {
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
    assert!(fs::read(root.path().join("job.db")).unwrap() == bytes, "it was changed");
}

#[test]
fn a_header_with_a_number_that_cannot_be_is_corrupt() {
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
fn a_schema_with_a_name_that_is_not_utf8_is_corrupt() {
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

fn store_has_only_its_file(root: &Path) {
    let names: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["job.db"]);
}

#[test]
fn a_foreign_database_whose_process_died_in_a_commit_is_refused_and_unchanged() {
    let root = tempfile::tempdir().unwrap();
    die_in_a_commit("CREATE TABLE kv (category, key, payload);", root.path());
    let read = |name| fs::read(root.path().join(name)).unwrap();
    let before = (read("job.db"), read("job.db-journal"));
    let store = open(root.path());
    let error = store.open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Incompatible { .. }), "{error}");
    assert!((read("job.db"), read("job.db-journal")) == before, "it was changed");
}

#[test]
fn a_dropped_job_leaves_nothing_of_what_a_crash_had_left_beside_it() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    store.open_job("job").wait().unwrap().persist_put("c", "k", b"v").wait().unwrap();
    store.close_job("job").wait().unwrap();
    // As a crash leaves it that comes between the creation of a journal and its first page, and an index of the WAL.
    for suffix in ["-journal", "-shm"] {
        fs::write(root.path().join(format!("job.db{suffix}")), "").unwrap();
    }
    store.drop_job("job").wait().unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_scan_that_idles_through_the_close_ends_as_closed() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path());
    let job = store.open_job("job").wait().unwrap();
    for row in 0..5_000u64 {
        job.persist_put("c", row, [0; 100]);
    }
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    store.close().wait().unwrap();
    let error = rows.find_map(Result::err).expect("it doesn't reach the last row");
    assert!(matches!(error, Error::Closed { .. }), "{error}");
    store_has_only_its_file(root.path());
}

#[test]
fn sqlite_is_new_enough_to_be_trusted_with_a_wal() {
    // Older ones can corrupt a file when the WAL is reset.
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
