//! A caller that waits for a write commits it if the worker is idle, and everything else stays the same.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use persist_core::{Committed, Error, Job, Persistency, Ticket};
use persist_tests::scripted::Scripted;

/// How long to retry a case that needs an idle worker.
const RETRY_LIMIT: Duration = Duration::from_secs(30);

fn open(backend: &Scripted) -> (Persistency, Job) {
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Retries until `succeeds` returns true.
fn retry_until(what: &str, mut succeeds: impl FnMut() -> bool) {
    let end = Instant::now() + RETRY_LIMIT;
    while !succeeds() {
        assert!(Instant::now() < end, "did not happen: {what}");
    }
}

/// Writes until this thread has committed a write.
fn commit_on_this_thread(backend: &Scripted, job: &Job) {
    retry_until("the waiting thread commits its write", || {
        job.persist_put("c", 0u64, b"").wait().unwrap();
        backend.was_on(thread::current().id())
    });
}

#[test]
fn idle_worker_leaves_the_commit_to_the_waiting_thread() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    commit_on_this_thread(&backend, &job);
    // Also after a pause in which the worker has fallen asleep.
    thread::sleep(Duration::from_millis(200));
    commit_on_this_thread(&backend, &job);
}

#[test]
fn waiting_thread_commits_earlier_writes_too() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    retry_until("the waiting thread commits a group of two", || {
        commit_on_this_thread(&backend, &job);
        let first = job.persist_put("c", 1u64, b"first");
        let second = job.persist_put("c", 1u64, b"second").wait().unwrap().commit;
        let together = backend.was_on(thread::current().id()) && backend.groups().ends_with(&[2]);
        let first = first.wait().unwrap().commit;
        assert!(if together { first == second } else { first <= second });
        assert_eq!(job.get("c", 1u64).wait().unwrap().as_deref(), Some(&b"second"[..]));
        together
    });
}

#[test]
fn waiting_read_commits_the_writes_before_it() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    retry_until("a read commits what it waits for", || {
        commit_on_this_thread(&backend, &job);
        job.persist_put("c", 1u64, b"1");
        let before = backend.groups().len();
        assert!(job.exists("c", 1u64).wait().unwrap());
        before < backend.groups().len() && backend.was_on(thread::current().id())
    });
}

#[test]
fn write_without_a_waiting_caller_is_committed_by_the_worker() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let rests: [fn(&Scripted, &Job); 2] =
        [commit_on_this_thread, |_: &Scripted, _: &Job| thread::sleep(Duration::from_millis(200))];
    for (key, rest) in (1u64..).zip(rests) {
        rest(&backend, &job);
        let held = job.persist_put("c", key, b"");
        retry_until("it is committed", || job.exists("c", key).committed().wait().unwrap());
        drop(held);
    }
}

#[test]
fn transaction_runs_on_the_worker() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    for _ in 0..100 {
        commit_on_this_thread(&backend, &job);
        let ran_on = job.transact(|_| Ok(thread::current().id())).wait().unwrap();
        assert_ne!(ran_on, thread::current().id());
    }
}

/// A waker that makes a blocking call on the thread that calls it.
struct BlockingWaker {
    job: Job,
    result: Sender<(ThreadId, Result<Committed, Error>)>,
}

impl Wake for BlockingWaker {
    fn wake(self: Arc<Self>) {
        let result = self.job.persist_put("c", 1u64, b"").wait();
        self.result.send((thread::current().id(), result)).unwrap();
    }
}

#[test]
fn blocking_call_in_a_waker_on_a_committing_caller_returns_would_deadlock() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    retry_until("the waiting thread wakes a future", || {
        let commits = backend.groups().len();
        let release = backend.hold();
        let (sender, second) = channel::<Ticket<Committed>>();
        let waiting = thread::spawn({
            let job = job.clone();
            move || {
                let first = job.persist_put("c", 1u64, b"");
                sender.send(job.persist_put("c", 2u64, b"")).unwrap();
                first.wait().unwrap();
            }
        });
        let mut second = pin!(second.recv().unwrap().into_future());
        retry_until("the commit begins", || backend.groups().len() > commits);
        let (sender, result) = channel();
        let waker = Waker::from(Arc::new(BlockingWaker { job: job.clone(), result: sender }));
        let polled = second.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(matches!(polled, Poll::Pending));
        release.send(()).unwrap();
        let (thread, result) =
            result.recv_timeout(RETRY_LIMIT).expect("no thread waits for itself");
        assert!(matches!(result, Err(Error::WouldDeadlock)), "{result:?}");
        let helped = thread == waiting.thread().id();
        waiting.join().unwrap();
        helped
    });
}

#[test]
fn close_waits_for_a_committing_caller() {
    let backend = Scripted::new();
    retry_until("a close begins while the waiting thread commits", || {
        let (store, job) = open(&backend);
        commit_on_this_thread(&backend, &job);
        let commits = backend.groups().len();
        let release = backend.hold();
        let waiting = thread::spawn({
            let job = job.clone();
            move || job.persist_put("c", 1u64, b"").wait()
        });
        retry_until("the commit begins", || backend.groups().len() > commits);
        let closing = thread::spawn(move || store.close().wait());
        retry_until("the close begins", || {
            matches!(job.exists("c", 1u64).committed().wait(), Err(Error::Closed { .. }))
        });
        release.send(()).unwrap();
        let helped = backend.was_on(waiting.thread().id());
        waiting.join().unwrap().unwrap();
        closing.join().unwrap().unwrap();
        helped
    });
}
