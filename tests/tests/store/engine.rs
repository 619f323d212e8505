//! The engine's promises for commits that fail or stall.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use persist_core::error::Place;
use persist_core::{Config, Error, Job, Persistency, TxOp};
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

fn open_with(backend: &Scripted, config: Config) -> (Persistency, Job) {
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

fn open(backend: &Scripted) -> (Persistency, Job) {
    open_with(backend, Config::default())
}

#[test]
fn queued_writes_are_committed_as_one_group() {
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
fn writes_above_the_group_limit_are_committed_as_several_groups() {
    let backend = Scripted::new();
    let config = Config::new().queue_limit_bytes(64 << 20);
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
fn stats_report_queued_bytes_without_waiting() {
    let backend = Scripted::new();
    let (_store, job) = open(&backend);
    let release = backend.occupy(&job);
    let before = job.stats().wait().unwrap();
    assert!(before.queue_bytes > 0, "writes that are being committed count");
    job.persist_put("c", 1u64, vec![0; 10_000]);
    let waiting = job.stats().wait().unwrap();
    // The cost of an operation, its category, its key and its payload.
    assert_eq!(waiting.queue_bytes - before.queue_bytes, 128 + 1 + 8 + 10_000);
    assert_eq!(waiting.commits, 0);
    release.send(()).unwrap();
    job.sync().wait().unwrap();
    assert_eq!(job.stats().wait().unwrap().failures, 0);
}

#[test]
fn locked_file_fails_no_queued_write() {
    let backend = Scripted::new();
    for _ in 0..20 {
        backend.then(Answer::Busy(Duration::ZERO));
    }
    let (store, job) = open(&backend);
    assert_eq!(job.persist_put("c", 1u64, b"").wait().unwrap().commit, 1);
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    store.close().wait().unwrap();
}

#[test]
fn close_of_a_locked_file_returns_busy_after_its_timeout() {
    let backend = Scripted::new();
    let config = Config::new().close_timeout(Duration::from_millis(20));
    let (store, job) = open_with(&backend, config);
    backend.then(Answer::BusyForEver(Duration::ZERO));
    let ticket = job.persist_put("c", 1u64, b"");
    let end = store.close_job("job").wait();
    assert!(matches!(end, Err(Error::Busy { .. })), "{end:?}");
    assert!(matches!(ticket.wait(), Err(Error::Busy { .. })));
}

#[test]
fn busy_backend_is_called_again_after_the_time_that_it_asks_for() {
    let backend = Scripted::new();
    let (store, job) = open(&backend);
    for _ in 0..3 {
        backend.then(Answer::Busy(Duration::from_millis(20)));
    }
    let start = Instant::now();
    job.persist_put("c", 1u64, b"").wait().unwrap();
    assert!(start.elapsed() >= Duration::from_millis(60));
    assert_eq!(backend.groups(), [1, 1, 1, 1]);
    store.close().wait().unwrap();
}

#[test]
fn backend_that_is_busy_at_once_keeps_no_processor_busy() {
    let backend = Scripted::new();
    let config = Config::new().close_timeout(Duration::from_millis(200));
    let (store, job) = open_with(&backend, config);
    backend.then(Answer::BusyForEver(Duration::ZERO));
    drop(job.persist_put("c", 1u64, b""));
    assert!(matches!(store.close().wait(), Err(Error::Busy { .. })));
    let calls = backend.groups().len();
    assert!((2..=201).contains(&calls), "{calls} calls in 200 ms");
}

#[test]
fn close_ends_the_wait_for_a_busy_backend() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let (store, job) = open(&backend);
        backend.then(Answer::Busy(Duration::from_secs(3_600)));
        let ticket = job.persist_put("c", 1u64, b"");
        while backend.groups().is_empty() {
            thread::yield_now();
        }
        store.close().wait().unwrap();
        ticket.wait().unwrap();
    });
}

#[test]
fn close_ends_a_wait_without_end() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let config = Config::new().close_timeout(Duration::MAX);
        let (store, job) = open_with(&backend, config);
        backend.then(Answer::Busy(Duration::MAX));
        let ticket = job.persist_put("c", 1u64, b"");
        while backend.groups().is_empty() {
            thread::yield_now();
        }
        store.close().wait().unwrap();
        ticket.wait().unwrap();
    });
}

#[test]
fn close_timeout_ends_the_wait_for_a_busy_backend() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let config = Config::new().close_timeout(Duration::from_millis(50));
        let (store, job) = open_with(&backend, config);
        backend.then(Answer::BusyForEver(Duration::from_secs(3_600)));
        let ticket = job.persist_put("c", 1u64, b"");
        assert!(matches!(store.close().wait(), Err(Error::Busy { .. })));
        assert!(matches!(ticket.wait(), Err(Error::Busy { .. })));
    });
}

#[test]
fn commit_in_doubt_is_reported_as_what_the_backend_finds_out() {
    for applied in [false, true] {
        let backend = Scripted::new();
        let (store, job) = open(&backend);
        backend.then(Answer::InDoubt { applied });
        backend.then(Answer::Busy(Duration::ZERO));
        job.persist_put("c", 1u64, b"").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
        job.persist_put("c", 2u64, b"").wait().unwrap();
        store.close().wait().unwrap();
    }
}

#[test]
fn commit_in_doubt_at_the_close_timeout_is_unknown() {
    let backend = Scripted::new();
    let config = Config::new().close_timeout(Duration::from_millis(20));
    let (store, job) = open_with(&backend, config);
    let release = backend.occupy(&job);
    backend.then(Answer::Apply);
    // Later calls return that the backend is busy, which must not hide that the first one was in doubt.
    backend.then(Answer::InDoubtForEver);
    let ticket = job.persist_put("c", 1u64, b"");
    release.send(()).unwrap();
    let end = store.close().wait();
    assert!(matches!(end, Err(Error::Unknown { .. })), "{end:?}");
    assert!(matches!(ticket.wait(), Err(Error::Unknown { .. })));
}

#[test]
fn full_disk_fails_the_write_and_the_job_goes_on() {
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
fn job_that_was_taken_over_or_has_lost_writes_accepts_no_more_writes() {
    let place = Place::new("job", None);
    for error in [
        Error::Fenced { place: place.clone() },
        Error::HistoryLost { place: place.clone(), reason: "an older copy".into() },
    ] {
        let backend = Scripted::new();
        let (store, job) = open(&backend);
        job.persist_put("c", 1u64, b"").wait().unwrap();
        backend.then(Answer::NotApplied(error.clone()));
        let expected = error.to_string();
        // The backend is called for the first write, and not for later ones.
        for _ in 0..3 {
            let refused = job.persist_put("c", 2u64, b"").wait().unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
        assert_eq!(backend.groups().len(), 2);
        assert_eq!(job.count("c", ..).wait().unwrap(), 1, "reads go on");
        store.close().wait().unwrap();
        let job = store.open_job("job").wait();
        assert!(matches!(job, Err(Error::Closed { .. })));
        let (_store, job) = open(&backend);
        job.persist_put("c", 2u64, b"").wait().unwrap();
    }
}

#[test]
fn error_of_a_closure_never_fails_the_job() {
    let other = Place::new("other", None);
    for error in [
        Error::Fenced { place: other.clone() },
        Error::HistoryLost { place: other.clone(), reason: "an older copy".into() },
        Error::Failed { place: other.clone(), source: None },
    ] {
        for backend in [Scripted::new(), Scripted::without_transactions()] {
            let (store, job) = open(&backend);
            // The closure reports an error of another job, for example of a job that it copies.
            let own = error.clone();
            let refused = job.transact(move |_| Err::<(), _>(own)).wait().unwrap_err();
            assert_eq!(refused.to_string(), error.to_string());
            job.persist_put("c", 1u64, b"").wait().unwrap();
            store.close().wait().unwrap();
        }
    }
}

#[test]
fn failed_outcome_is_the_last_call_of_the_backend() {
    let backend = Scripted::new();
    let (store, job) = open(&backend);
    backend
        .then(Answer::NotApplied(Error::Failed { place: Place::new("job", None), source: None }));
    for _ in 0..3 {
        assert!(matches!(job.persist_put("c", 1u64, b"").wait(), Err(Error::Failed { .. })));
    }
    assert_eq!(backend.groups().len(), 1);
    store.close().wait().unwrap();
}

#[test]
fn unreachable_server_delays_writes_until_the_close_timeout() {
    let backend = Scripted::new();
    let config = Config::new().close_timeout(Duration::from_millis(20));
    let (store, job) = open_with(&backend, config);
    let unavailable = Error::Unavailable { place: Place::new("job", None), source: None };
    backend.then(Answer::Retry(unavailable.clone()));
    job.persist_put("c", 1u64, b"").wait().unwrap();
    for _ in 0..1_000 {
        backend.then(Answer::Retry(unavailable.clone()));
    }
    let ticket = job.persist_put("c", 2u64, b"");
    assert!(matches!(store.close().wait(), Err(Error::Unavailable { .. })));
    assert!(matches!(ticket.wait(), Err(Error::Unavailable { .. })));
}

#[test]
fn unknown_outcome_fails_the_job_until_it_is_reopened() {
    let backend = Scripted::new();
    backend.then(Answer::Unknown);
    let (store, job) = open(&backend);
    let error = job.persist_put("c", 1u64, b"").wait().unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
    let error = job.persist_put("c", 2u64, b"").wait().unwrap_err();
    assert!(matches!(error, Error::Failed { .. }), "{error}");
    assert_eq!(job.count("c", ..).wait().unwrap(), 0, "reads still work");
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist_put("c", 3u64, b"").wait().unwrap();
}

#[test]
fn backend_panic_fails_the_job_and_no_caller_hangs() {
    let backend = Scripted::new();
    backend.then(Answer::Panic);
    let (store, job) = open(&backend);
    let error = job.persist_put("c", 1u64, b"").wait().unwrap_err();
    assert!(error.to_string().contains("a panic from the script"), "{error}");
    assert!(matches!(job.persist_put("c", 2u64, b"").wait(), Err(Error::Failed { .. })));
    store.close().wait().unwrap();
}

#[test]
fn missing_outcome_is_reported_as_unknown_and_fails_the_job() {
    let backend = Scripted::new();
    backend.then(Answer::NoOutcomes);
    let (_store, job) = open(&backend);
    assert!(matches!(job.persist_put("c", 1u64, b"").wait(), Err(Error::Unknown { .. })));
    assert!(matches!(job.persist_put("c", 2u64, b"").wait(), Err(Error::Failed { .. })));
    assert_eq!(backend.groups().len(), 1);
}

#[test]
fn surplus_outcome_is_ignored() {
    let backend = Scripted::new();
    backend.then(Answer::SurplusOutcome);
    let (store, job) = open(&backend);
    job.persist_put("c", 1u64, b"").wait().unwrap();
    assert!(job.last_error().is_none());
    store.close().wait().unwrap();
}

#[test]
fn failure_reported_by_no_ticket_is_reported_by_the_close() {
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
fn failure_reported_by_a_ticket_is_not_reported_again() {
    let backend = Scripted::new();
    backend.then(Answer::DiskFull);
    let (store, job) = open(&backend);
    assert!(job.persist_put("c", 1u64, b"").wait().is_err());
    assert!(job.last_error().is_none());
    store.close().wait().unwrap();
}

#[test]
fn refused_write_with_a_dropped_ticket_is_reported_by_the_close() {
    let (store, job) = open(&Scripted::new());
    drop(job.persist_put("c", 1u64, vec![0; (512 << 20) + 1]));
    assert!(matches!(job.last_error(), Some(Error::InvalidArgument { .. })));
    assert!(matches!(store.close().wait(), Err(Error::InvalidArgument { .. })));
}

#[test]
fn full_queue_blocks_the_caller_until_there_is_capacity() {
    let backend = Scripted::new();
    let config = Config::new().queue_limit_bytes(1_000);
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
        "the queue has no capacity for all writes"
    );
    release.send(()).unwrap();
    finished.recv().unwrap();
    writer.join().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 101);
    assert!(backend.groups().iter().all(|&batches| batches <= 4), "{:?}", backend.groups());
}

#[test]
fn jobs_together_stay_within_the_total_limit() {
    let backend = Scripted::new();
    let config = Config::new().total_queue_limit_bytes(500);
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
fn batch_larger_than_the_queue_is_admitted_alone() {
    let backend = Scripted::new();
    let config = Config::new().queue_limit_bytes(1_000);
    let (_store, job) = open_with(&backend, config);
    for n in 0..10u64 {
        job.persist_put("c", n, [0; 5_000]);
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 10);
    assert_eq!(backend.groups(), [1; 10]);
}

#[test]
fn close_wakes_callers_that_wait_for_capacity() {
    let backend = Scripted::new();
    let config = Config::new().queue_limit_bytes(300);
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
            Ok(_) => assert_eq!(refused, 0, "all writes after a refused one are refused"),
            Err(error) => {
                assert!(matches!(error, Error::Closed { .. }), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    let _ = closer.join().unwrap();
}

/// A waker that makes a blocking call, on the worker that calls it.
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
fn blocking_call_on_the_worker_returns_would_deadlock() {
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
        panic!("a panic of a waker");
    }
}

#[test]
fn panicking_waker_affects_no_other_caller() {
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
fn dropped_future_does_not_cancel_its_write() {
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
fn read_waits_for_earlier_writes() {
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
fn writes_of_one_group_share_a_commit_number_and_an_empty_batch_takes_the_last_one() {
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
