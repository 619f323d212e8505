//! Several processes share a root: all write one job, all open a new one at once, one holds the lock, one is killed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use persist_core::{Config, Error, Job, Persistency};
use persist_reliability::{assert_sound, cases, sqlite};
use rusqlite::Connection;

/// Rows of each process.
const ROWS: u64 = 150;
/// How often all open a new job at once, in the short form.
const OPENINGS: usize = 25;

/// A process that shares the root.
struct Sharing {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Sharing {
    fn start(root: &Path, settings: &str, number: u64, rows: u64) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_shares"))
            .arg(root)
            .args([settings, &number.to_string(), &rows.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, input, output }
    }

    fn says(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn writes(&mut self) {
        writeln!(self.input.as_mut().unwrap(), "write").unwrap();
    }

    /// Reads on until it is done; gives how many rows were acknowledged.
    fn is_done(&mut self) -> u64 {
        let mut acknowledged = 0;
        loop {
            match &*self.says() {
                "done" => return acknowledged,
                line if line.starts_with("acknowledged") => acknowledged += 1,
                line => panic!("{line:?}"),
            }
        }
    }

    fn ends(mut self) {
        drop(self.input.take());
        assert!(self.process.wait().unwrap().success());
    }
}

/// Each process's rows are there, and as many as it counts.
fn check(job: &Job, processes: u64, rows: u64) {
    for number in 0..processes {
        assert_eq!(job.get_as("counts", number).wait().unwrap(), Some(rows), "process {number}");
    }
    assert_eq!(job.count("rows", ..).wait().unwrap(), processes * rows);
    assert!(job.check().wait().unwrap().is_sound());
}

#[test]
fn all_that_three_processes_acknowledge_is_there() {
    for settings in ["normal", "full"] {
        let root = tempfile::tempdir().unwrap();
        let mut sharing: Vec<_> =
            (0..3).map(|number| Sharing::start(root.path(), settings, number, ROWS)).collect();
        for process in &mut sharing {
            assert_eq!(process.says(), "open");
        }
        sharing.iter_mut().for_each(Sharing::writes);
        let acknowledged: u64 = sharing.iter_mut().map(Sharing::is_done).sum();
        assert_eq!(acknowledged, 3 * ROWS);
        let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
        // While they have it open, too.
        check(&store.open_job("job").wait().unwrap(), 3, ROWS);
        sharing.into_iter().for_each(Sharing::ends);
        check(&store.job("job").unwrap(), 3, ROWS);
        store.close().wait().unwrap();
        assert_sound(&root.path().join("job.db"));
    }
}

#[test]
fn four_processes_open_a_new_job_at_once() {
    for opening in 0..cases("PERSIST_OPENINGS", OPENINGS) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("new/root");
        let settings = ["normal", "full"][opening % 2];
        let mut sharing: Vec<_> =
            (0..4).map(|number| Sharing::start(&root, settings, number, 3)).collect();
        sharing.iter_mut().for_each(Sharing::writes);
        for process in &mut sharing {
            assert_eq!(process.says(), "open", "opening {opening}");
            assert_eq!(process.is_done(), 3);
        }
        sharing.into_iter().for_each(Sharing::ends);
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        check(&store.open_job("job").wait().unwrap(), 4, 3);
    }
}

#[test]
fn one_process_is_killed_and_the_others_go_on() {
    for settings in ["normal", "full"] {
        let root = tempfile::tempdir().unwrap();
        let mut going_on = Sharing::start(root.path(), settings, 0, 4 * ROWS);
        assert_eq!(going_on.says(), "open");
        going_on.writes();
        for number in 1..4 {
            let mut killed = Sharing::start(root.path(), settings, number, 1_000_000);
            assert_eq!(killed.says(), "open");
            killed.writes();
            for _ in 0..20 * number {
                assert!(killed.says().starts_with("acknowledged"));
            }
            killed.process.kill().unwrap();
            killed.process.wait().unwrap();
        }
        assert_eq!(going_on.is_done(), 4 * ROWS);
        let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let mut rows = 0;
        for number in 0..4 {
            let counted: u64 = job.get_as("counts", number).wait().unwrap().unwrap();
            assert!(
                counted >= if number == 0 { 4 * ROWS } else { 20 * number },
                "process {number}: {counted}"
            );
            rows += counted;
        }
        assert_eq!(job.count("rows", ..).wait().unwrap(), rows);
        going_on.ends();
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&root.path().join("job.db"));
    }
}

/// Somebody else, who has begun to write and doesn't end.
struct Lock(Connection);

impl Lock {
    fn take(root: &Path) -> Self {
        let connection = Connection::open(root.join("job.db")).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self(connection)
    }

    fn release(self) {
        self.0.execute_batch("ROLLBACK").unwrap();
    }
}

#[test]
fn while_another_holds_the_lock_writes_wait_and_all_else_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 0_u64, b"before").wait().unwrap();

    let lock = Lock::take(root.path());
    let waiting: Vec<_> = (1..50_u64).map(|n| job.persist_put("c", n, b"waiting")).collect();
    assert_eq!(job.scan("c", ..).committed().wait().unwrap().len(), 1);
    assert_eq!(job.get("other", 0_u64).wait().unwrap(), None);
    // Another store opens it meanwhile, and sees what is committed.
    let other = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let same = other.open_job("job").wait().unwrap();
    assert_eq!(same.count("c", ..).wait().unwrap(), 1);
    assert!(matches!(other.drop_job("job").wait(), Err(Error::Busy { .. })));

    lock.release();
    for ticket in waiting {
        ticket.wait().unwrap();
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 50);
}

#[test]
fn a_close_gives_up_waiting_for_the_lock_after_its_timeout_and_says_so() {
    let root = tempfile::tempdir().unwrap();
    let close_timeout = Duration::from_millis(300);
    let config = Config { close_timeout, ..Config::default() };
    let store = Persistency::open_with(sqlite(root.path(), "normal"), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 0_u64, b"before").wait().unwrap();
    let lock = Lock::take(root.path());
    let watched = job.persist_put("c", 1_u64, b"watched");
    job.persist_put("c", 2_u64, b"unwatched");
    let started = Instant::now();
    let closed = store.close().wait();
    assert!(started.elapsed() >= close_timeout);
    assert!(matches!(closed, Err(Error::Busy { .. })), "{closed:?}");
    assert!(matches!(watched.wait(), Err(Error::Busy { .. })));
    lock.release();
    let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 1, "what was told as not applied isn't");
}
