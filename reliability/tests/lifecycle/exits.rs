//! Ways in which a process ends: it ends promptly, and all queued writes are committed.

use std::ffi::OsStr;
use std::future::{Future, IntoFuture};
use std::path::Path;
use std::pin::{Pin, pin};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use persist_core::{Config, Error, Job, Permit, Persistency, TxOp};
use persist_reliability::{OnEvent, child, child_argument, sqlite};
use persist_tests::runtime::block_on;
use tracing::Event;

use crate::ends_promptly;

const ROWS: u64 = 8_000;

/// The ways to end, each with the name that a child gets.
type Way = (&'static str, fn(&Persistency, &Job));

/// Each way ends a process that has written the job "job"; all its rows must be there afterwards.
const WAYS: [Way; 15] = [
    ("main", |_, _| ()),
    ("exit", |_, _| process::exit(0)),
    ("backup_waited", |_, other| exit_in_backup(other, false)),
    ("backup_awaited", |_, other| exit_in_backup(other, true)),
    ("read_waited", |_, other| {
        let _ = other.read(|_| -> Result<(), Error> { process::exit(0) }).wait();
    }),
    ("read_awaited", |_, other| {
        let _ = block_on(other.read(|_| -> Result<(), Error> { process::exit(0) }));
    }),
    ("transaction", |_, other| {
        let _ = other.transact(|_| -> Result<(), Error> { process::exit(0) }).wait();
    }),
    ("result_of_a_transaction", |_, other| {
        let (go, gone) = channel::<()>();
        drop(other.transact(move |_| {
            gone.recv().unwrap();
            Ok(ExitsOnDrop)
        }));
        go.send(()).unwrap();
        park();
    }),
    ("iterator", |_, other| {
        let mut rows = other.scan("c", ..).iter();
        rows.next().unwrap().unwrap();
        process::exit(0);
    }),
    ("waker", |_, other| exit_in_waker(other, true)),
    ("waker_of_a_committing_caller", |_, other| exit_in_waker(other, false)),
    ("waiting_line", |_, other| exit_with_a_line(other, true)),
    ("waiting_line_and_main", |_, other| exit_with_a_line(other, false)),
    ("waker_of_the_waiting_line", |_, other| {
        let permit = take_all_capacity(other);
        let mut submit = other.submit([put(1)]).into_future();
        let waker = Waker::from(Arc::new(ExitsWhenWoken));
        assert!(Pin::new(&mut submit).poll(&mut Context::from_waker(&waker)).is_pending());
        drop(permit);
        park();
    }),
    ("close", |store, other| {
        // Another thread closes the store while this one exits.
        let (store, other) = (store.clone(), other.clone());
        let (starts, started) = channel();
        thread::spawn(move || {
            drop(other);
            starts.send(()).unwrap();
            let _ = store.close().wait();
        });
        started.recv().unwrap();
        process::exit(0);
    }),
];

struct ExitsOnDrop;

impl Drop for ExitsOnDrop {
    fn drop(&mut self) {
        process::exit(0);
    }
}

fn park() -> ! {
    loop {
        thread::park();
    }
}

fn exit_in_backup(job: &Job, awaited: bool) {
    let to = job_directory().join("copy.db");
    let backup = job.backup_to_with(to, |_| process::exit(0));
    let _ = if awaited { block_on(backup) } else { backup.wait() };
}

fn job_directory() -> std::path::PathBuf {
    argument_root().parent().unwrap().to_owned()
}

fn argument_root() -> std::path::PathBuf {
    let argument = child_argument().unwrap().into_string().unwrap();
    argument.split_once(':').unwrap().1.into()
}

fn put(n: u64) -> TxOp {
    TxOp::put("c", n, b"")
}

fn take_all_capacity(job: &Job) -> Permit {
    job.reserve_for(&[TxOp::put("c", 0u64, vec![0; 16 << 20])]).wait().unwrap()
}

/// Ends the process while a leaked future and a thread wait for capacity that a leaked permit holds. When the line is
/// closed, a waker in it calls `exit` again.
fn exit_with_a_line(job: &Job, by_exit: bool) {
    std::mem::forget(take_all_capacity(job));
    for waker in [Waker::noop().clone(), Waker::from(Arc::new(ExitsWhenWoken))] {
        let mut submit = job.submit([put(1)]).into_owned().into_future();
        assert!(Pin::new(&mut submit).poll(&mut Context::from_waker(&waker)).is_pending());
        std::mem::forget(submit);
    }
    let waiting = job.clone();
    thread::spawn(move || waiting.persist([put(2)]).wait());
    if by_exit {
        process::exit(0);
    }
}

/// A waker that exits.
struct ExitsWhenWoken;

impl Wake for ExitsWhenWoken {
    fn wake(self: Arc<Self>) {
        process::exit(0);
    }
}

/// Ends the process in a waker that is called by the worker, or by the thread that commits in its place.
fn exit_in_waker(job: &Job, on_worker: bool) {
    let waker = Waker::from(Arc::new(ExitsWhenWoken));
    loop {
        let mut ticket = pin!(job.persist_put("c", 0u64, b"").into_future());
        // A write that is done before it is polled calls no waker. The next one does.
        if ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            continue;
        }
        if on_worker {
            park();
        }
        // This thread commits both writes, unless the worker is faster and exits.
        let _ = job.persist_put("c", 1u64, b"").wait();
    }
}

/// Runs one way to end in a child with this close timeout.
fn run_way(way: &str, seconds: &str, code: i32) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let argument = format!("{way} {seconds}:{}", root.display());
    let output = ends_promptly(child("exits::child_ends", OsStr::new(&argument)));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{way}: {stderr}");
    if ["main", "exit"].contains(&way) {
        // No callback runs, so the end of the process also waits until SQLite has closed the files.
        assert!(!root.join("job.db-wal").exists() && !root.join("other.db-wal").exists(), "{way}");
    }
    assert_rows(&root, way);
}

fn assert_rows(root: &Path, way: &str) {
    let store = Persistency::open(sqlite(root, "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), ROWS, "{way}");
    assert!(job.check().wait().unwrap().is_sound(), "{way}");
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_ends() {
    let Some(argument) = child_argument() else { return };
    let argument = argument.into_string().unwrap();
    let (way, seconds) = argument.split_once(':').unwrap().0.split_once(' ').unwrap();
    let close_timeout = match seconds {
        "unlimited" => Duration::MAX,
        seconds => Duration::from_secs(seconds.parse().unwrap()),
    };
    let config = Config::new().close_timeout(close_timeout);
    let store = Persistency::open_with(sqlite(argument_root(), "normal"), config).unwrap();
    let other = store.open_job("other").wait().unwrap();
    for n in 0..2_000u64 {
        other.persist_put("c", n, vec![0; 200]);
    }
    other.sync().wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    for n in 0..ROWS {
        job.persist_put("c", n, n.to_be_bytes());
    }
    let (_, end) = WAYS.iter().find(|(name, _)| *name == way).unwrap();
    end(&store, &other);
    // At the end of `main` nothing is closed, and no handle is dropped.
    std::mem::forget((store, other, job));
}

/// A subscriber of a caller that panics at each event.
fn panics(event: &Event<'_>) {
    panic!("an event of {}", event.metadata().target());
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_with_panicking_subscriber() {
    if child_argument().is_none() {
        return;
    }
    let store = Persistency::open(sqlite(argument_root(), "normal")).unwrap();
    let job = store.open_job("job").wait().unwrap();
    tracing::subscriber::set_global_default(OnEvent(panics)).unwrap();
    for _ in 0..3 {
        // The worker logs the failed transaction.
        drop(job.transact(|_| Err::<(), _>(Error::invalid_argument("refused"))));
        // A result that panics when it is dropped is logged too.
        drop(job.transact(|_| Ok(PanicsOnDrop)));
        job.persist_put("logged", 0u64, b"").wait().unwrap();
    }
    for n in 0..ROWS {
        job.persist_put("c", n, n.to_be_bytes());
    }
    std::mem::forget((store, job));
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("a result panics when it is dropped");
    }
}

#[test]
fn panicking_subscriber_stops_neither_the_worker_nor_the_drain_at_exit() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    let argument = format!(":{}", root.display());
    let output =
        ends_promptly(child("exits::child_with_panicking_subscriber", OsStr::new(&argument)));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("an event of persist_core"), "{stderr}");
    assert_rows(&root, "a subscriber that panics");
}

#[test]
fn exit_in_any_callback_writes_other_jobs_and_ends_promptly() {
    for (way, _) in WAYS {
        run_way(way, "600", 0);
    }
}

#[test]
fn exit_with_unlimited_timeout_writes_the_queue() {
    for way in ["main", "exit", "backup_waited", "read_awaited", "iterator"] {
        run_way(way, "unlimited", 0);
    }
}
