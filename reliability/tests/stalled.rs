//! A disk that doesn't answer: the queue fills up to its limit and no further, calls that may block wait and the others
//! return an error, reads and other jobs go on, and once the disk answers no write is lost.

use std::future::{Future, IntoFuture};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use persist_core::{Config, Error, Persistency};
use persist_faults::{Op, Watch};
use persist_reliability::sqlite;
use persist_tests::watchdog::alive;

const LIMIT: usize = 64 << 10;

/// Delays the writes and syncs of one file while the gate is closed.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    fn set(&self, closed: bool) {
        *self.0.0.lock() = closed;
        self.0.1.notify_all();
    }

    fn pass(&self) {
        let mut closed = self.0.0.lock();
        self.0.1.wait_while(&mut closed, |closed| *closed);
    }
}

fn stall(watch: &Watch, name: &'static str) -> Gate {
    let gate = Gate::default();
    let passing = gate.clone();
    watch.intercept(move |call| {
        if call.is_on(name) && matches!(call.op, Op::Write(_) | Op::Sync) {
            passing.pass();
        }
        None
    });
    gate
}

fn open(root: &Path) -> Persistency {
    alive();
    let config = Config::new().queue_limit_bytes(LIMIT);
    Persistency::open_with(sqlite(root, "full"), config).unwrap()
}

#[test]
fn stalled_disk_fills_the_queue_and_loses_no_writes() {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let gate = stall(&watch, "stalled.db-wal");
    let store = open(&directory.path().join("root"));
    let job = store.open_job("stalled").wait().unwrap();
    let other = store.open_job("other").wait().unwrap();
    job.persist_put("c", "before", b"1").wait().unwrap();
    gate.set(true);

    let mut tickets = Vec::new();
    let refused = loop {
        let n = u64::try_from(tickets.len()).unwrap();
        match job.try_persist_put("c", n, vec![7; 1000]) {
            Ok(ticket) => tickets.push(ticket),
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused.error, Error::QueueFull { .. }), "{}", refused.error);
    assert_eq!(refused.ops.len(), 1);
    assert!(tickets.len() > 10 && tickets.len() < LIMIT / 1000, "{}", tickets.len());
    assert!(job.stats().wait().unwrap().queue_bytes <= LIMIT);

    // A call that may block waits for capacity.
    let (done, blocked) = channel();
    let blocking = job.clone();
    let writer = thread::spawn(move || {
        let ticket = blocking.persist_put("c", "blocked", vec![7; 1000]);
        done.send(()).unwrap();
        ticket.wait()
    });
    assert_eq!(blocked.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout));
    // A call that may not block is pending.
    let reserving = job.clone();
    let mut reserve = pin!(reserving.reserve(1000).into_future());
    let mut context = Context::from_waker(Waker::noop());
    assert!(reserve.as_mut().poll(&mut context).is_pending());

    // Rows on the disk can be read, and another job can be written.
    assert_eq!(job.get("c", "before").wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(job.scan("c", ..).committed().wait().unwrap().len(), 1);
    assert_eq!(job.count("other", ..).wait().unwrap(), 0);
    for n in 0..100_u64 {
        other.persist_put("c", n, vec![8; 1000]).wait().unwrap();
    }
    assert_eq!(other.count("c", ..).wait().unwrap(), 100);

    gate.set(false);
    blocked.recv().unwrap();
    writer.join().unwrap().unwrap();
    let rows = u64::try_from(tickets.len()).unwrap();
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), rows + 2);
    drop((job, other));
    store.close().wait().unwrap();
}

#[test]
fn close_waits_for_a_stalled_disk_and_loses_no_writes() {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    let gate = stall(&watch, "stalled.db-wal");
    let root = directory.path().join("root");
    let store = open(&root);
    let job = store.open_job("stalled").wait().unwrap();
    gate.set(true);
    for n in 0..20_u64 {
        job.persist_put("c", n, b"fire and forget");
    }
    let (done, closed) = channel();
    let handle = store.clone();
    let closing = thread::spawn(move || {
        let result = handle.close().wait();
        done.send(()).unwrap();
        result
    });
    assert_eq!(closed.recv_timeout(Duration::from_millis(100)), Err(RecvTimeoutError::Timeout));
    assert!(matches!(job.persist_put("c", "late", b"").wait(), Err(Error::Closed { .. })));
    gate.set(false);
    closing.join().unwrap().unwrap();

    let store = open(&root);
    let job = store.open_job("stalled").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 20);
}

/// The ticket of a write that was submitted after the close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Late {
    WaitedFor,
    Dropped,
    Kept,
}

/// Either the ticket or the close reports such a write.
#[test]
fn write_after_close_is_reported_by_its_ticket_or_by_the_close() {
    for late in [Late::WaitedFor, Late::Dropped, Late::Kept] {
        let directory = tempfile::tempdir().unwrap();
        let watch = Watch::over(directory.path());
        let gate = stall(&watch, "stalled.db-wal");
        let store = open(&directory.path().join("root"));
        let job = store.open_job("stalled").wait().unwrap();
        gate.set(true);
        job.persist_put("c", "in time", b"");
        let closing = thread::spawn(move || store.close().wait());
        while job.is_open() {
            thread::yield_now();
        }
        let mut ticket = Some(job.persist_put("c", "late", b""));
        if late == Late::WaitedFor {
            let result = ticket.take().unwrap().wait();
            assert!(matches!(result, Err(Error::Closed { .. })), "{result:?}");
        } else if late == Late::Dropped {
            ticket = None;
        }
        gate.set(false);
        let closed = closing.join().unwrap();
        let is_reported = matches!(closed, Err(Error::Closed { .. }));
        assert!(is_reported || closed.is_ok(), "{late:?}: {closed:?}");
        assert_eq!(is_reported, late != Late::WaitedFor, "{late:?}");
        drop(ticket);
    }
}
