//! What a caller or a directory may throw at the store: it works or is refused, and harms nothing.

use std::fs;
use std::path::{Path, PathBuf};

use persist_core::{Error, Job, Key, Persistency, TxOp, key};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;
use tempfile::TempDir;

struct Place {
    parent: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { parent: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> PathBuf {
        self.parent.path().join("root")
    }

    fn open(&self) -> Persistency {
        Persistency::open(Sqlite::at(self.root())).unwrap()
    }

    /// The names in a directory, in ascending order.
    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

/// An id works like any other, and its file is in the root, under this name.
fn is_legal(id: &str, file: &str) {
    let place = Place::new();
    let store = place.open();
    let job = store.open_job(id).wait().unwrap();
    assert_eq!(job.id(), id);
    job.persist_put("c", "k", id.as_bytes()).wait().unwrap();
    assert!(store.has_job(id) && store[id].same_job(&job));
    assert_eq!(store.stored_job_ids().wait().unwrap(), [id]);
    store.close().wait().unwrap();
    assert_eq!(Place::names(&place.root()), [file]);
    assert_eq!(Place::names(place.parent.path()), ["root"], "nothing outside the root");

    let store = place.open();
    let job = store.open_job(id).wait().unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(id.as_bytes()));
    store.drop_job(id).wait().unwrap();
    assert_eq!(Place::names(&place.root()), [""; 0]);
}

#[test]
fn an_id_that_climbs_out_of_the_root_stays_inside() {
    is_legal("../x", "%2E.%2Fx.db");
    is_legal("..", "%2E..db");
    is_legal(".", "%2E.db");
    is_legal("/etc/passwd", "%2Fetc%2Fpasswd.db");
}

#[test]
fn an_id_with_a_slash_is_no_directory() {
    is_legal("a/b", "a%2Fb.db");
    is_legal("a\\b", "a%5Cb.db");
}

#[test]
fn an_id_with_a_nul_is_legal() {
    is_legal("a\0b", "a%00b.db");
}

#[test]
fn an_id_of_any_script_is_legal() {
    is_legal("Grüße", "Gr%C3%BC%C3%9Fe.db");
    is_legal("作業", "%E4%BD%9C%E6%A5%AD.db");
    is_legal("🦀", "%F0%9F%A6%80.db");
}

#[test]
fn ids_of_other_awkward_characters_are_legal() {
    is_legal(" ", "%20.db");
    is_legal("100%", "100%25.db");
    is_legal("a?mode=ro#x", "a%3Fmode%3Dro%23x.db");
    is_legal("file:x", "file%3Ax.db");
    is_legal(":memory:", "%3Amemory%3A.db");
    is_legal("'; DROP TABLE kv; --", "%27%3B%20DROP%20TABLE%20kv%3B%20--.db");
    is_legal("-wal", "-wal.db");
    is_legal("job.db-wal", "job.db-wal.db");
    is_legal("new\nline", "new%0Aline.db");
    is_legal(".hidden", "%2Ehidden.db");
}

#[test]
fn ids_that_look_alike_when_encoded_are_different_jobs() {
    let place = Place::new();
    let store = place.open();
    let ids = ["a/b", "a%2Fb", "a%252Fb", "a", "a.db", "a.db-wal", "é", "e\u{301}"];
    for (n, id) in (0u64..).zip(ids) {
        store.open_job(id).wait().unwrap().persist_put("c", n, b"");
    }
    for (n, id) in (0u64..).zip(ids) {
        let rows = store.scan(id, "c", ..).wait().unwrap();
        assert_eq!(rows.len(), 1, "{id}");
        assert_eq!(rows.first().unwrap().key().decode(), Ok(n));
    }
    store.close().wait().unwrap();
    assert_eq!(Place::names(&place.root()).len(), ids.len());
}

fn is_refused(id: &str) {
    let place = Place::new();
    let store = place.open();
    let error = store.open_job(id).wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    let error = store.drop_job(id).wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    assert!(!place.root().exists());
    assert_eq!(store.job_ids(), [""; 0]);
}

#[test]
fn an_empty_id_is_refused() {
    is_refused("");
}

#[test]
fn an_id_of_300_bytes_is_refused() {
    is_refused(&"x".repeat(300));
    is_refused(&"ä".repeat(150));
}

#[test]
fn an_id_is_legal_up_to_the_longest_file_name() {
    // 255 bytes, less those of `.db-journal`.
    let longest = "x".repeat(244);
    is_legal(&longest, &format!("{longest}.db"));
    is_refused(&"x".repeat(245));
    // Each of these is three bytes in the name.
    is_refused(&"/".repeat(82));
    is_legal(&"/".repeat(81), &format!("{}.db", "%2F".repeat(81)));
}

#[test]
fn a_path_that_sqlite_can_not_take_is_refused() {
    let place = Place::new();
    let deep = (0..5).fold(place.root(), |path, _| path.join("d".repeat(100)));
    let store = Persistency::open(Sqlite::at(&deep)).unwrap();
    let error = store.open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
}

#[test]
fn ids_that_differ_in_case_alone_never_share_a_file() {
    let place = Place::new();
    fs::create_dir(place.root()).unwrap();
    fs::write(place.root().join("probe"), "").unwrap();
    let ignores_case = place.root().join("PROBE").exists();

    let store = place.open();
    let lower = store.open_job("job").wait().unwrap();
    let upper = store.open_job("Job").wait();
    if ignores_case {
        let error = upper.unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
        return;
    }
    lower.persist_put("c", "k", b"lower");
    upper.unwrap().persist_put("c", "k", b"upper");
    drop(lower);
    store.close().wait().unwrap();

    let store = place.open();
    for (id, payload) in [("job", b"lower"), ("Job", b"upper")] {
        let job = store.open_job(id).wait().unwrap();
        assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(payload.as_slice()));
    }
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["Job", "job"]);
}

#[test]
fn a_root_that_is_a_file_is_refused() {
    let place = Place::new();
    fs::write(place.root(), "mine").unwrap();
    for root in [place.root(), place.root().join("below")] {
        let error = Persistency::open(Sqlite::at(root)).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    }
    assert_eq!(fs::read(place.root()).unwrap(), b"mine");
}

#[test]
fn a_root_that_becomes_a_file_refuses_its_first_job() {
    let place = Place::new();
    let store = place.open();
    fs::write(place.root(), "mine").unwrap();
    store.open_job("job").wait().unwrap_err();
    assert_eq!(fs::read(place.root()).unwrap(), b"mine");
}

fn job_with_rows(place: &Place) -> (Persistency, Job) {
    let store = place.open();
    let job = store.open_job("job").wait().unwrap();
    for n in 0..3u64 {
        job.persist_put("c", n, b"");
    }
    (store, job)
}

#[test]
fn writes_and_reads_after_the_close_are_refused_and_change_nothing() {
    let place = Place::new();
    let (store, job) = job_with_rows(&place);
    store.close().wait().unwrap();
    let file = place.root().join("job.db");
    let before = fs::read(&file).unwrap();
    for ticket in [
        job.persist_put("c", 9u64, b""),
        job.persist([TxOp::delete("c", 1u64)]),
        job.persist_delete_prefix("c", key!()),
        store.persist_put("job", "c", 9u64, b""),
    ] {
        assert!(matches!(ticket.wait(), Err(Error::Closed { .. })));
    }
    assert!(matches!(job.get("c", 1u64).wait(), Err(Error::Closed { .. })));
    assert!(matches!(job.scan("c", ..).wait(), Err(Error::Closed { .. })));
    assert_eq!(Place::names(&place.root()), ["job.db"]);
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn long_texts_in_a_key_come_back() {
    within_a_minute(|| {
        let place = Place::new();
        let store = place.open();
        let job = store.open_job("job").wait().unwrap();
        let texts = [65_534, 65_535, 65_536, 1 << 20].map(|length| "x".repeat(length));
        for text in &texts {
            job.persist_put("c", key!(text, 7i64), text.len().to_be_bytes());
        }
        let rows = job.scan("c", ..).wait().unwrap();
        let found: Vec<(&str, i64)> = rows.iter().map(|row| row.key().decode().unwrap()).collect();
        // Shorter first, whatever the way their length is written.
        assert!(found.iter().zip(&texts).all(|(found, text)| *found == (text.as_str(), 7)));
        assert_eq!(found.len(), 4);
        assert_eq!(job.scan_prefix("c", key!(&texts[1])).wait().unwrap().len(), 1);
    });
}

#[test]
fn a_key_that_is_a_prefix_of_another_is_its_own_row() {
    let place = Place::new();
    let store = place.open();
    let job = store.open_job("job").wait().unwrap();
    for length in 0..20 {
        job.persist_put("c", Key::from_bytes(vec![0; length]), [0; 1]);
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 20);
    assert!(job.delete_acked("c", Key::from_bytes([0; 10])).wait().unwrap());
    assert_eq!(job.count("c", ..).wait().unwrap(), 19);
}

#[test]
fn categories_that_are_no_text_are_legal() {
    let place = Place::new();
    let store = place.open();
    let job = store.open_job("job").wait().unwrap();
    let categories = [&b"\xFF\xFE"[..], b"\0", b"a\0b", b"'", b""];
    for category in categories {
        job.persist_put(category, "k", category);
    }
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    for category in categories {
        assert_eq!(job.get(category, "k").wait().unwrap().as_deref(), Some(category));
        assert_eq!(job.count(category, ..).wait().unwrap(), 1);
    }
}

/// What lies at a job's file, and must be refused and left as it is.
mod foreign_files {
    use super::{Connection, Error, Path, Place, fs};

    /// Everything in the root but a stray `-shm`.
    fn contents(root: &Path) -> Vec<(String, Vec<u8>)> {
        let names = Place::names(root).into_iter().filter(|name| !name.ends_with("-shm"));
        let read = |name: String| {
            let path = root.join(&name);
            let bytes =
                if path.is_dir() { b"a directory".to_vec() } else { fs::read(path).unwrap() };
            (name, bytes)
        };
        names.map(read).collect()
    }

    fn is_refused_and_unchanged(make: impl FnOnce(&Path)) -> Error {
        let place = Place::new();
        fs::create_dir(place.root()).unwrap();
        make(&place.root().join("job.db"));
        let before = contents(&place.root());
        let store = place.open();
        let error = store.open_job("job").wait().unwrap_err();
        assert!(!store.has_job("job"));
        // A second look, and another job, change nothing either.
        store.open_job("job").wait().unwrap_err();
        store.open_job("other").wait().unwrap();
        store.drop_job("other").wait().unwrap();
        drop(store);
        assert_eq!(contents(&place.root()), before);
        let text = error.to_string();
        assert!(text.contains("job.db"), "{text} names the file");
        error
    }

    fn is_incompatible(make: impl FnOnce(&Path)) {
        let error = is_refused_and_unchanged(make);
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
    }

    fn is_corrupt(make: impl FnOnce(&Path)) {
        let error = is_refused_and_unchanged(make);
        assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
    }

    fn sql(file: &Path, statements: &str) -> Connection {
        let connection = Connection::open(file).unwrap();
        connection.execute_batch(statements).unwrap();
        connection
    }

    const KV: &str = "CREATE TABLE kv(category BLOB NOT NULL, key BLOB NOT NULL, \
                      payload BLOB NOT NULL, PRIMARY KEY (category, key)) WITHOUT ROWID;";

    #[test]
    fn garbage_is_refused() {
        is_corrupt(|file| fs::write(file, "not a database, but a text".repeat(1_000)).unwrap());
        is_corrupt(|file| fs::write(file, "x").unwrap());
        is_corrupt(|file| fs::write(file, [0; 4_096]).unwrap());
    }

    #[test]
    fn a_truncated_job_is_refused() {
        is_corrupt(|file| {
            let rows =
                "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                        INSERT INTO kv SELECT 'c', randomblob(20), randomblob(100) FROM n;";
            drop(sql(file, &format!("{KV} PRAGMA user_version = 1; {rows}")));
            let bytes = fs::read(file).unwrap();
            // In the middle of the first page.
            fs::write(file, &bytes[..700]).unwrap();
        });
    }

    #[test]
    fn a_foreign_database_is_refused() {
        is_incompatible(|file| drop(sql(file, "CREATE TABLE t(x); INSERT INTO t VALUES (1);")));
        is_incompatible(|file| {
            drop(sql(file, "CREATE TABLE t(x); PRAGMA user_version = 1;"));
        });
    }

    #[test]
    fn a_foreign_database_with_a_wal_is_refused_and_not_checkpointed() {
        is_incompatible(|file| {
            let elsewhere = file.with_extension("elsewhere");
            let made = sql(
                &elsewhere,
                "PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1);",
            );
            let wal = |file: &Path| format!("{}-wal", file.display());
            fs::copy(&elsewhere, file).unwrap();
            fs::copy(wal(&elsewhere), wal(file)).unwrap();
            drop(made);
            fs::remove_file(elsewhere).unwrap();
            assert!(fs::metadata(wal(file)).unwrap().len() > 0);
        });
    }

    #[test]
    fn a_job_of_another_version_is_refused() {
        is_incompatible(|file| drop(sql(file, &format!("{KV} PRAGMA user_version = 7;"))));
        is_incompatible(|file| {
            drop(sql(file, &format!("PRAGMA journal_mode = WAL; {KV} PRAGMA user_version = 7;")));
        });
    }

    #[test]
    fn a_table_of_other_columns_is_refused() {
        for table in [
            "CREATE TABLE kv(category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL);",
            "CREATE TABLE kv(category TEXT NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, \
             PRIMARY KEY (category, key)) WITHOUT ROWID;",
            "CREATE TABLE kv(category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, \
             PRIMARY KEY (key, category)) WITHOUT ROWID;",
            "CREATE TABLE kv(category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL, \
             extra BLOB, PRIMARY KEY (category, key)) WITHOUT ROWID;",
            "CREATE TABLE elsewhere(x); CREATE VIEW kv AS SELECT x AS category FROM elsewhere;",
        ] {
            is_incompatible(|file| drop(sql(file, &format!("{table} PRAGMA user_version = 1;"))));
        }
    }

    #[test]
    fn a_job_with_a_trigger_is_refused() {
        is_incompatible(|file| {
            let trigger = "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END;";
            drop(sql(file, &format!("{KV} {trigger} PRAGMA user_version = 1;")));
        });
    }

    #[test]
    fn a_directory_in_the_place_of_a_job_is_refused() {
        is_refused_and_unchanged(|file| fs::create_dir(file).unwrap());
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_a_file_outside_is_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target.db");
        drop(sql(&target, &format!("{KV} PRAGMA user_version = 1;")));
        let before = fs::read(&target).unwrap();
        is_refused_and_unchanged(|file| std::os::unix::fs::symlink(&target, file).unwrap());
        assert_eq!(fs::read(&target).unwrap(), before);
        assert_eq!(Place::names(outside.path()), ["target.db"]);
    }

    #[test]
    fn an_empty_file_is_a_new_job() {
        let place = Place::new();
        fs::create_dir(place.root()).unwrap();
        fs::write(place.root().join("job.db"), "").unwrap();
        let store = place.open();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    }

    #[test]
    fn an_empty_file_that_has_a_wal_is_no_new_job() {
        is_corrupt(|file| {
            drop(sql(file, &format!("PRAGMA journal_mode = WAL; {KV} PRAGMA user_version = 1;")));
            fs::write(file, "").unwrap();
            fs::write(format!("{}-wal", file.display()), "commits").unwrap();
        });
    }

    #[test]
    fn unknown_tables_beside_the_rows_are_welcome_and_stay() {
        let place = Place::new();
        fs::create_dir(place.root()).unwrap();
        let file = place.root().join("job.db");
        drop(sql(
            &file,
            &format!(
                "{KV} CREATE TABLE more(x); INSERT INTO more VALUES (42); PRAGMA user_version = 1;"
            ),
        ));
        let store = place.open();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"").wait().unwrap();
        store.close().wait().unwrap();
        let connection = Connection::open(&file).unwrap();
        let there: i64 = connection.query_row("SELECT x FROM more", [], |row| row.get(0)).unwrap();
        assert_eq!(there, 42);
    }
}
