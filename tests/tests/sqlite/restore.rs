//! Restoring a job from a file: the files and jobs that are accepted and refused. A refusal changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use persist_core::{Error, Job, Memory, Persistency};
use persist_sqlite::Sqlite;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;

/// A root, and a backup of a job with the row `new`.
struct Setup {
    directory: TempDir,
}

impl Setup {
    fn new() -> Self {
        let setup = Self { directory: tempfile::tempdir().unwrap() };
        let store = Persistency::open(Sqlite::at(setup.path("other"))).unwrap();
        let job = store.open_job("other").wait().unwrap();
        job.persist_put("c", "new", b"1").wait().unwrap();
        job.backup_to(setup.backup()).wait().unwrap();
        store.close().wait().unwrap();
        setup
    }

    /// Returns a setup whose root has a closed job with the row `old`.
    fn with_job() -> Self {
        let setup = Self::new();
        let store = setup.store();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "old", b"1").wait().unwrap();
        store.close().wait().unwrap();
        setup
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn backup(&self) -> PathBuf {
        self.path("backup.db")
    }

    fn file(&self) -> PathBuf {
        self.path("root/job.db")
    }

    fn store(&self) -> Persistency {
        Persistency::open(Sqlite::at(self.path("root"))).unwrap()
    }

    fn restore(&self, from: impl AsRef<Path>) -> Result<(), Error> {
        self.store().restore_from("job", from).wait()
    }

    /// Asserts that the job has only this row, and that there is nothing else in the root.
    fn assert_row(&self, key: &str) {
        let store = self.store();
        assert_eq!(keys(&store.open_job("job").wait().unwrap()), [key]);
        store.close().wait().unwrap();
        assert_eq!(names(&self.path("root")), ["job.db"]);
    }
}

fn keys(job: &Job) -> Vec<String> {
    let rows = job.scan("c", ..).wait().unwrap();
    rows.iter().map(|row| row.key().decode().unwrap()).collect()
}

fn names(directory: &Path) -> Vec<String> {
    contents(directory).into_keys().collect()
}

/// Returns the files in a directory: names and bytes.
fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap_or_default())
    };
    entries.map(file).collect()
}

#[test]
fn restored_job_has_the_rows_of_the_backup() {
    let setup = Setup::with_job();
    let backup = fs::read(setup.backup()).unwrap();
    setup.restore(setup.backup()).unwrap();
    setup.assert_row("new");
    assert!(fs::read(setup.backup()).unwrap() == backup);
    // The backup can be used again, also for the next state.
    let store = setup.store();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", "newer", b"1").wait().unwrap();
    assert!(job.check().wait().unwrap().is_sound());
    store.close_job("job").wait().unwrap();
    store.restore_from("job", setup.backup()).wait().unwrap();
    store.close().wait().unwrap();
    setup.assert_row("new");
    assert_eq!(names(setup.directory.path()), ["backup.db", "other", "root"]);
}

#[test]
fn restore_of_a_job_that_is_not_stored_creates_it() {
    let setup = Setup::new();
    let backend = Sqlite::at(setup.path("root")).create(false);
    let store = Persistency::open(backend).unwrap();
    store.restore_from("tenant/42", setup.backup()).wait().unwrap();
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["tenant/42"]);
    assert_eq!(keys(&store.open_job("tenant/42").wait().unwrap()), ["new"]);
}

#[test]
fn restore_of_a_job_next_to_an_orphaned_wal_removes_the_wal() {
    let setup = Setup::new();
    fs::create_dir(setup.path("root")).unwrap();
    for name in ["job.db-wal", "job.db-shm", "job.db-journal"] {
        fs::write(setup.path("root").join(name), b"of a file that was removed").unwrap();
    }
    setup.restore(setup.backup()).unwrap();
    setup.assert_row("new");
}

#[test]
fn restore_of_an_open_job_is_refused_until_it_is_closed() {
    let setup = Setup::with_job();
    let store = setup.store();
    let job = store.open_job("job").wait().unwrap();
    let refused = store.restore_from("job", setup.backup()).wait();
    let Err(Error::InvalidArgument { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("\"job\" is open") && reason.contains("`close_job`"), "{reason}");
    assert_eq!(keys(&job), ["old"]);
    store.close_job("job").wait().unwrap();
    store.restore_from("job", setup.backup()).wait().unwrap();
    store.close().wait().unwrap();
    assert!(matches!(store.restore_from("job", setup.backup()).wait(), Err(Error::Closed { .. })));
    setup.assert_row("new");
}

#[test]
fn restore_of_a_job_that_is_open_elsewhere_is_busy_and_changes_nothing() {
    for exclusive in [false, true] {
        let setup = Setup::with_job();
        let backend = Sqlite::at(setup.path("root")).exclusive(exclusive && cfg!(unix));
        let store = Persistency::open(backend).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "older", b"1").wait().unwrap();
        assert!(matches!(setup.restore(setup.backup()), Err(Error::Busy { .. })));
        assert_eq!(keys(&job), ["old", "older"]);
        store.close().wait().unwrap();
        assert_eq!(names(&setup.path("root")), ["job.db"]);
    }
    // The same for a connection of plain SQLite.
    let setup = Setup::with_job();
    let reading = Connection::open(setup.file()).unwrap();
    let count = "SELECT count(*) FROM kv";
    let rows: i64 = reading.query_row(count, [], |row| row.get(0)).unwrap();
    assert!(matches!(setup.restore(setup.backup()), Err(Error::Busy { .. })));
    assert_eq!((rows, reading.query_row(count, [], |row| row.get(0))), (1, Ok(1)));
    drop(reading);
    setup.restore(setup.backup()).unwrap();
    setup.assert_row("new");
}

/// Writes a row with plain SQLite so that it is only in the WAL, which stays.
fn leave_wal(file: &Path, key: &str) {
    let writing = Connection::open(file).unwrap();
    writing.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    writing
        .execute_batch(&format!(
            "PRAGMA user_version = 1; INSERT INTO kv SELECT category, CAST('{key}' AS BLOB), payload FROM kv LIMIT 1"
        ))
        .unwrap();
    drop(writing);
    assert!(fs::metadata(format!("{}-wal", file.display())).unwrap().len() > 0);
}

#[test]
fn restore_from_a_file_with_a_wal_includes_the_wal() {
    let setup = Setup::with_job();
    leave_wal(&setup.backup(), "x");
    let wal = fs::read(setup.path("backup.db-wal")).unwrap();
    let backup = fs::read(setup.backup()).unwrap();
    setup.restore(setup.backup()).unwrap();
    assert!(fs::read(setup.path("backup.db-wal")).unwrap() == wal);
    assert!(fs::read(setup.backup()).unwrap() == backup);
    let store = setup.store();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 2);
    store.close().wait().unwrap();
}

#[test]
fn restore_from_a_file_in_a_transaction_takes_the_committed_rows() {
    let setup = Setup::with_job();
    let writing = Connection::open(setup.backup()).unwrap();
    writing
        .execute_batch(
            "INSERT INTO kv VALUES (CAST('c' AS BLOB), x'01', x''); BEGIN; DELETE FROM kv",
        )
        .unwrap();
    setup.restore(setup.backup()).unwrap();
    writing.execute_batch("ROLLBACK").unwrap();
    let job = setup.store().open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 2);
}

#[test]
fn restore_from_a_job_that_is_open_copies_its_rows() {
    let setup = Setup::with_job();
    let store = setup.store();
    let job = store.open_job("copied").wait().unwrap();
    job.persist_put("c", "copied", b"1").wait().unwrap();
    store.restore_from("job", setup.path("root/copied.db")).wait().unwrap();
    assert_eq!(keys(&store.open_job("job").wait().unwrap()), ["copied"]);
    assert_eq!(keys(&job), ["copied"]);
    store.close().wait().unwrap();
    assert_eq!(names(&setup.path("root")), ["copied.db", "job.db"]);
}

#[test]
fn file_that_is_no_job_is_refused_and_changes_nothing() {
    let setup = Setup::with_job();
    let backup = fs::read(setup.backup()).unwrap();
    let changed = |sql: &str| {
        let path = setup.path("changed.db");
        fs::write(&path, &backup).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        fs::read(&path).unwrap()
    };
    let mut damaged = backup.clone();
    let page_of_rows = 2 * 4096;
    damaged[page_of_rows..].fill(0xA5);
    let files: [(&str, Vec<u8>); 7] = [
        ("empty", Vec::new()),
        ("one byte", b"x".to_vec()),
        ("text", b"no database".repeat(1000)),
        ("cut off", backup[..4096].to_vec()),
        ("damaged", damaged),
        ("another version", changed("PRAGMA user_version = 9")),
        ("another schema", changed("DROP TABLE kv; CREATE TABLE t (a)")),
    ];
    let root = contents(&setup.path("root"));
    for (what, bytes) in files {
        let path = setup.path("refused.db");
        fs::write(&path, &bytes).unwrap();
        let refused = setup.restore(&path);
        assert!(
            matches!(refused, Err(Error::Corrupt { .. } | Error::Incompatible { .. })),
            "{what}: {refused:?}"
        );
        assert!(refused.unwrap_err().to_string().contains("refused.db"), "{what}");
        assert!(fs::read(&path).unwrap() == bytes, "{what}");
        assert!(contents(&setup.path("root")) == root, "{what}");
    }
    let own = setup.file();
    for (path, reason) in [
        (setup.path("missing.db"), "can't be found"),
        (setup.path("other"), "not a file"),
        (own, "the job itself"),
    ] {
        let refused = setup.restore(&path);
        let Err(Error::InvalidArgument { reason: message }) = refused else {
            panic!("{refused:?}")
        };
        assert!(message.contains(reason), "{message}");
        assert!(contents(&setup.path("root")) == root, "{message}");
    }
    setup.assert_row("old");
}

#[cfg(unix)]
#[test]
fn restore_from_the_job_file_under_another_name_is_refused() {
    let setup = Setup::with_job();
    leave_wal(&setup.file(), "newer");
    // Read by this name, the rows of the WAL would be missing.
    let link = setup.path("link.db");
    fs::hard_link(setup.file(), &link).unwrap();
    let refused = setup.restore(&link);
    let Err(Error::InvalidArgument { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("the job itself"), "{reason}");
    assert!(reason.contains("link.db"), "{reason}");
    fs::remove_file(link).unwrap();
    let store = setup.store();
    assert_eq!(store.open_job("job").wait().unwrap().count("c", ..).wait().unwrap(), 2);
}

/// Creates a directory whose path has this length.
fn directory_of_length(parent: &Path, length: usize) -> PathBuf {
    let mut path = fs::canonicalize(parent).unwrap();
    while path.as_os_str().len() < length {
        let missing = length - path.as_os_str().len() - 1;
        path.push("d".repeat(if missing > 255 { 200 } else { missing }));
    }
    fs::create_dir_all(&path).unwrap();
    path
}

#[cfg(unix)]
#[test]
fn copies_whose_path_sqlite_cannot_open_are_refused() {
    let setup = Setup::new();
    let open = |root: &Path| {
        let store = Persistency::open(Sqlite::at(root)).unwrap();
        let job = store.open_job("a").wait().unwrap();
        job.persist_put("c", "old", b"1").wait().unwrap();
        (store, job)
    };
    // The longest root in which there is a path for the copy, and then the first root of each kind that is too long.
    let root = directory_of_length(setup.directory.path(), 476);
    let (store, job) = open(&root);
    job.backup_to(root.join("b")).wait().unwrap();
    store.close_job("a").wait().unwrap();
    store.restore_from("a", root.join("b")).wait().unwrap();

    let parent = setup.path("p");
    fs::create_dir(&parent).unwrap();
    for (length, takes_backup) in [(477, true), (480, false), (499, false)] {
        let root = directory_of_length(&parent, length);
        let (store, job) = open(&root);
        let refusal = |result: Result<(), Error>| match result {
            Err(Error::InvalidArgument { reason }) => reason,
            other => panic!("{length}: {other:?}"),
        };
        let backup = job.backup_to(root.join("b")).wait();
        if takes_backup {
            backup.unwrap();
            fs::remove_file(root.join("b")).unwrap();
        } else {
            let reason = refusal(backup);
            assert!(reason.contains("shorter") && reason.contains("504"), "{reason}");
        }
        store.close_job("a").wait().unwrap();
        let reason = refusal(store.restore_from("a", setup.backup()).wait());
        assert!(reason.contains("shorter") && reason.contains("504"), "{reason}");
        assert_eq!(names(&root), ["a.db"]);
        assert_eq!(keys(&store.open_job("a").wait().unwrap()), ["old"]);
        store.close().wait().unwrap();
    }

    let long = directory_of_length(&parent, 503).join("b");
    fs::copy(setup.backup(), &long).unwrap();
    let refused = setup.restore(&long);
    let Err(Error::InvalidArgument { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("shorter") && reason.contains("504"), "{reason}");
}

#[test]
fn source_with_a_rollback_journal_or_the_wal_of_another_file_is_refused() {
    let setup = Setup::with_job();
    fs::write(setup.path("backup.db-journal"), b"of a transaction").unwrap();
    let refused = setup.restore(setup.backup());
    let Err(Error::InvalidArgument { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("backup.db-journal"), "{reason}");
    fs::remove_file(setup.path("backup.db-journal")).unwrap();

    let other = setup.path("other/other.db");
    leave_wal(&other, "y");
    fs::copy(setup.path("other/other.db-wal"), setup.path("backup.db-wal")).unwrap();
    let refused = setup.restore(setup.backup());
    assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
    setup.assert_row("old");
}

#[test]
fn damaged_job_is_replaced() {
    for damaged in [&b""[..], b"x", &b"no database".repeat(1000)] {
        let setup = Setup::with_job();
        fs::write(setup.file(), damaged).unwrap();
        if damaged.is_empty() {
            fs::write(setup.path("root/job.db-wal"), b"of the file that was here").unwrap();
        }
        setup.restore(setup.backup()).unwrap();
        setup.assert_row("new");
    }
}

#[test]
fn database_that_is_no_job_is_not_replaced() {
    let setup = Setup::new();
    fs::create_dir(setup.path("root")).unwrap();
    Connection::open(setup.file()).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let before = contents(&setup.path("root"));
    assert!(matches!(setup.restore(setup.backup()), Err(Error::Incompatible { .. })));
    assert!(contents(&setup.path("root")) == before);
    fs::remove_file(setup.file()).unwrap();
    fs::create_dir(setup.file()).unwrap();
    assert!(matches!(setup.restore(setup.backup()), Err(Error::Incompatible { .. })));
    assert!(setup.file().is_dir());
}

#[test]
fn interrupted_restore_is_completed_by_the_next_call() {
    let interrupt = || {
        let setup = Setup::with_job();
        leave_wal(&setup.file(), "z");
        fs::copy(setup.backup(), setup.path("root/.job.db.new")).unwrap();
        assert_eq!(setup.store().stored_job_ids().wait().unwrap(), ["job"]);
        setup
    };
    interrupt().assert_row("new");

    let setup = interrupt();
    setup.store().drop_job("job").wait().unwrap();
    assert!(names(&setup.path("root")).is_empty());

    let setup = interrupt();
    setup.restore(setup.backup()).unwrap();
    setup.assert_row("new");

    let setup = interrupt();
    let reading = Persistency::open(Sqlite::at(setup.path("root")).read_only(true)).unwrap();
    assert!(matches!(reading.open_job("job").wait(), Err(Error::Unsupported { .. })));
    setup.assert_row("new");
    assert_eq!(keys(&reading.open_job("job").wait().unwrap()), ["new"]);

    // The same without an old file.
    let setup = interrupt();
    for name in ["job.db", "job.db-wal", "job.db-shm"] {
        fs::remove_file(setup.path("root").join(name)).unwrap();
    }
    assert_eq!(setup.store().stored_job_ids().wait().unwrap(), ["job"]);
    setup.assert_row("new");
}

#[test]
fn concurrent_restores_opens_and_drops_leave_whole_jobs() {
    let setup = Setup::with_job();
    // A copy of each state, to be restored in turn.
    fs::copy(setup.file(), setup.path("old.db")).unwrap();
    thread::scope(|scope| {
        for worker in 0..4 {
            let setup = &setup;
            scope.spawn(move || {
                let store = setup.store();
                for n in 0..40 {
                    let result = match (worker + n) % 4 {
                        0 => store.restore_from("job", setup.backup()).wait(),
                        1 => store.restore_from("job", setup.path("old.db")).wait(),
                        2 if n % 8 == 0 => store.drop_job("job").wait().map(drop),
                        _ => store.open_job("job").wait().map(|job| {
                            let found = keys(&job);
                            assert!(
                                ["old", "new"].contains(&found.join(" ").as_str())
                                    || found.is_empty()
                            );
                            assert!(job.check().wait().unwrap().is_sound());
                        }),
                    };
                    assert!(matches!(result, Ok(()) | Err(Error::Busy { .. })), "{result:?}");
                    assert!(store.stored_job_ids().wait().unwrap().iter().all(|id| id == "job"));
                    store.close_job("job").wait().unwrap_or_else(|error| {
                        assert!(matches!(error, Error::JobNotFound { .. }), "{error}");
                    });
                }
                store.close().wait().unwrap();
            });
        }
    });
    setup.restore(setup.backup()).unwrap();
    setup.assert_row("new");
}

#[test]
fn restore_by_a_store_that_cannot_write_is_unsupported() {
    let setup = Setup::with_job();
    let reading = Persistency::open(Sqlite::at(setup.path("root")).read_only(true)).unwrap();
    let refused = reading.restore_from("job", setup.backup()).wait();
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    setup.assert_row("old");
    let memory = Persistency::open(Memory::new()).unwrap();
    let refused = memory.restore_from("job", setup.backup()).wait();
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    assert!(memory.stored_job_ids().wait().unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn restored_job_keeps_its_permissions_and_a_new_one_gets_those_of_the_backup() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let setup = Setup::with_job();
    let mode = |name: &str| fs::metadata(setup.path("root").join(name)).unwrap().mode() & 0o777;
    let set = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
    set(&setup.file(), 0o640).unwrap();
    set(&setup.backup(), 0o600).unwrap();
    symlink(setup.backup(), setup.path("link.db")).unwrap();
    let store = setup.store();
    for id in ["job", "another"] {
        store.restore_from(id, setup.path("link.db")).wait().unwrap();
    }
    assert_eq!((mode("job.db"), mode("another.db")), (0o640, 0o600));
}
