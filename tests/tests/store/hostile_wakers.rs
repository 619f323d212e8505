//! Wakers that run code of the caller when they are woken or dropped. A task that is owned only by its wakers is
//! dropped with the last one, and its futures with it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use persist_core::{Config, Job, Persistency, TxOp};
use persist_tests::scripted::Scripted;
use persist_tests::watchdog::within_a_minute;

/// A waker that owns a future.
struct Owns<F>(Mutex<Option<F>>);

impl<F: Send + 'static> Wake for Owns<F> {
    fn wake(self: Arc<Self>) {}
}

fn owning<F: Send + 'static>(future: F) -> Waker {
    Waker::from(Arc::new(Owns(Mutex::new(Some(future)))))
}

fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> bool {
    Pin::new(future).poll(&mut Context::from_waker(waker)).is_ready()
}

fn open(config: Config) -> (Scripted, Persistency, Job) {
    let backend = Scripted::new();
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (backend, store, job)
}

#[test]
fn ticket_polled_with_another_waker_may_drop_a_ticket_of_the_same_group() {
    within_a_minute(|| {
        let (backend, _store, job) = open(Config::default());
        let release = backend.occupy(&job);
        let mut first = job.persist_put("c", 1u64, b"").into_future();
        let mut second = job.persist_put("c", 2u64, b"").into_future();
        assert!(!poll_with(&mut second, Waker::noop()));
        // Now only the group owns the second ticket.
        assert!(!poll_with(&mut first, &owning(second)));
        assert!(!poll_with(&mut first, Waker::noop()));
        release.send(()).unwrap();
        job.flush().wait().unwrap();
        assert!(poll_with(&mut first, Waker::noop()));
    });
}

#[test]
fn dropped_ticket_may_drop_a_ticket_of_the_same_group() {
    within_a_minute(|| {
        let (backend, _store, job) = open(Config::default());
        let release = backend.occupy(&job);
        let mut first = job.persist_put("c", 1u64, b"").into_future();
        let mut second = job.persist_put("c", 2u64, b"").into_future();
        assert!(!poll_with(&mut second, Waker::noop()));
        assert!(!poll_with(&mut first, &owning(second)));
        drop(first);
        release.send(()).unwrap();
        job.flush().wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 3);
    });
}

#[test]
fn submission_polled_with_another_waker_may_drop_the_submission_before_it() {
    within_a_minute(|| {
        let (backend, _store, job) = open(Config::new().queue_limit_bytes(1_000));
        let release = backend.occupy(&job);
        // The first fits only into an empty queue, and the second only after the first has left the line.
        let mut large = job.submit([TxOp::put("c", 1u64, [0; 900])]).into_owned().into_future();
        assert!(!poll_with(&mut large, Waker::noop()));
        let mut small = job.submit([TxOp::put("c", 2u64, [0; 10])]).into_future();
        assert!(!poll_with(&mut small, &owning(large)));
        poll_with(&mut small, Waker::noop());
        release.send(()).unwrap();
        drop(small);
        job.flush().wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2);
    });
}
