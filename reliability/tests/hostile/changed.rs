//! Another process changes the schema of a job, or its version, while the job is open.

use std::path::PathBuf;

use persist_core::{Error, Job, Persistency, TxOp};
use persist_reliability::sqlite;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::has_row;

const SETTINGS: [&str; 3] = ["normal", "full", "normal+mmap"];

/// Enough reads to find any change.
const READS: u32 = 256;

/// A kind of write.
type Write = fn(&Job) -> Result<(), Error>;

const WRITES: [(&str, Write); 6] = [
    ("put", |job| job.persist_put("c", "new", b"1").wait().map(drop)),
    ("delete", |job| job.persist_delete("c", "k").wait().map(drop)),
    ("batch", |job| {
        job.persist([TxOp::put("c", "new", b"1"), TxOp::delete("c", "k")]).wait().map(drop)
    }),
    ("delete_acked", |job| job.delete_acked("c", "k").wait().map(drop)),
    ("transact", |job| job.transact(|tx| tx.persist_put("c", "new", b"1")).wait()),
    ("compact", |job| job.compact().wait().map(drop)),
];
const SYNC: (&str, Write) = ("sync", |job| job.sync().wait());

/// An open job with a row, and a connection of another program to its file.
struct Place {
    root: TempDir,
    store: Persistency,
    job: Job,
    other: Connection,
}

impl Place {
    fn new(settings: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"job").wait().unwrap();
        // A large payload, so that a compaction has space to free.
        job.persist_put("c", "large", vec![0; 100_000]).wait().unwrap();
        job.persist_delete("c", "large").wait().unwrap();
        // A read, so that a connection is kept for reads.
        assert!(has_row(&job));
        let other = Connection::open(Self::file(&root)).unwrap();
        Self { root, store, job, other }
    }

    fn file(root: &TempDir) -> PathBuf {
        root.path().join("job.db")
    }

    fn change(&self, sql: &str) {
        self.other.execute_batch(sql).unwrap();
    }

    fn user_version(&self) -> i64 {
        self.other.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }
}

fn assert_incompatible<T: std::fmt::Debug>(result: Result<T, Error>, context: &str) {
    let error = result.expect_err(context);
    assert!(matches!(error, Error::Incompatible { .. }), "{context}: {error:?}");
    assert!(error.to_string().contains("job.db"), "{context}: {error}");
}

#[test]
fn user_version_set_by_another_process_fails_every_write_and_stays() {
    for version in [9, 0, 2, -1] {
        for settings in SETTINGS {
            // With `Durability::Full` each commit is synced, so `sync` writes nothing.
            let sync = (settings != "full").then_some(SYNC);
            for (write, call) in WRITES.into_iter().chain(sync) {
                let context = format!("{version} {settings} {write}");
                let place = Place::new(settings);
                place.change(&format!("PRAGMA user_version = {version}"));
                assert_incompatible(call(&place.job), &context);
                // No kind of write works any more.
                for (write, call) in WRITES {
                    assert_incompatible(call(&place.job), &format!("{context}, then {write}"));
                }
                assert_eq!(place.user_version(), version, "{context}");
                let Place { root, store, job, other } = place;
                drop(job);
                store.close_job("job").wait().unwrap();
                assert_incompatible(store.open_job("job").wait(), &context);
                let rows = "SELECT count(*) FROM kv";
                assert_eq!(other.query_row(rows, [], |row| row.get::<_, i64>(0)), Ok(1));
                drop((other, root));
            }
        }
    }
}

#[test]
fn schema_that_opening_would_refuse_fails_writes() {
    for change in [
        "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END",
        "CREATE VIEW v AS SELECT * FROM kv",
        "ALTER TABLE kv RENAME TO rows",
        "ALTER TABLE kv ADD COLUMN more",
        "ALTER TABLE kv RENAME COLUMN payload TO value",
        "DROP TABLE kv",
        "DROP TABLE kv; PRAGMA user_version = 0",
        "DROP TABLE kv; CREATE TABLE kv (category BLOB, key BLOB, payload BLOB)",
    ] {
        for (write, call) in WRITES.into_iter().chain([SYNC]) {
            let context = format!("{change}: {write}");
            let place = Place::new("normal");
            place.change(change);
            assert_incompatible(call(&place.job), &context);
            assert_incompatible(SYNC.1(&place.job), &context);
            drop(place.job);
            place.store.close_job("job").wait().unwrap();
        }
    }
}

#[test]
fn schema_that_opening_accepts_leaves_the_job_open() {
    for settings in SETTINGS {
        let place = Place::new(settings);
        for change in [
            "VACUUM",
            "CREATE TABLE side (x)",
            "INSERT INTO side VALUES (1)",
            "CREATE INDEX of_side ON side (x)",
            "CREATE TRIGGER of_side_alone AFTER INSERT ON side BEGIN DELETE FROM side; END",
            "ANALYZE",
            "REINDEX",
            "PRAGMA user_version = 1",
            "PRAGMA application_id = 7",
            "DROP TABLE side",
            "VACUUM",
        ] {
            place.change(change);
            for (write, call) in WRITES.into_iter().chain([SYNC]) {
                let context = format!("{settings}: {change}: {write}");
                call(&place.job).unwrap_or_else(|error| panic!("{context}: {error}"));
            }
            place.job.persist_put("c", "k", b"job").wait().unwrap();
            for _ in 0..=READS {
                assert!(has_row(&place.job), "{settings}: {change}");
            }
            assert_eq!(place.user_version(), 1, "{settings}: {change}");
        }
    }
}

#[test]
fn version_restored_before_a_write_leaves_the_job_open() {
    let place = Place::new("normal");
    place.change("PRAGMA user_version = 9; PRAGMA user_version = 1");
    place.job.sync().wait().unwrap();
    place.job.persist_put("c", "k", b"job").wait().unwrap();
    assert_eq!(place.user_version(), 1);
}

/// Reads find the change without a write: a long read at once, the others after a number of uses of their connection.
#[test]
fn reads_of_another_version_are_refused() {
    for change in ["PRAGMA user_version = 9", "ALTER TABLE kv ADD COLUMN more"] {
        for settings in SETTINGS {
            let context = format!("{settings}: {change}");
            let place = Place::new(settings);
            place.change(change);
            let read = place.job.read(|view| view.count("c", ..)).wait();
            assert_incompatible(read, &context);

            let place = Place::new(settings);
            place.change(change);
            let refused = (0..READS).find_map(|_| place.job.get("c", "k").wait().err());
            assert_incompatible(refused.map_or(Ok(()), Err), &context);
            // All later reads are refused.
            for _ in 0..2 * READS {
                assert_incompatible(place.job.get("c", "k").wait(), &context);
                assert_incompatible(place.job.count("c", ..).wait(), &context);
            }
        }
    }
}
