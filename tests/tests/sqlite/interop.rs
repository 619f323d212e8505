//! The files of the original can be read and written, and the original can read and write the files of this version.

use std::fs;
use std::path::{Path, PathBuf};

use persist_core::{Job, Persistency, key};
use persist_sqlite::Sqlite;
use rusqlite::Connection;
use tempfile::TempDir;

type Row = (Vec<u8>, Vec<u8>, Vec<u8>);

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name)
}

/// Returns the rows that the original says are in its file.
fn original_rows() -> Vec<Row> {
    let lines = fs::read_to_string(data("original_db.jsonl")).unwrap();
    let rows: Vec<Row> = lines
        .lines()
        .map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let bytes = |name: &str| unhex(row[name].as_str().unwrap());
            (bytes("category_hex"), bytes("key"), bytes("payload"))
        })
        .collect();
    assert_eq!(rows.len(), 177);
    rows
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// Returns all rows of a job, category by category.
fn rows(job: &Job) -> Vec<Row> {
    let mut rows = Vec::new();
    for category in job.categories().wait().unwrap() {
        for row in job.scan(&category, ..).iter() {
            let row = row.unwrap();
            rows.push((category.clone(), row.key().as_bytes().to_vec(), row.payload().to_vec()));
        }
    }
    rows
}

fn rows_of_file(file: &Connection) -> Vec<Row> {
    let mut select = file.prepare("SELECT category, key, payload FROM kv ORDER BY 1, 2").unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn open(root: &TempDir) -> (Persistency, Job) {
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("original").wait().unwrap();
    (store, job)
}

#[test]
fn file_of_the_original_has_exactly_its_rows() {
    let root = tempfile::tempdir().unwrap();
    fs::copy(data("original.db"), root.path().join("original.db")).unwrap();
    let (store, job) = open(&root);
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["original"]);
    assert_eq!(rows(&job), original_rows());
    for (category, key, payload) in original_rows() {
        let key = persist_core::Key::from_bytes(key);
        assert_eq!(job.get(&category, &key).wait().unwrap(), Some(payload));
        assert!(job.exists(&category, &key).wait().unwrap());
    }
    assert_eq!(job.count("tmp", ..).wait().unwrap(), 0);
}

#[test]
fn file_of_the_original_can_be_written() {
    let root = tempfile::tempdir().unwrap();
    fs::copy(data("original.db"), root.path().join("original.db")).unwrap();
    let (store, job) = open(&root);
    job.persist_put("ours", key!("k"), b"1");
    job.persist_delete_prefix("big", key!());
    store.close().wait().unwrap();
    let (_store, job) = open(&root);
    let mut expected = original_rows();
    expected.retain(|(category, ..)| category != b"big");
    expected.push((b"ours".to_vec(), b"\0\x01k".to_vec(), b"1".to_vec()));
    expected.sort();
    assert_eq!(rows(&job), expected);
}

/// The original leaves a main file of one page without a table, and everything else in the `-wal`.
#[test]
fn file_of_the_original_with_all_rows_in_its_wal_has_them() {
    let elsewhere = tempfile::tempdir().unwrap();
    let made = elsewhere.path().join("made.db");
    let writer = Connection::open(&made).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA wal_autocheckpoint = 0;
             CREATE TABLE kv(category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL,
                             PRIMARY KEY (category, key)) WITHOUT ROWID;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    for (category, key, payload) in original_rows() {
        writer.execute("INSERT INTO kv VALUES (?, ?, ?)", (category, key, payload)).unwrap();
    }
    let root = tempfile::tempdir().unwrap();
    fs::copy(&made, root.path().join("original.db")).unwrap();
    fs::copy(elsewhere.path().join("made.db-wal"), root.path().join("original.db-wal")).unwrap();
    assert_eq!(fs::metadata(root.path().join("original.db")).unwrap().len(), 4_096);

    let (store, job) = open(&root);
    assert_eq!(rows(&job), original_rows());
    store.close().wait().unwrap();
    let (_store, job) = open(&root);
    assert_eq!(rows(&job), original_rows());
}

#[test]
fn file_is_read_byte_for_byte_by_plain_sqlite() {
    let root = tempfile::tempdir().unwrap();
    let (store, job) = open(&root);
    let expected = original_rows();
    for (category, key, payload) in &expected {
        job.persist_put(category, persist_core::Key::from_bytes(key), payload);
    }
    // Another connection doesn't wait for queued writes. The file is read while the job is open, and after the close.
    job.sync().wait().unwrap();
    assert_eq!(job.count("batch", ..).wait().unwrap(), 2);
    let file = root.path().join("original.db");
    assert_eq!(rows_of_file(&Connection::open(&file).unwrap()), expected);
    store.close().wait().unwrap();
    assert_eq!(rows_of_file(&Connection::open(&file).unwrap()), expected);
}

#[test]
fn file_has_the_schema_of_the_original() {
    let root = tempfile::tempdir().unwrap();
    let (store, job) = open(&root);
    job.persist_put("c", "k", b"").wait().unwrap();
    store.close().wait().unwrap();

    let file = root.path().join("original.db");
    let ours = Connection::open(&file).unwrap();
    let theirs = Connection::open(data_copy(&root)).unwrap();
    for pragma in ["user_version", "journal_mode", "page_size", "encoding"] {
        let value = |file: &Connection| {
            file.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))
                .unwrap()
        };
        assert_eq!(value(&ours), value(&theirs), "{pragma}");
    }
    assert_eq!(columns(&ours), columns(&theirs));
    let version: i64 = ours.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    let without_rowid = "SELECT wr FROM pragma_table_list('kv')";
    let wr: i64 = ours.query_row(without_rowid, [], |row| row.get(0)).unwrap();
    assert_eq!(wr, 1);
}

fn data_copy(root: &TempDir) -> PathBuf {
    let copy = root.path().join("theirs.db");
    fs::copy(data("original.db"), &copy).unwrap();
    copy
}

/// Returns name, type, `NOT NULL` and position in the primary key of each column.
fn columns(file: &Connection) -> Vec<(String, String, bool, i64)> {
    let mut select =
        file.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info('kv')").unwrap();
    let columns = select
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    columns.map(Result::unwrap).collect()
}
