//! Who waits for a write commits it, if the worker rests: and nothing else changes by that.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use persist_core::{Committed, Error, Job, Persistency, Ticket};
use persist_tests::scripted::Scripted;

/// What happens only if the worker happens to rest is tried until it does, for so long at most.
const PATIENCE: Duration = Duration::from_secs(30);

fn open(backend: &Scripted) -> (Persistency, Job) {
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Tries until it succeeds.
fn until(what: &str, mut succeeds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !succeeds() {
        assert!(Instant::now() < end, "never: {what}");
    }
}

/// Writes until this thread has committed it.
fn help(backend: &Scripted, job: &Job) {
    until("a write is committed where it is waited for", || {
        job.persist_put("c", 0u64, b"").wait().unwrap();
        backend.was_on(thread::current().id())
    });
}

#[test]
fn a_write_is_committed_where_it_is_waited_for() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    help(&backend, &job);
    // Also after a rest that made the worker fall asleep.
    thread::sleep(Duration::from_millis(200));
    help(&backend, &job);
}

#[test]
fn what_was_submitted_before_is_committed_along() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    until("a group of two is committed where one of them is waited for", || {
        help(&backend, &job);
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
fn a_read_commits_what_it_waits_for() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    until("a read commits what it waits for", || {
        help(&backend, &job);
        job.persist_put("c", 1u64, b"1");
        let before = backend.groups().len();
        assert!(job.exists("c", 1u64).wait().unwrap());
        before < backend.groups().len() && backend.was_on(thread::current().id())
    });
}

#[test]
fn a_write_that_nobody_waits_for_is_committed_all_the_same() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let rests: [fn(&Scripted, &Job); 2] =
        [help, |_: &Scripted, _: &Job| thread::sleep(Duration::from_millis(200))];
    for (key, rest) in (1u64..).zip(rests) {
        rest(&backend, &job);
        let held = job.persist_put("c", key, b"");
        until("it is committed", || job.exists("c", key).committed().wait().unwrap());
        drop(held);
    }
}

#[test]
fn a_transaction_runs_on_the_worker() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    for _ in 0..100 {
        help(&backend, &job);
        let ran_on = job.transact(|_| Ok(thread::current().id())).wait().unwrap();
        assert_ne!(ran_on, thread::current().id());
    }
}

/// A waker that makes a blocking call where it is woken.
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
fn who_is_woken_where_another_waits_must_not_block() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    until("a future is woken by the one who waits", || {
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
        until("the commit begins", || backend.groups().len() > commits);
        let (sender, result) = channel();
        let waker = Waker::from(Arc::new(BlockingWaker { job: job.clone(), result: sender }));
        let polled = second.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(matches!(polled, Poll::Pending));
        release.send(()).unwrap();
        let (thread, result) = result.recv_timeout(PATIENCE).expect("nobody waits for himself");
        assert!(matches!(result, Err(Error::WouldDeadlock)), "{result:?}");
        let helped = thread == waiting.thread().id();
        waiting.join().unwrap();
        helped
    });
}

#[test]
fn a_close_waits_for_who_helps() {
    let backend = Scripted::new();
    until("a close comes while the one who waits commits", || {
        let (store, job) = open(&backend);
        help(&backend, &job);
        let commits = backend.groups().len();
        let release = backend.hold();
        let waiting = thread::spawn({
            let job = job.clone();
            move || job.persist_put("c", 1u64, b"").wait()
        });
        until("the commit begins", || backend.groups().len() > commits);
        let closing = thread::spawn(move || store.close().wait());
        until("the close begins", || {
            matches!(job.exists("c", 1u64).committed().wait(), Err(Error::Closed { .. }))
        });
        release.send(()).unwrap();
        let helped = backend.was_on(waiting.thread().id());
        waiting.join().unwrap().unwrap();
        closing.join().unwrap().unwrap();
        helped
    });
}
