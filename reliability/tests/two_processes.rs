//! Several processes share a root: all write one job, all open a new job at once, one holds the lock, one is killed.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use persist_core::{Config, Error, Job, Persistency};
use persist_reliability::{assert_sound, cases, sqlite};
use rusqlite::Connection;

/// The number of rows of each process.
const ROWS: u64 = 150;
/// How often all processes open a new job at once, in the short form.
const OPENINGS: usize = 25;
/// Longer than a process takes for any step.
const LIMIT: Duration = Duration::from_secs(60);

/// A process that shares the root.
struct Sharing {
    process: Child,
    input: Option<ChildStdin>,
    listening: JoinHandle<()>,
    acknowledged: Arc<AtomicU64>,
    /// The lines of its output, other than acknowledgments.
    output_lines: Receiver<String>,
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
        let (sender, output_lines) = channel();
        let acknowledged = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&acknowledged);
        let listening = thread::spawn(move || {
            for line in output.lines().map(Result::unwrap) {
                if line.starts_with("acknowledged") {
                    counted.fetch_add(1, Relaxed);
                } else {
                    let _ = sender.send(line);
                }
            }
        });
        Self { process, input, listening, acknowledged, output_lines }
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Relaxed)
    }

    fn wait_until_open(&self) {
        assert_eq!(self.output_lines.recv_timeout(LIMIT).as_deref(), Ok("open"));
    }

    fn start_writing(&mut self) {
        writeln!(self.input.as_mut().unwrap(), "write").unwrap();
    }

    fn stop_writing(&mut self) {
        writeln!(self.input.as_mut().unwrap(), "stop").unwrap();
    }

    /// Waits until the process has written. Returns the number of acknowledged rows.
    fn wait_until_done(&self) -> u64 {
        assert_eq!(self.output_lines.recv_timeout(LIMIT).as_deref(), Ok("done"));
        self.acknowledged()
    }

    /// Waits until `rows` more rows are acknowledged.
    fn wait_for_rows(&self, rows: u64) {
        let (before, begin) = (self.acknowledged(), Instant::now());
        while self.acknowledged() < before + rows {
            assert!(begin.elapsed() < LIMIT, "the process doesn't go on");
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn end(mut self) {
        drop(self.input.take());
        assert!(self.process.wait().unwrap().success());
        self.listening.join().unwrap();
    }

    /// Kills the process. Returns the number of rows that it printed as acknowledged.
    fn kill(mut self) -> u64 {
        self.process.kill().unwrap();
        assert_eq!(self.process.wait().unwrap().signal(), Some(libc::SIGKILL));
        self.listening.join().unwrap();
        self.acknowledged.load(Relaxed)
    }
}

/// Checks that the rows of each process are there, as many as it counted.
fn check(job: &Job, processes: u64, rows: u64) {
    for number in 0..processes {
        assert_eq!(job.get_as("counts", number).wait().unwrap(), Some(rows), "process {number}");
    }
    assert_eq!(job.count("rows", ..).wait().unwrap(), processes * rows);
    assert!(job.check().wait().unwrap().is_sound());
}

#[test]
fn rows_acknowledged_by_three_processes_are_all_there() {
    for settings in ["normal", "full"] {
        let root = tempfile::tempdir().unwrap();
        let mut sharing: Vec<_> =
            (0..3).map(|number| Sharing::start(root.path(), settings, number, ROWS)).collect();
        sharing.iter().for_each(Sharing::wait_until_open);
        sharing.iter_mut().for_each(Sharing::start_writing);
        let acknowledged: u64 = sharing.iter().map(Sharing::wait_until_done).sum();
        assert_eq!(acknowledged, 3 * ROWS);
        let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
        // Also while the processes have the job open.
        check(&store.open_job("job").wait().unwrap(), 3, ROWS);
        sharing.into_iter().for_each(Sharing::end);
        check(&store.job("job").unwrap(), 3, ROWS);
        store.close().wait().unwrap();
        assert_sound(&root.path().join("job.db"));
    }
}

#[test]
fn new_job_opened_by_four_processes_at_once_works() {
    for opening in 0..cases("PERSIST_OPENINGS", OPENINGS) {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("new/root");
        let settings = ["normal", "full"][opening % 2];
        let mut sharing: Vec<_> =
            (0..4).map(|number| Sharing::start(&root, settings, number, 3)).collect();
        sharing.iter_mut().for_each(Sharing::start_writing);
        for process in &sharing {
            process.wait_until_open();
            assert_eq!(process.wait_until_done(), 3, "opening {opening}");
        }
        sharing.into_iter().for_each(Sharing::end);
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        check(&store.open_job("job").wait().unwrap(), 4, 3);
    }
}

#[test]
fn killed_process_does_not_stop_the_others() {
    for settings in ["normal", "full"] {
        let root = tempfile::tempdir().unwrap();
        let mut going_on = Sharing::start(root.path(), settings, 0, u64::MAX);
        going_on.wait_until_open();
        going_on.start_writing();
        let mut acknowledged = Vec::new();
        for number in 1..4 {
            let mut killed = Sharing::start(root.path(), settings, number, u64::MAX);
            killed.wait_until_open();
            killed.start_writing();
            killed.wait_for_rows(20 * number);
            acknowledged.push(killed.kill());
            going_on.wait_for_rows(20);
        }
        going_on.stop_writing();
        acknowledged.insert(0, going_on.wait_until_done());
        let store = Persistency::open(sqlite(root.path(), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let mut rows = 0;
        for (number, &acknowledged) in (0_u64..).zip(&acknowledged) {
            let counted: u64 = job.get_as("counts", number).wait().unwrap().unwrap();
            // One more row may be committed without being printed.
            let most = acknowledged + u64::from(number != 0);
            assert!((acknowledged..=most).contains(&counted), "{number}: {counted} of {most}");
            rows += counted;
        }
        assert_eq!(job.count("rows", ..).wait().unwrap(), rows);
        going_on.end();
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&root.path().join("job.db"));
    }
}

/// A connection of another program that has begun to write and doesn't commit.
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
fn lock_held_by_another_process_delays_writes_only() {
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 0_u64, b"before").wait().unwrap();

    let lock = Lock::take(root.path());
    let waiting: Vec<_> = (1..50_u64).map(|n| job.persist_put("c", n, b"waiting")).collect();
    assert_eq!(job.scan("c", ..).committed().wait().unwrap().len(), 1);
    assert_eq!(job.get("other", 0_u64).wait().unwrap(), None);
    // Meanwhile another store opens the job and sees the committed rows.
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
fn close_waiting_for_the_lock_returns_busy_after_its_timeout() {
    let root = tempfile::tempdir().unwrap();
    let close_timeout = Duration::from_millis(300);
    let config = Config::new().close_timeout(close_timeout);
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
    assert_eq!(
        job.count("c", ..).wait().unwrap(),
        1,
        "the writes that were reported as not applied are absent"
    );
}
