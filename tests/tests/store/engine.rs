//! What the engine promises when a commit goes wrong, or takes its time.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use persist_core::{Config, Error, Job, Persistency, TxOp};
use persist_tests::scripted::{Answer, Scripted};

fn open_with(backend: &Scripted, config: Config) -> (Persistency, Job) {
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

fn open(backend: &Scripted) -> (Persistency, Job) {
    open_with(backend, Config::default())
}

#[test]
fn what_waits_is_committed_as_one_group() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    for n in 0..100u64 {
        job.persist_put("c", n, b"");
    }
    release.send(()).unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 101);
    assert_eq!(backend.groups(), [1, 100]);
}

#[test]
fn what_is_too_much_for_one_group_is_committed_as_several() {
    let backend = Scripted::new();
    let config = Config { queue_limit_bytes: 64 << 20, ..Config::default() };
    let (_store, job) = open_with(&backend, config);
    let release = backend.occupy(&job);
    for n in 0..20u64 {
        job.persist_put("c", n, vec![0; 1 << 20]);
    }
    job.persist([TxOp::put("c", 20u64, vec![0; 9 << 20])]);
    job.persist_put("c", 21u64, b"");
    release.send(()).unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 23);
    assert_eq!(backend.groups(), [1, 7, 7, 6, 1, 1]);
}

#[test]
fn stats_tell_what_waits_and_wait_for_nothing() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    let before = job.stats().wait().unwrap();
    assert!(before.queue_bytes > 0, "what is being committed counts");
    job.persist_put("c", 1u64, vec![0; 10_000]);
    let waiting = job.stats().wait().unwrap();
    assert!(waiting.queue_bytes >= before.queue_bytes + 10_000, "{waiting:?}");
    assert_eq!(waiting.commits, 0);
    release.send(()).unwrap();
    job.sync().wait().unwrap();
    assert_eq!(job.stats().wait().unwrap().failures, 0);
}

#[test]
fn a_locked_file_never_fails_a_queued_write() {
    let backend = Scripted::new();
    for _ in 0..20 {
        backend.then(Answer::Busy);
    }
    let (store, job) = open(&backend);
    assert_eq!(job.persist_put("c", 1u64, b"").wait().unwrap().commit, 1);
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    store.close().wait().unwrap();
}

#[test]
fn a_close_gives_up_on_a_locked_file_after_its_timeout() {
    let backend = Scripted::new();
    let config = Config { close_timeout: Duration::from_millis(20), ..Config::default() };
    let (store, job) = open_with(&backend, config);
    backend.then(Answer::BusyForEver);
    let ticket = job.persist_put("c", 1u64, b"");
    let end = store.close_job("job").wait();
    assert!(matches!(end, Err(Error::Busy { .. })), "{end:?}");
    assert!(matches!(ticket.wait(), Err(Error::Busy { .. })));
}

#[test]
fn a_full_disk_fails_the_write_and_the_job_goes_on() {
    let backend = Scripted::new();
    backend.then(Answer::DiskFull);
    let (store, job) = open(&backend);
    let error = job.persist_put("c", 1u64, b"").wait().unwrap_err();
    assert!(matches!(error, Error::DiskFull { .. }), "{error}");
    job.persist_put("c", 2u64, b"").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    store.close().wait().unwrap();
}

#[test]
fn an_unknown_outcome_fails_the_job_until_it_is_opened_again() {
    let backend = Scripted::new();
    backend.then(Answer::Unknown);
    let (store, job) = open(&backend);
    let error = job.persist_put("c", 1u64, b"").wait().unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
    let error = job.persist_put("c", 2u64, b"").wait().unwrap_err();
    assert!(matches!(error, Error::Failed { .. }), "{error}");
    assert_eq!(job.count("c", ..).wait().unwrap(), 0, "reads go on");
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 3u64, b"").wait().unwrap();
}

#[test]
fn a_panicking_backend_leaves_nobody_hanging() {
    let backend = Scripted::new();
    backend.then(Answer::Panic);
    let (store, job) = open(&backend);
    let error = job.persist_put("c", 1u64, b"").wait().unwrap_err();
    assert!(error.to_string().contains("the script says so"), "{error}");
    assert!(matches!(job.persist_put("c", 2u64, b"").wait(), Err(Error::Failed { .. })));
    store.close().wait().unwrap();
}

#[test]
fn a_backend_that_gives_no_outcome_leaves_it_unknown() {
    let backend = Scripted::new();
    backend.then(Answer::NoOutcomes);
    let (_store, job) = open(&backend);
    assert!(matches!(job.persist_put("c", 1u64, b"").wait(), Err(Error::Unknown { .. })));
}

#[test]
fn a_failure_that_no_ticket_told_is_kept_and_told_by_the_close() {
    let backend = Scripted::new();
    backend.then(Answer::DiskFull);
    let (store, job) = open(&backend);
    drop(job.persist_put("c", 1u64, b""));
    assert!(!job.exists("c", 1u64).wait().unwrap());
    job.persist_put("c", 2u64, b"").wait().unwrap();
    assert!(matches!(job.last_error(), Some(Error::DiskFull { .. })));
    assert!(matches!(store.close().wait(), Err(Error::DiskFull { .. })));
}

#[test]
fn a_failure_that_a_ticket_told_is_not_told_again() {
    let backend = Scripted::new();
    backend.then(Answer::DiskFull);
    let (store, job) = open(&backend);
    assert!(job.persist_put("c", 1u64, b"").wait().is_err());
    assert!(job.last_error().is_none());
    store.close().wait().unwrap();
}

#[test]
fn a_refused_write_whose_ticket_is_dropped_is_told_by_the_close() {
    let (store, job) = open(&Scripted::new());
    drop(job.persist_put("c", 1u64, vec![0; (512 << 20) + 1]));
    assert!(matches!(job.last_error(), Some(Error::InvalidArgument { .. })));
    assert!(matches!(store.close().wait(), Err(Error::InvalidArgument { .. })));
}

#[test]
fn a_full_queue_holds_the_caller_until_there_is_room() {
    let backend = Scripted::new();
    let config = Config { queue_limit_bytes: 1_000, ..Config::default() };
    let (_store, job) = open_with(&backend, config);
    let release = backend.occupy(&job);
    let (done, finished) = channel();
    let writer = {
        let job = job.clone();
        thread::spawn(move || {
            for n in 0..100u64 {
                job.persist_put("c", n, [0; 100]);
            }
            done.send(()).unwrap();
        })
    };
    assert!(
        finished.recv_timeout(Duration::from_millis(100)).is_err(),
        "the queue has no room for all"
    );
    release.send(()).unwrap();
    finished.recv().unwrap();
    writer.join().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 101);
    assert!(backend.groups().iter().all(|&batches| batches <= 4), "{:?}", backend.groups());
}

#[test]
fn all_jobs_together_are_held_to_the_total() {
    let backend = Scripted::new();
    let config = Config { total_queue_limit_bytes: 500, ..Config::default() };
    let (store, job) = open_with(&backend, config);
    let release = backend.occupy(&job);
    job.persist_put("c", 1u64, [0; 500]);
    let other = store.open_job("other").wait().unwrap();
    let (done, finished) = channel();
    let writer = thread::spawn(move || {
        let result = other.persist_put("c", 1u64, [0; 100]).wait();
        done.send(result).unwrap();
    });
    assert!(finished.recv_timeout(Duration::from_millis(100)).is_err(), "the total is used up");
    release.send(()).unwrap();
    finished.recv().unwrap().unwrap();
    writer.join().unwrap();
}

#[test]
fn a_batch_larger_than_the_queue_goes_in_alone() {
    let backend = Scripted::new();
    let config = Config { queue_limit_bytes: 1_000, ..Config::default() };
    let (_store, job) = open_with(&backend, config);
    for n in 0..10u64 {
        job.persist_put("c", n, [0; 5_000]);
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 10);
    assert_eq!(backend.groups(), [1; 10]);
}

#[test]
fn a_close_frees_those_who_wait_for_room() {
    let backend = Scripted::new();
    let config = Config { queue_limit_bytes: 300, ..Config::default() };
    let (store, job) = open_with(&backend, config);
    let release = backend.occupy(&job);
    let writer = {
        let job = job.clone();
        thread::spawn(move || {
            (0..10u64).map(|n| job.persist_put("c", n, [0; 200])).collect::<Vec<_>>()
        })
    };
    let closer = thread::spawn(move || store.close().wait());
    while job.is_open() {
        thread::yield_now();
    }
    release.send(()).unwrap();
    let mut refused = 0;
    for ticket in writer.join().unwrap() {
        match ticket.wait() {
            Ok(_) => assert_eq!(refused, 0, "what follows a refused write is refused"),
            Err(error) => {
                assert!(matches!(error, Error::Closed { .. }), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    let _ = closer.join().unwrap();
}

/// A waker that makes a blocking call where it is woken: on the worker.
struct BlockingWaker {
    job: Job,
    result: Sender<Result<Option<Vec<u8>>, Error>>,
}

impl Wake for BlockingWaker {
    fn wake(self: Arc<Self>) {
        self.result.send(self.job.get("c", 1u64).wait()).unwrap();
    }
}

#[test]
fn a_blocking_call_on_the_worker_is_refused() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    let (sender, result) = channel();
    let waker = Waker::from(Arc::new(BlockingWaker { job: job.clone(), result: sender }));
    let mut future = pin!(job.persist_put("c", 1u64, b"").into_future());
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    release.send(()).unwrap();
    assert!(matches!(result.recv().unwrap(), Err(Error::WouldDeadlock)));
    assert!(matches!(future.poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(_))));
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("a waker's own fault");
    }
}

#[test]
fn a_panicking_waker_harms_nobody_else() {
    let backend = Scripted::new();
    let (store, job) = open(&backend);
    let release = backend.occupy(&job);
    let waker = Waker::from(Arc::new(PanickingWaker));
    let mut future = pin!(job.persist_put("c", 1u64, b"").into_future());
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    release.send(()).unwrap();
    job.persist_put("c", 2u64, b"").wait().unwrap();
    store.close().wait().unwrap();
}

#[test]
fn a_future_that_is_dropped_takes_nothing_back() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    {
        let mut future = pin!(job.persist_put("c", 1u64, b"").into_future());
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    release.send(()).unwrap();
    assert!(job.exists("c", 1u64).wait().unwrap());
}

#[test]
fn a_read_waits_for_what_was_submitted_before_it() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    job.persist_put("c", 1u64, b"new");
    let reader = {
        let job = job.clone();
        thread::spawn(move || job.get("c", 1u64).wait())
    };
    release.send(()).unwrap();
    assert_eq!(reader.join().unwrap().unwrap().as_deref(), Some(&b"new"[..]));
}

#[test]
fn writes_of_one_group_share_its_number_and_an_empty_batch_has_none_of_its_own() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    assert_eq!(job.persist([]).wait().unwrap().commit, 0);
    let release = backend.occupy(&job);
    let first = job.persist_put("c", 1u64, b"");
    let second = job.persist([TxOp::delete("c", 1u64), TxOp::put("c", 2u64, b"")]);
    release.send(()).unwrap();
    assert_eq!((first.wait().unwrap().commit, second.wait().unwrap().commit), (2, 2));
    assert_eq!(job.persist([]).wait().unwrap().commit, 2);
    assert_eq!(backend.groups(), [1, 2]);
}
