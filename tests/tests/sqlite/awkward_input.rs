//! Awkward ids, keys and directories: each works or is refused, and no other file is changed.

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

    /// Returns the names in a directory, in ascending order.
    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }
}

/// Asserts that an id works, and that its file is in the root, with the name `file`.
fn assert_works(id: &str, file: &str) {
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
fn id_that_is_a_path_out_of_the_root_stays_inside() {
    assert_works("../x", "%2E.%2Fx.db");
    assert_works("..", "%2E..db");
    assert_works(".", "%2E.db");
    assert_works("/etc/passwd", "%2Fetc%2Fpasswd.db");
}

#[test]
fn id_with_a_slash_is_one_file() {
    assert_works("a/b", "a%2Fb.db");
    assert_works("a\\b", "a%5Cb.db");
}

#[test]
fn id_with_a_nul_works() {
    assert_works("a\0b", "a%00b.db");
}

#[test]
fn id_of_any_script_works() {
    assert_works("Grüße", "Gr%C3%BC%C3%9Fe.db");
    assert_works("作業", "%E4%BD%9C%E6%A5%AD.db");
    assert_works("🦀", "%F0%9F%A6%80.db");
}

#[test]
fn ids_of_other_awkward_characters_work() {
    assert_works(" ", "%20.db");
    assert_works("100%", "100%25.db");
    assert_works("a?mode=ro#x", "a%3Fmode%3Dro%23x.db");
    assert_works("file:x", "file%3Ax.db");
    assert_works(":memory:", "%3Amemory%3A.db");
    assert_works("'; DROP TABLE kv; --", "%27%3B%20DROP%20TABLE%20kv%3B%20--.db");
    assert_works("-wal", "-wal.db");
    assert_works("job.db-wal", "job.db-wal.db");
    assert_works("new\nline", "new%0Aline.db");
    assert_works(".hidden", "%2Ehidden.db");
}

#[test]
fn ids_with_similar_encodings_are_different_jobs() {
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

fn assert_refused(id: &str) {
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
fn empty_id_is_refused() {
    assert_refused("");
}

#[test]
fn id_of_300_bytes_is_refused() {
    assert_refused(&"x".repeat(300));
    assert_refused(&"ä".repeat(150));
}

#[test]
fn id_works_up_to_the_longest_file_name() {
    // 255 bytes less the length of `.db-journal`.
    let longest = "x".repeat(244);
    assert_works(&longest, &format!("{longest}.db"));
    assert_refused(&"x".repeat(245));
    // Each of these takes three bytes in the name.
    assert_refused(&"/".repeat(82));
    assert_works(&"/".repeat(81), &format!("{}.db", "%2F".repeat(81)));
}

#[test]
fn path_that_sqlite_cannot_open_is_refused() {
    let place = Place::new();
    let deep = (0..5).fold(place.root(), |path, _| path.join("d".repeat(100)));
    let store = Persistency::open(Sqlite::at(&deep)).unwrap();
    let error = store.open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
}

#[test]
fn ids_that_differ_only_in_case_never_share_a_file() {
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
fn root_that_is_a_file_is_refused() {
    let place = Place::new();
    fs::write(place.root(), "mine").unwrap();
    for root in [place.root(), place.root().join("below")] {
        let error = Persistency::open(Sqlite::at(root)).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
    }
    assert_eq!(fs::read(place.root()).unwrap(), b"mine");
}

#[test]
fn root_that_becomes_a_file_refuses_its_first_job() {
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
fn writes_and_reads_after_the_close_return_closed_and_change_nothing() {
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
fn key_with_long_texts_is_read_back() {
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
        // Shorter texts sort first, in both forms of the length.
        assert!(found.iter().zip(&texts).all(|(found, text)| *found == (text.as_str(), 7)));
        assert_eq!(found.len(), 4);
        assert_eq!(job.scan_prefix("c", key!(&texts[1])).wait().unwrap().len(), 1);
    });
}

#[test]
fn key_that_is_a_prefix_of_another_has_its_own_row() {
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
fn categories_that_are_not_text_work() {
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

/// Files in the place of a job's file that must be refused and left unchanged.
mod foreign_files {
    use persist_core::port::{Backend, Category, Group, Op, OpenOptions, OpenedJob};

    use super::{Connection, Error, Path, Place, Sqlite, fs};

    /// Returns everything in the root, except for a stray `-shm`.
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

    fn assert_refused_and_unchanged(make: impl FnOnce(&Path)) -> Error {
        let place = Place::new();
        fs::create_dir(place.root()).unwrap();
        make(&place.root().join("job.db"));
        let before = contents(&place.root());
        let store = place.open();
        let error = store.open_job("job").wait().unwrap_err();
        assert!(!store.has_job("job"));
        // A second open, and another job, change nothing either.
        store.open_job("job").wait().unwrap_err();
        store.open_job("other").wait().unwrap();
        store.drop_job("other").wait().unwrap();
        drop(store);
        assert_eq!(contents(&place.root()), before);
        let text = error.to_string();
        assert!(text.contains("job.db"), "{text} names the file");
        error
    }

    fn assert_incompatible(make: impl FnOnce(&Path)) {
        let error = assert_refused_and_unchanged(make);
        assert!(matches!(error, Error::Incompatible { .. }), "{error:?}");
    }

    fn assert_corrupt(make: impl FnOnce(&Path)) {
        let error = assert_refused_and_unchanged(make);
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
    fn garbage_file_is_refused() {
        assert_corrupt(|file| fs::write(file, "not a database, but a text".repeat(1_000)).unwrap());
        assert_corrupt(|file| fs::write(file, "x").unwrap());
        assert_corrupt(|file| fs::write(file, [0; 4_096]).unwrap());
    }

    #[test]
    fn truncated_job_is_refused() {
        assert_corrupt(|file| {
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
    fn foreign_database_is_refused() {
        assert_incompatible(|file| drop(sql(file, "CREATE TABLE t(x); INSERT INTO t VALUES (1);")));
        assert_incompatible(|file| {
            drop(sql(file, "CREATE TABLE t(x); PRAGMA user_version = 1;"));
        });
    }

    #[test]
    fn foreign_database_with_a_wal_is_refused_and_not_checkpointed() {
        assert_incompatible(|file| {
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
    fn job_of_another_version_is_refused() {
        assert_incompatible(|file| drop(sql(file, &format!("{KV} PRAGMA user_version = 7;"))));
        assert_incompatible(|file| {
            drop(sql(file, &format!("PRAGMA journal_mode = WAL; {KV} PRAGMA user_version = 7;")));
        });
    }

    #[test]
    fn table_with_other_columns_is_refused() {
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
            assert_incompatible(|file| {
                drop(sql(file, &format!("{table} PRAGMA user_version = 1;")));
            });
        }
    }

    #[test]
    fn job_with_a_foreign_table_of_system_rows_is_refused() {
        for object in [
            "CREATE TABLE persist_system(x);",
            "CREATE TABLE Persist_System(x);",
            "CREATE VIEW persist_system AS SELECT 1 AS category;",
            "CREATE INDEX persist_system ON kv(payload);",
        ] {
            assert_incompatible(|file| {
                drop(sql(file, &format!("{KV} {object} PRAGMA user_version = 1;")));
            });
        }
    }

    #[test]
    fn job_with_a_trigger_is_refused() {
        assert_incompatible(|file| {
            let trigger = "CREATE TRIGGER t AFTER INSERT ON kv BEGIN DELETE FROM kv; END;";
            drop(sql(file, &format!("{KV} {trigger} PRAGMA user_version = 1;")));
        });
        assert_incompatible(|file| {
            let system = KV.replace("TABLE kv", "TABLE persist_system");
            let trigger =
                "CREATE TRIGGER t AFTER INSERT ON persist_system BEGIN DELETE FROM kv; END;";
            drop(sql(file, &format!("{KV} {system} {trigger} PRAGMA user_version = 1;")));
        });
    }

    #[test]
    fn system_rows_are_in_a_second_table_and_the_version_of_the_file_stays() {
        let place = Place::new();
        let backend = Sqlite::at(place.root());
        let system = "SELECT count(*) FROM sqlite_schema WHERE name = 'persist_system'";
        let file = place.root().join("job.db");
        let number = |query: &str| -> i64 {
            Connection::open(&file).unwrap().query_row(query, [], |row| row.get(0)).unwrap()
        };
        let open = || backend.open_job("job", &OpenOptions::default()).unwrap();
        let OpenedJob { reader, mut writer } = open();
        let put = |category| Op::Put { category, key: b"k", payload: b"p" };
        writer.commit(&Group::planned(&[put(Category::user(b"c"))]));
        reader.close();
        writer.close().unwrap();
        assert_eq!(number(system), 0);
        let OpenedJob { reader, mut writer } = open();
        writer.commit(&Group::planned(&[put(Category::system(b"c"))]));
        reader.close();
        writer.close().unwrap();
        assert_eq!(number(system), 1);
        assert_eq!(number("PRAGMA user_version"), 1);
        assert_eq!(number("SELECT count(*) FROM kv"), 1);
        assert_eq!(number("SELECT count(*) FROM persist_system"), 1);
        let check = place.open().open_job("job").wait().unwrap().check().wait().unwrap();
        assert!(check.is_sound(), "{check:?}");
    }

    #[test]
    fn table_of_system_rows_that_is_rolled_back_is_created_by_the_next_commit() {
        let place = Place::new();
        let backend = Sqlite::at(place.root());
        let OpenedJob { reader, mut writer } =
            backend.open_job("job", &OpenOptions::default()).unwrap();
        let system = Category::system(b"c");
        let put = Op::Put { category: system, key: b"k", payload: b"p" };
        writer.transact(&mut |tx| {
            tx.apply(&put)?;
            Err(Error::invalid_argument("it is rolled back"))
        });
        assert_eq!(reader.get(system, b"k").unwrap(), None);
        writer.commit(&Group::planned(&[put]));
        assert_eq!(reader.get(system, b"k").unwrap().as_deref(), Some(&b"p"[..]));
        reader.close();
        writer.close().unwrap();
    }

    #[test]
    fn directory_in_the_place_of_a_job_is_refused() {
        assert_refused_and_unchanged(|file| fs::create_dir(file).unwrap());
    }

    #[test]
    #[cfg(unix)]
    fn link_to_a_file_outside_the_root_is_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("target.db");
        drop(sql(&target, &format!("{KV} PRAGMA user_version = 1;")));
        let before = fs::read(&target).unwrap();
        assert_refused_and_unchanged(|file| std::os::unix::fs::symlink(&target, file).unwrap());
        assert_eq!(fs::read(&target).unwrap(), before);
        assert_eq!(Place::names(outside.path()), ["target.db"]);
    }

    #[test]
    fn empty_file_is_a_new_job() {
        let place = Place::new();
        fs::create_dir(place.root()).unwrap();
        fs::write(place.root().join("job.db"), "").unwrap();
        let store = place.open();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    }

    #[test]
    fn empty_file_with_a_wal_is_not_a_new_job() {
        assert_corrupt(|file| {
            drop(sql(file, &format!("PRAGMA journal_mode = WAL; {KV} PRAGMA user_version = 1;")));
            fs::write(file, "").unwrap();
            fs::write(format!("{}-wal", file.display()), "commits").unwrap();
        });
    }

    #[test]
    fn unknown_tables_are_accepted_and_kept() {
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
