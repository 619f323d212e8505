//! A WAL or a rollback journal that belongs to another file is refused. The WAL and the journal of the file itself are never refused,
//! after any history of writes, checkpoints, crashes and kills.
//!
//! Each history is made from a seed; `PERSIST_HISTORIES` sets how many.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;
use std::{fs, iter, thread};

use fastrand::Rng;
use persist_core::{Error, Persistency, TxOp};
use persist_reliability::{cases, child, child_argument, seeds};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::alive;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// The seeds of the ordinary run. A seed that has failed is added for good.
const SEEDS: &[u64] = &[1];
/// The number of histories that are tried at a time. Most of their time they wait for the disk.
const THREADS: usize = 5;

const FILE: &str = "job.db";
const BESIDE: [&str; 3] = ["job.db-wal", "job.db-shm", "job.db-journal"];

/// A process that puts a row, backs the job up if it is given a path, puts another row, and aborts.
#[test]
#[ignore = "run by another test in a process of its own"]
fn child_writes_and_aborts() {
    let Some(argument) = child_argument() else { return };
    let argument = argument.to_str().unwrap();
    let [root, row, backup] = argument.split('|').collect::<Vec<_>>()[..] else {
        panic!("{argument}")
    };
    let store = Persistency::open(Sqlite::at(root)).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", row, b"first").wait().unwrap();
    if !backup.is_empty() {
        job.backup_to(backup).wait().unwrap();
    }
    job.persist_put("c", format!("{row}, later"), b"second").wait().unwrap();
    std::process::abort();
}

/// A root with a job.
struct Root(TempDir);

impl Root {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("root")
    }

    fn file(&self) -> PathBuf {
        self.path().join(FILE)
    }

    /// Puts rows in a process that aborts, so that it leaves a WAL.
    fn abort_after(&self, row: &str, backup: Option<&Path>) {
        let backup = backup.map(|path| path.display().to_string()).unwrap_or_default();
        let argument = format!("{}|{row}|{backup}", self.path().display());
        let output = child("child_writes_and_aborts", argument).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert!(fs::metadata(self.path().join(BESIDE[0])).unwrap().len() > 0);
    }

    /// Puts a row and closes the store, so that no WAL is left.
    fn close_after(&self, row: &str) {
        let store = Persistency::open(Sqlite::at(self.path())).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", row, b"first").wait().unwrap();
        store.close().wait().unwrap();
        assert!(!self.path().join(BESIDE[0]).exists());
    }

    /// Returns the keys of the job's rows.
    fn keys(&self) -> Result<Vec<String>, Error> {
        let store = Persistency::open(Sqlite::at(self.path()))?;
        let job = store.open_job("job").wait()?;
        let rows = job.scan("c", ..).wait()?;
        let key = |row: persist_core::Row<'_>| row.key().decode().unwrap();
        let mut keys: Vec<String> = rows.iter().map(key).collect();
        keys.sort();
        store.close().wait()?;
        Ok(keys)
    }

    fn bytes(&self) -> Vec<Option<Vec<u8>>> {
        [FILE].iter().chain(&BESIDE).map(|name| fs::read(self.path().join(name)).ok()).collect()
    }

    /// Asserts that every call refuses the job, names the remedy and leaves the files unchanged, and that the remedy
    /// works.
    fn assert_refused(&self, keys_of_file: &[&str]) {
        let before = self.bytes();
        let store = Persistency::open(Sqlite::at(self.path())).unwrap();
        let reading = Persistency::open(Sqlite::at(self.path()).read_only(true)).unwrap();
        for refused in [
            store.open_job("job").wait().map(drop),
            reading.open_job("job").wait().map(drop),
            store.drop_job("job").wait(),
        ] {
            let Err(error @ Error::Corrupt { .. }) = refused else { panic!("{refused:?}") };
            let message = error.to_string();
            for name in BESIDE.iter().chain(&["restore_from"]) {
                assert!(message.contains(name), "{message}");
            }
        }
        assert!(self.bytes() == before);
        for name in BESIDE {
            let _ = fs::remove_file(self.path().join(name));
        }
        assert_eq!(self.keys().unwrap(), keys_of_file);
    }
}

#[test]
fn backup_copied_over_a_killed_job_is_refused() {
    let root = Root::new();
    let backup = root.0.path().join("backup.db");
    root.abort_after("a", Some(&backup));
    fs::copy(&backup, root.file()).unwrap();
    root.assert_refused(&["a"]);
}

#[test]
fn backup_copied_over_an_old_job_that_was_killed_is_refused() {
    let root = Root::new();
    for row in ["a", "b", "c"] {
        root.close_after(row);
    }
    let backup = root.0.path().join("backup.db");
    root.abort_after("d", Some(&backup));
    fs::copy(&backup, root.file()).unwrap();
    root.assert_refused(&["a", "b", "c", "d"]);
}

#[test]
fn copy_by_sqlite_over_an_old_job_that_was_killed_is_refused() {
    let root = Root::new();
    for row in ["a", "b", "c"] {
        root.close_after(row);
    }
    let copy = root.0.path().join("copy.db");
    let sql = format!("VACUUM INTO '{}'", copy.display());
    Connection::open(root.file()).unwrap().execute_batch(&sql).unwrap();
    root.abort_after("d", None);
    fs::copy(&copy, root.file()).unwrap();
    root.assert_refused(&["a", "b", "c"]);
}

#[test]
fn earlier_state_copied_over_a_killed_job_is_refused() {
    let root = Root::new();
    let copy = root.0.path().join("copy.db");
    root.close_after("a");
    fs::copy(root.file(), &copy).unwrap();
    root.close_after("b");
    root.abort_after("c", None);
    fs::copy(&copy, root.file()).unwrap();
    root.assert_refused(&["a"]);
}

#[test]
fn later_state_next_to_the_wal_of_an_earlier_one_is_refused() {
    let root = Root::new();
    root.abort_after("a", None);
    let wal = root.0.path().join("wal");
    fs::copy(root.path().join(BESIDE[0]), &wal).unwrap();
    for row in ["b", "c"] {
        root.close_after(row);
    }
    fs::copy(&wal, root.path().join(BESIDE[0])).unwrap();
    root.assert_refused(&["a", "a, later", "b", "c"]);
}

#[test]
fn wal_of_another_job_is_refused() {
    let (young, old) = (Root::new(), Root::new());
    young.close_after("young");
    for row in ["a", "b", "c"] {
        old.close_after(row);
    }
    old.abort_after("d", None);
    fs::copy(old.path().join(BESIDE[0]), young.path().join(BESIDE[0])).unwrap();
    young.assert_refused(&["young"]);
}

#[test]
fn wal_of_a_killed_job_is_accepted() {
    let root = Root::new();
    for round in 0..4 {
        root.abort_after(&format!("{round}"), None);
        if round % 2 == 0 {
            root.close_after(&format!("{round}, closed"));
        }
    }
    assert_eq!(root.keys().unwrap().len(), 4 * 2 + 2);
}

/// A process that writes a job with plain SQLite and keeps restarting the WAL, until it is killed.
#[test]
#[ignore = "run by another test in a process of its own"]
fn child_writes_until_killed() {
    let Some(root) = child_argument() else { return };
    let writing = Connection::open(Path::new(&root).join(FILE)).unwrap();
    writing.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    let begun = Instant::now();
    // The process ends after a minute, in case the parent has failed.
    for row in (0_u32..).take_while(|_| begun.elapsed().as_secs() < 60) {
        let how = ["PASSIVE", "RESTART", "TRUNCATE"][row as usize % 3];
        // Busy if the other process holds the lock.
        let _ = writing.execute_batch(&format!(
            "INSERT OR REPLACE INTO kv VALUES (x'63', x'{:02x}', randomblob(9000)); PRAGMA user_version = 1;
             PRAGMA wal_checkpoint({how}); PRAGMA shrink_memory",
            row % 256
        ));
    }
}

#[test]
fn wal_in_use_by_another_process_is_accepted() {
    let root = Root::new();
    root.close_after("a");
    let mut writing = child("child_writes_until_killed", root.path()).spawn().unwrap();
    while !root.path().join(BESIDE[0]).exists() {
        std::thread::yield_now();
    }
    let (mut opened, mut with_wal) = (0, 0);
    let reading = Sqlite::at(root.path()).read_only(true);
    for backend in [Sqlite::at(root.path()), reading].into_iter().cycle().take(300) {
        alive();
        let wal = fs::metadata(root.path().join(BESIDE[0]));
        with_wal += u32::from(wal.is_ok_and(|wal| wal.len() > 0));
        let store = Persistency::open(backend).unwrap();
        match store.open_job("job").wait() {
            Ok(_) => opened += 1,
            Err(Error::Busy { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        // The checkpoint may find the database locked by the other process.
        let _ = store.close().wait();
    }
    assert!(writing.try_wait().unwrap().is_none(), "the writing process ended by itself");
    writing.kill().unwrap();
    writing.wait().unwrap();
    println!("opened {opened} times, with a WAL there {with_wal} times");
    assert!(opened > 0 && with_wal > 0);
}

/// Returns the numbers of the pages in a WAL that was begun once.
fn pages(wal: &[u8]) -> Vec<u32> {
    let frames = wal[32.min(wal.len())..].chunks_exact(24 + 4096);
    frames.map(|frame| u32::from_be_bytes(frame[..4].try_into().unwrap())).collect()
}

#[test]
fn new_wal_contains_page_1_from_its_first_transaction_on() {
    let root = Root::new();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let wal = || fs::read(root.path().join(BESIDE[0])).unwrap();
    job.persist_put("c", 0_u64, b"zeroth").wait().unwrap();
    for round in 0..3_u64 {
        alive();
        // The checkpointer empties the WAL some time after the last commit.
        while job.stats().wait().unwrap().storage.unwrap().wal_bytes > 0 {
            std::thread::yield_now();
        }
        // A transaction that writes nothing begins no WAL.
        job.transact(|_| Ok::<_, Error>(())).wait().unwrap();
        assert!(wal().is_empty());
        job.persist_put("c", round, b"first").wait().unwrap();
        let first = pages(&wal());
        assert_eq!(first.iter().filter(|&&page| page == 1).count(), 1, "{first:?}");
        job.persist_put("c", round, b"second").wait().unwrap();
        let second = pages(&wal());
        assert!(second.len() > first.len() && !second[first.len()..].contains(&1), "{second:?}");
    }
    store.close().wait().unwrap();
}

#[test]
fn wal_emptied_by_another_program_contains_page_1_from_the_second_transaction_on() {
    let root = Root::new();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let other = Connection::open(root.file()).unwrap();
    for round in 0..3_u64 {
        for row in 0..3_u64 {
            job.persist_put("c", row, round.to_be_bytes()).wait().unwrap();
        }
        other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        job.persist_put("c", 0_u64, b"first").wait().unwrap();
        job.persist_put("c", 0_u64, b"second").wait().unwrap();
        let pages = pages(&fs::read(root.path().join(BESIDE[0])).unwrap());
        assert!(pages.contains(&1), "{pages:?}");
    }
    drop(other);
    store.close().wait().unwrap();
}

#[test]
fn wal_after_compaction_contains_page_1_from_its_first_transaction_on() {
    let root = Root::new();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for round in 0..3_u64 {
        job.persist_put("c", 0_u64, round.to_be_bytes()).wait().unwrap();
        job.compact().wait().unwrap();
        job.persist_put("c", 0_u64, b"first").wait().unwrap();
        let pages = pages(&fs::read(root.path().join(BESIDE[0])).unwrap());
        assert!(pages.contains(&1), "{pages:?}");
    }
    store.close().wait().unwrap();
}

#[test]
fn wal_emptied_by_another_program_and_refilled_to_the_same_length_contains_page_1() {
    const ROWS: u64 = 60;
    let root = Root::new();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let other = Connection::open(root.file()).unwrap();
    let empty_wal = || other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let written = || pages(&fs::read(root.path().join(BESIDE[0])).unwrap());
    // Five rows fit into a page, and a row that keeps its size changes only its page.
    let put = |row: u64, round: u8| TxOp::put("c", row, [round; 700]);
    job.persist((0..ROWS).map(|row| put(row, 0))).wait().unwrap();
    for (round, rows) in (1..).zip(1..=3_usize) {
        empty_wal();
        // The first commit doesn't write page 1, the second one does.
        job.persist([put(1, round)]).wait().unwrap();
        job.persist([put(2, round)]).wait().unwrap();
        assert_eq!(written().len(), 3);
        empty_wal();
        let distant = (0..ROWS).step_by(13).take(rows);
        job.persist(distant.map(|row| put(row, round))).wait().unwrap();
        assert_eq!(written().len(), rows);
        job.persist([put(1, 0)]).wait().unwrap();
        let pages = written();
        assert!(pages.contains(&1), "{pages:?}");
    }
    drop(other);
    store.close().wait().unwrap();
}

/// Returns the file and the rollback journal of a job during a transaction of plain SQLite. The job had `rows` rows
/// before.
fn in_transaction(rows: u32) -> (Vec<u8>, Vec<u8>) {
    let root = Root::new();
    root.close_after("a");
    let writing = Connection::open(root.file()).unwrap();
    let insert = |rows: u32| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
             INSERT OR REPLACE INTO kv SELECT CAST('d' AS BLOB), CAST(i AS BLOB), randomblob(3000) FROM n"
        )
    };
    let mode: String =
        writing.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    // Earlier transactions, so that no new file has the same change counter.
    writing.execute_batch("PRAGMA cache_size = 5").unwrap();
    for _ in 0..5 {
        writing.execute_batch(&insert(rows)).unwrap();
    }
    writing
        .execute_batch(&format!("BEGIN; PRAGMA user_version = 1; {}; DELETE FROM kv", insert(500)))
        .unwrap();
    let read = |name: &str| fs::read(root.path().join(name)).unwrap();
    (read(FILE), read(BESIDE[2]))
}

#[test]
fn rollback_journal_of_the_file_itself_is_played_back() {
    for rows in [1, 20, 200] {
        let (file, journal) = in_transaction(rows);
        let root = Root::new();
        fs::create_dir(root.path()).unwrap();
        fs::write(root.file(), file).unwrap();
        fs::write(root.path().join(BESIDE[2]), journal).unwrap();
        let store = Persistency::open(Sqlite::at(root.path())).unwrap();
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("d", ..).wait().unwrap(), u64::from(rows));
        assert!(job.check().wait().unwrap().is_sound());
    }
}

#[test]
fn rollback_journal_of_another_file_is_refused() {
    let (_, journal) = in_transaction(20);
    let root = Root::new();
    root.close_after("a");
    fs::write(root.path().join(BESIDE[2]), &journal).unwrap();
    root.assert_refused(&["a"]);

    // A backup has another change counter, however old the job is.
    let root = Root::new();
    let backup = root.0.path().join("backup.db");
    root.abort_after("a", Some(&backup));
    fs::remove_dir_all(root.path()).unwrap();
    fs::create_dir(root.path()).unwrap();
    fs::copy(&backup, root.file()).unwrap();
    fs::write(root.path().join(BESIDE[2]), &journal).unwrap();
    root.assert_refused(&["a"]);
}

/// The database of a job, written by plain SQLite with several connections.
struct History {
    directory: TempDir,
    random: Rng,
    connections: Vec<Connection>,
    /// A connection that may hold an old state of the rows.
    reading: Connection,
}

impl History {
    fn new(random: Rng) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Persistency::open(Sqlite::at(directory.path())).unwrap();
        store.open_job("job").wait().unwrap();
        store.close().wait().unwrap();
        let connections = (0..3).map(|_| Self::connect(directory.path())).collect();
        let reading = Self::connect(directory.path());
        Self { directory, random, connections, reading }
    }

    fn connect(directory: &Path) -> Connection {
        let connection = Connection::open(directory.join(FILE)).unwrap();
        // A small cache, so that pages are written before their transaction ends.
        connection.execute_batch("PRAGMA cache_size = 5; PRAGMA wal_autocheckpoint = 0").unwrap();
        connection
    }

    /// Takes a random step. SQLite may refuse it because of a reader. Returns whether the step was a checkpoint that
    /// leaves the WAL unchanged.
    fn step(&mut self) -> bool {
        let Self { random, connections, reading, directory } = self;
        let chosen = random.usize(..connections.len());
        let connection = &connections[chosen];
        let run = |sql: &str| connection.execute_batch(sql).is_ok();
        let rows = random.u32(1..40);
        let bytes = random.u32(1..3000);
        let insert = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
             INSERT OR REPLACE INTO kv SELECT x'63', randomblob(2), zeroblob({bytes}) FROM n"
        );
        match random.u8(..20) {
            0..6 => drop(run(&insert)),
            6 => drop(run("DELETE FROM kv WHERE key > randomblob(1)")),
            7 => drop(run("PRAGMA user_version = 1")),
            8 => drop(run(&format!("BEGIN; {insert}; PRAGMA user_version = 1; ROLLBACK"))),
            9 => drop(run("CREATE TABLE IF NOT EXISTS side (a); DROP TABLE side")),
            10..12 => return run("PRAGMA wal_checkpoint(PASSIVE)"),
            12 => drop(run("PRAGMA wal_checkpoint(RESTART)")),
            13 => drop(run("PRAGMA wal_checkpoint(TRUNCATE)")),
            14 => drop(run("PRAGMA incremental_vacuum(20)")),
            15 => drop(run("VACUUM")),
            16 => drop(run("PRAGMA shrink_memory")),
            17 => {
                let _ = reading.execute_batch("ROLLBACK");
                reading.execute_batch("BEGIN; SELECT count(*) FROM kv").unwrap();
            }
            18 => {
                let _ = reading.execute_batch("ROLLBACK");
            }
            _ => {
                // All connections close, so that the last one leaves the WAL or moves it into the file.
                let stays = random.bool();
                let _ = reading.execute_batch("ROLLBACK");
                for connection in connections.iter().chain([&*reading]) {
                    let off = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
                    connection.set_db_config(off, stays).unwrap();
                }
                let memory = || Connection::open_in_memory().unwrap();
                for connection in connections.iter_mut() {
                    *connection = memory();
                }
                *reading = memory();
                if random.u8(..3) == 0 {
                    let alone = Self::connect(directory.path());
                    let back = "PRAGMA journal_mode = DELETE; PRAGMA user_version = 1; PRAGMA journal_mode = WAL";
                    alone.execute_batch(back).unwrap();
                }
                for connection in connections.iter_mut() {
                    *connection = Self::connect(directory.path());
                }
                *reading = Self::connect(directory.path());
            }
        }
        false
    }

    fn file(&self) -> Vec<u8> {
        // Closing the descriptor drops the locks that the connections have on the file. They count between processes
        // only.
        fs::read(self.directory.path().join(FILE)).unwrap()
    }

    fn wal(&self) -> Vec<u8> {
        fs::read(self.directory.path().join(BESIDE[0])).unwrap_or_default()
    }

    /// Asserts that the job opens from these files, with the rows that the connections see.
    fn assert_opens(&self, file: &[u8], wal: &[u8], context: &str) {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join(FILE), file).unwrap();
        fs::write(root.path().join(BESIDE[0]), wal).unwrap();
        let store = Persistency::open(Sqlite::at(root.path())).unwrap();
        let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        let count = "SELECT count(*) FROM kv";
        let rows = self.connections[0].query_row(count, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), rows.unsigned_abs(), "{context}");
        drop(job);
        store.close().wait().unwrap();
    }
}

#[test]
fn wal_of_any_random_history_is_accepted() {
    seeds(SEEDS).for_each(try_random_histories);
}

fn try_random_histories(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let histories = (0..cases("PERSIST_HISTORIES", 5)).map(|history| (history, random.fork()));
    let histories = Mutex::new(histories.collect::<Vec<_>>().into_iter());
    let next = || histories.lock().unwrap().next();
    let checkpoints: u32 = thread::scope(|scope| {
        let work =
            || iter::from_fn(next).map(|(number, random)| try_history(number, random)).sum::<u32>();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    println!("{checkpoints} checkpoints were cut short");
    assert!(checkpoints > 0);
}

/// Tries one history. Returns how many of its checkpoints were cut short.
fn try_history(number: usize, random: Rng) -> u32 {
    let mut checkpoints = 0;
    let mut history = History::new(random);
    for step in 0..30 {
        alive();
        let context = format!("history {number}, step {step}");
        let before = history.file();
        let is_checkpoint = history.step();
        let (after, wal) = (history.file(), history.wal());
        history.assert_opens(&after, &wal, &context);
        if !is_checkpoint || before == after {
            continue;
        }
        // Write only some of the pages, and some of these in part.
        checkpoints += 1;
        let mut cut = before;
        cut.resize(cut.len().max(after.len()), 0);
        for (cut, page) in cut.chunks_mut(4096).zip(after.chunks(4096)) {
            let written = match history.random.u8(..5) {
                0..2 => page.len(),
                2 => history.random.usize(..page.len()),
                3 => history.random.usize(..100),
                _ => 0,
            };
            cut[..written].copy_from_slice(&page[..written]);
        }
        history.assert_opens(&cut, &wal, &format!("{context}, cut short"));
    }
    checkpoints
}

#[test]
fn files_of_the_original_and_of_released_versions_open_with_the_wal_of_plain_sqlite() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
    for name in ["original.db", "job-0.1.db"] {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join(FILE);
        fs::copy(data.join(name), &path).unwrap();
        for round in 0..3 {
            let insert = format!("INSERT OR REPLACE INTO kv VALUES (x'00', x'00', x'0{round}')");
            let writing = Connection::open_with_flags(&path, OpenFlags::default()).unwrap();
            let off = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            writing.set_db_config(off, true).unwrap();
            writing.execute_batch(&format!("PRAGMA journal_mode = WAL; {insert}")).unwrap();
            drop(writing);
            assert!(fs::metadata(root.path().join(BESIDE[0])).unwrap().len() > 0);
            let store = Persistency::open(Sqlite::at(root.path())).unwrap();
            let job =
                store.open_job("job").wait().unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(job.exists([0].as_slice(), persist_core::Key::from_bytes([0])).wait().unwrap());
            drop(job);
            store.close().wait().unwrap();
        }
    }
}
