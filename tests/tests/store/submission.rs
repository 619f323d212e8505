//! Submission while the queue is full: asynchronous, fair, and with permits.

use std::cell::{Cell, RefCell};
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use persist_core::request::{Flush, FlushFuture, Submit, SubmitFuture};
use persist_core::{
    Committed, Config, Error, Job, Key, Permit, Persistency, Ticket, TryError, TxOp,
};
use persist_tests::runtime::{block_on, join_all};
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

/// The cost of an operation in addition to its bytes; also of a reservation for no bytes.
const OPERATION: usize = 128;
const RESERVATION: usize = OPERATION + 1_024;

/// A job whose worker is stalled in its first commit until the sender is used.
struct Stalled {
    job: Job,
    store: Persistency,
    backend: Scripted,
    release: Sender<()>,
}

impl Stalled {
    fn new(config: Config) -> Self {
        let backend = Scripted::new();
        let store = Persistency::open_with(backend.clone(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let release = backend.occupy(&job);
        Self { job, store, backend, release }
    }

    /// A stalled job whose queue has no capacity for any further operation.
    fn full(queue_limit_bytes: usize) -> Self {
        let stalled = Self::new(Config::new().queue_limit_bytes(queue_limit_bytes));
        while stalled.job.try_persist_put("filler", 0u64, [0; 100]).is_ok() {}
        while stalled.job.try_persist_delete("filler", Key::new()).is_ok() {}
        stalled
    }

    fn release(&self) {
        self.release.send(()).unwrap();
    }

    /// Commits the stalled write, and answers the later commits from the script.
    fn then(&self, answers: impl IntoIterator<Item = Answer>) {
        self.backend.then(Answer::Apply);
        answers.into_iter().for_each(|answer| self.backend.then(answer));
    }
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn put(n: u64) -> TxOp {
    TxOp::put("c", n, [0; 100])
}

/// Waits until another thread waits in the line of `job`. The queue has capacity for a delete, which is refused only
/// because of a line.
fn await_line(job: &Job) {
    let delete = [TxOp::delete("c", Key::new())];
    while poll_once(&mut job.reserve_for(&delete).into_future()).is_ready() {
        thread::yield_now();
    }
}

/// Waits until all capacity is released, which happens after the outcomes are known.
fn await_empty_queue(job: &Job) {
    while job.stats().wait().unwrap().queue_bytes > 0 {
        thread::yield_now();
    }
}

/// Lets other tasks of the runtime run.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn submit_into_full_queue_lets_other_tasks_of_a_current_thread_runtime_run() {
    type Task<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let job = &stalled.job;
        let written = Cell::new(0);
        // Each task writes. The last one releases the worker after it has run a thousand times.
        let batch: Task<'_> = Box::pin(async {
            job.submit([put(1)]).await.unwrap().await.unwrap();
            written.set(written.get() + 1);
        });
        let delete: Task<'_> = Box::pin(async {
            assert!(!job.submit_delete_acked("c", "missing").await.unwrap().await.unwrap());
            written.set(written.get() + 1);
        });
        let transaction: Task<'_> = Box::pin(async {
            let ticket = job.submit_transact(|tx| tx.count("filler", ..)).await.unwrap();
            assert_eq!(ticket.await.unwrap(), 1);
            written.set(written.get() + 1);
        });
        let sync: Task<'_> = Box::pin(async {
            job.submit_sync().await.unwrap().await.unwrap();
            written.set(written.get() + 1);
        });
        let permit: Task<'_> = Box::pin(async {
            job.reserve(0).await.unwrap().sync().await.unwrap();
            written.set(written.get() + 1);
        });
        let other: Task<'_> = Box::pin(async {
            for _ in 0..1_000 {
                yield_now().await;
                assert_eq!(written.get(), 0);
            }
            stalled.release();
        });
        block_on(join_all([batch, delete, transaction, sync, permit, other]));
        assert_eq!(written.get(), 5);
    });
}

#[test]
fn submit_future_held_unpolled_is_enqueued_and_does_not_delay_another_writer() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let mut held = stalled.job.submit([put(1)]).into_future();
        assert!(poll_once(&mut held).is_pending());
        stalled.release();
        // Neither this writer nor the read depends on a poll of the future.
        stalled.job.persist_put("c", 2u64, [0; 100]).wait().unwrap();
        assert!(stalled.job.exists("c", 1u64).wait().unwrap());
        let Poll::Ready(Ok(ticket)) = poll_once(&mut held) else { panic!("{held:?}") };
        assert_eq!(ticket.wait().unwrap().removed, 0);
    });
}

#[test]
fn reserve_future_held_unpolled_does_not_delay_another_writer() {
    within_a_minute(|| {
        let stalled = Stalled::full(4_000);
        let mut held = stalled.job.reserve(500).into_future();
        assert!(poll_once(&mut held).is_pending());
        stalled.release();
        let (sender, written) = channel();
        thread::spawn({
            let job = stalled.job.clone();
            move || sender.send(job.persist_put("c", 1u64, [0; 100]).wait())
        });
        let timeout = Duration::from_secs(5);
        written.recv_timeout(timeout).expect("the writer is not delayed").unwrap();
        // The reservation was granted meanwhile.
        assert!(matches!(poll_once(&mut held), Poll::Ready(Ok(_))));
    });
}

#[test]
fn granted_reserve_future_dropped_unpolled_releases_its_capacity() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let mut held = stalled.job.reserve(0).into_future();
        assert!(poll_once(&mut held).is_pending());
        let mut next = stalled.job.submit([put(1)]).into_future();
        assert!(poll_once(&mut next).is_pending());
        stalled.release();
        // The reservation exceeds the limit, so it is alone in the queue once it is granted.
        while stalled.job.stats().wait().unwrap().queue_bytes != RESERVATION {
            thread::yield_now();
        }
        assert!(poll_once(&mut next).is_pending(), "a granted reservation owns its capacity");
        drop(held);
        block_on(async { next.await.unwrap().await.unwrap() });
    });
}

#[test]
fn leaked_submit_future_is_enqueued_without_a_further_poll() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let mut leaked = stalled.job.clone().submit([put(1)]).into_owned().into_future();
        assert!(poll_once(&mut leaked).is_pending());
        std::mem::forget(leaked);
        stalled.release();
        stalled.job.persist_put("c", 2u64, [0; 100]).wait().unwrap();
        assert_eq!(stalled.job.count("c", ..).wait().unwrap(), 3);
    });
}

#[test]
fn submissions_take_effect_in_the_order_of_first_polls() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let job = &stalled.job;
        let write = |n: u64| job.submit([TxOp::put("c", "last", n.to_be_bytes())]).into_future();
        let mut futures: Vec<_> = (0..20).map(write).collect();
        // In another order than they were made in, and than they are polled in later.
        for n in (0..20).rev() {
            assert!(poll_once(&mut futures[n]).is_pending());
        }
        assert!(poll_once(&mut futures[7]).is_pending());
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut reads: Vec<_> = (0..20)
            .map(|_| {
                let seen = Arc::clone(&seen);
                let read = job.submit_transact(move |tx| {
                    seen.lock().unwrap().push(tx.get("c", "last")?);
                    Ok(())
                });
                read.into_future()
            })
            .collect();
        assert!(poll_once(&mut reads[0]).is_pending());
        stalled.release();
        let first = reads.swap_remove(0);
        block_on(async { first.await.unwrap().await.unwrap() });
        assert_eq!(*seen.lock().unwrap(), [Some(0u64.to_be_bytes().to_vec())]);
        let commits = futures.into_iter().map(|future| block_on(future).unwrap().wait().unwrap());
        let commits: Vec<u64> = commits.map(|committed| committed.commit).collect();
        assert!(commits.iter().rev().is_sorted(), "{commits:?}");
    });
}

#[test]
fn blocking_and_awaiting_callers_share_one_order() {
    within_a_minute(|| {
        // The first write leaves capacity for a delete, but not for these batches.
        let stalled = Stalled::new(Config::new().queue_limit_bytes(1_000));
        let job = &stalled.job;
        let batch = |n: u64| [TxOp::put("c", "last", n.to_be_bytes()), TxOp::put("c", n, [0; 700])];
        let blocked = thread::spawn({
            let (job, batch) = (job.clone(), batch(1));
            move || job.persist(batch).wait().unwrap().commit
        });
        await_line(job);
        let mut second = job.submit(batch(2)).into_future();
        assert!(poll_once(&mut second).is_pending());
        let mut third = job.submit(batch(3)).into_future();
        assert!(poll_once(&mut third).is_pending());
        stalled.release();
        let third = block_on(third).unwrap().wait().unwrap().commit;
        let second = block_on(second).unwrap().wait().unwrap().commit;
        let first = blocked.join().unwrap();
        assert_eq!([first, second, third], [2, 3, 4], "each has the queue to itself");
        assert_eq!(job.get("c", "last").wait().unwrap(), Some(3u64.to_be_bytes().to_vec()));
    });
}

#[test]
fn write_that_fits_does_not_overtake_a_waiting_submission() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::new().queue_limit_bytes(1_000));
        let job = &stalled.job;
        let mut large = job.submit([TxOp::put("c", 1u64, [0; 800])]).into_future();
        assert!(poll_once(&mut large).is_pending());
        let refused = job.try_persist_delete("c", 1u64).unwrap_err();
        assert!(matches!(refused.error, Error::QueueFull { .. }), "{refused}");
        let mut delete = job.submit_delete_acked("c", 1u64).into_future();
        assert!(poll_once(&mut delete).is_pending());
        stalled.release();
        assert!(block_on(delete).unwrap().wait().unwrap(), "the delete comes after the put");
        drop(large);
    });
}

#[test]
fn cancelled_submission_returns_its_operations_and_submits_nothing() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let job = &stalled.job;
        let unpolled = job.submit([put(1)]).into_future();
        assert_eq!(unpolled.cancel().unwrap(), [put(1)]);
        let batch = [put(1), TxOp::delete_prefix("c", 7u64), TxOp::delete_range("c", 8u64..9)];
        let mut waiting = job.submit(batch.clone()).into_future();
        assert!(poll_once(&mut waiting).is_pending());
        assert_eq!(waiting.cancel().unwrap(), batch);
        let mut transaction = job.submit_transact(|tx| tx.persist([put(2)])).into_future();
        assert!(poll_once(&mut transaction).is_pending());
        assert_eq!(transaction.cancel().unwrap(), []);
        stalled.release();
        job.sync().wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1, "only the first write of the test");
    });
}

#[test]
fn dropped_submission_leaves_the_line_to_the_next() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::new().queue_limit_bytes(1_000));
        let job = &stalled.job;
        let mut large = job.submit([TxOp::put("c", 1u64, [0; 800])]).into_future();
        assert!(poll_once(&mut large).is_pending());
        let mut middle = job.submit([TxOp::put("c", 2u64, [0; 800])]).into_future();
        assert!(poll_once(&mut middle).is_pending());
        let mut small = job.submit([TxOp::delete("c", 3u64)]).into_future();
        assert!(poll_once(&mut small).is_pending());
        // The small one is admitted as soon as it is first in the line, although the worker is stalled.
        drop(middle);
        assert!(poll_once(&mut small).is_pending());
        drop(large);
        let Poll::Ready(Ok(ticket)) = poll_once(&mut small) else { panic!("{small:?}") };
        stalled.release();
        ticket.wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    });
}

#[test]
fn awaited_transaction_with_its_own_error_waits_in_the_line_and_returns_that_error() {
    #[derive(Debug)]
    enum Refusal {
        Own,
        Store,
    }

    impl From<Error> for Refusal {
        fn from(_: Error) -> Self {
            Self::Store
        }
    }

    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let job = &stalled.job;
        let submit = || {
            job.submit_transact_with(|tx| {
                tx.persist([put(1)])?;
                Err::<(), _>(Refusal::Own)
            })
        };
        let (mut waiting, mut dropped) = (submit().into_future(), submit().into_future());
        assert!(poll_once(&mut waiting).is_pending() && poll_once(&mut dropped).is_pending());
        stalled.release();
        let refused = block_on(block_on(waiting).unwrap());
        assert!(matches!(refused, Err(Refusal::Own)), "{refused:?}");
        assert!(!job.exists("c", 1u64).wait().unwrap());
        // The error of the dropped ticket is kept as an error of the store.
        drop(block_on(dropped).unwrap());
        assert!(matches!(job.flush().wait(), Err(Error::RolledBack { .. })));
        stalled.store.close().wait().unwrap();
        let closed = submit().wait().unwrap_err();
        assert!(matches!(closed.error, Error::Closed { .. }), "{closed}");
    });
}

#[test]
fn cancelling_an_enqueued_submission_returns_its_ticket() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let mut waiting = stalled.job.submit([put(1)]).into_future();
        assert!(poll_once(&mut waiting).is_pending());
        stalled.release();
        while !stalled.job.exists("c", 1u64).wait().unwrap() {
            thread::yield_now();
        }
        let ticket = waiting.cancel().unwrap_err();
        assert!(ticket.wait().unwrap().commit > 1);
    });
}

struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn close_completes_waiting_submissions_with_closed_and_their_operations() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let Stalled { job, store, release, .. } = stalled;
        let woken = Arc::new(Wakes(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut batch = job.submit([put(1)]).into_future();
        assert!(Pin::new(&mut batch).poll(&mut context).is_pending());
        let mut transaction = job.submit_transact(|tx| tx.persist([put(2)])).into_future();
        assert!(Pin::new(&mut transaction).poll(&mut context).is_pending());
        let mut reserve = job.reserve(0).into_future();
        assert!(Pin::new(&mut reserve).poll(&mut context).is_pending());
        let mut cancelled = job.submit([put(3)]).into_future();
        assert!(Pin::new(&mut cancelled).poll(&mut context).is_pending());
        let closer = thread::spawn(move || store.close().wait());
        while job.is_open() {
            thread::yield_now();
        }
        let refused = block_on(batch).unwrap_err();
        assert!(matches!(refused.error, Error::Closed { .. }), "{refused}");
        assert_eq!(refused.ops, [put(1)]);
        let refused = block_on(transaction).unwrap_err();
        assert!(matches!(refused.error, Error::Closed { .. }) && refused.ops.is_empty());
        assert!(matches!(block_on(reserve), Err(Error::Closed { .. })));
        assert_eq!(cancelled.cancel().unwrap(), [put(3)]);
        let refused = job.submit([put(4)]).wait().unwrap_err();
        assert!(matches!(refused.error, Error::Closed { .. }) && refused.ops == [put(4)]);
        release.send(()).unwrap();
        closer.join().unwrap().unwrap();
        assert!((2..=4).contains(&woken.0.load(SeqCst)), "every waiting submission was woken");
    });
}

#[test]
fn submit_of_too_long_operations_returns_them() {
    let stalled = Stalled::full(1_000);
    let long = TxOp::put("c", Key::from_bytes(vec![0; (16 << 20) + 1]), b"");
    for refused in [
        stalled.job.submit([put(1), long.clone()]).wait().unwrap_err(),
        block_on(stalled.job.submit([put(1), long.clone()])).unwrap_err(),
    ] {
        let TryError { error, ops, .. } = refused;
        assert!(matches!(error, Error::InvalidArgument { .. }), "{error}");
        assert_eq!(ops, [put(1), long.clone()]);
    }
    let refused = stalled.job.reserve_for(&[long]).wait().unwrap_err();
    assert!(matches!(refused, Error::InvalidArgument { .. }), "{refused}");
    stalled.release();
    assert!(stalled.job.last_error().is_none(), "the callers have the errors");
}

#[test]
fn submit_of_no_operations_completes_at_once() {
    let stalled = Stalled::full(1_000);
    let no_ops: [TxOp; 0] = [];
    assert_eq!(block_on(stalled.job.submit(no_ops)).unwrap().wait().unwrap().commit, 0);
    stalled.release();
}

#[test]
fn submit_wait_blocks_until_there_is_capacity() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let blocked = thread::spawn({
            let job = stalled.job.clone();
            move || job.submit([put(1)]).wait().unwrap().wait().unwrap()
        });
        stalled.release();
        blocked.join().unwrap();
        assert!(stalled.job.exists("c", 1u64).wait().unwrap());
    });
}

/// A waker that makes a blocking submission, on the worker that calls it.
struct SubmittingWaker {
    job: Job,
    result: std::sync::Mutex<Sender<Result<(), TryError>>>,
}

impl Wake for SubmittingWaker {
    fn wake(self: Arc<Self>) {
        let large = TxOp::put("c", 9u64, [0; 5_000]);
        let result = self.job.submit([large]).wait().map(drop);
        self.result.lock().unwrap().send(result).unwrap();
    }
}

#[test]
fn blocking_submission_on_the_worker_returns_would_deadlock_and_its_operations() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_000);
        let (sender, result) = channel();
        let waker = SubmittingWaker { job: stalled.job.clone(), result: sender.into() };
        let waker = Waker::from(Arc::new(waker));
        let mut waiting = stalled.job.submit([put(1)]).into_future();
        assert!(Pin::new(&mut waiting).poll(&mut Context::from_waker(&waker)).is_pending());
        stalled.release();
        let refused = result.recv().unwrap().unwrap_err();
        assert!(matches!(refused.error, Error::WouldDeadlock), "{refused}");
        assert_eq!(refused.ops.len(), 1);
        block_on(waiting).unwrap().wait().unwrap();
        // It has left the line.
        stalled.job.persist_put("c", 2u64, b"").wait().unwrap();
    });
}

#[test]
fn submission_waits_for_the_capacity_of_all_jobs_and_another_jobs_worker_enqueues_it() {
    within_a_minute(|| {
        let config = Config::new().total_queue_limit_bytes(100);
        let stalled = Stalled::new(config);
        let other = stalled.store.open_job("other").wait().unwrap();
        let mut held = other.submit([put(1)]).into_future();
        assert!(poll_once(&mut held).is_pending());
        let mut again = other.submit_sync().into_future();
        assert!(poll_once(&mut again).is_pending());
        stalled.release();
        other.persist_put("c", 2u64, b"").wait().unwrap();
        assert_eq!(other.count("c", ..).wait().unwrap(), 2);
        block_on(async { again.await.unwrap().await.unwrap() });
        block_on(async { held.await.unwrap().await.unwrap() });
    });
}

#[test]
fn submissions_of_many_tasks_and_threads_pass_through_a_small_queue() {
    within_a_minute(|| {
        let stalled = Stalled::full(1_500);
        let job = &stalled.job;
        stalled.release();
        let threads: Vec<_> = (0..3u64)
            .map(|thread| {
                let job = job.clone();
                thread::spawn(move || {
                    for n in 0..200u64 {
                        job.persist_put("thread", (thread, n), [0; 300]);
                    }
                })
            })
            .collect();
        let tasks = (0..32u64).map(|task| {
            let job = job.clone();
            async move {
                for n in 0..20u64 {
                    match n % 4 {
                        0 => drop(
                            job.submit([TxOp::put("task", (task, n), [0; 300])]).await.unwrap(),
                        ),
                        1 => {
                            let put = move |tx: &persist_core::Transaction<'_>| {
                                tx.persist_put("task", (task, n), [0; 300])
                            };
                            drop(job.submit_transact(put).await.unwrap());
                        }
                        2 => {
                            let ops = [TxOp::put("task", (task, n), [0; 300])];
                            drop(job.reserve_for(&ops).await.unwrap().persist(ops));
                        }
                        // Some submissions are dropped at any point.
                        _ => drop(poll_once(&mut job.submit([put(task)]).into_future())),
                    }
                }
            }
        });
        block_on(join_all(tasks.map(Box::pin)));
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(job.count("task", ..).wait().unwrap(), 32 * 15);
        assert_eq!(job.count("thread", ..).wait().unwrap(), 600);
        await_empty_queue(job);
    });
}

#[test]
fn reserve_above_payload_limit_is_refused_with_both_numbers() {
    let config = Config::new().payload_limit_bytes(1_000);
    let store = Persistency::open_with(Scripted::new(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for bytes in [1_001, 1 << 40, usize::MAX - RESERVATION, usize::MAX] {
        for refused in [job.reserve(bytes).wait(), block_on(job.reserve(bytes))] {
            let Err(error @ Error::InvalidArgument { .. }) = refused else {
                panic!("{bytes}: {refused:?}")
            };
            let text = error.to_string();
            assert!(text.contains(&bytes.to_string()) && text.contains("1000"), "{text}");
        }
    }
    drop(job.reserve(1_000).wait().unwrap());
    job.persist_put("c", 1u64, b"").wait().unwrap();
}

#[test]
fn reserve_for_reserves_the_documented_cost() {
    let store = Persistency::open(Scripted::new()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let cost = |ops: &[TxOp]| {
        let permit = job.reserve_for(ops).wait().unwrap();
        let cost = job.stats().wait().unwrap().queue_bytes;
        drop(permit);
        assert_eq!(job.stats().wait().unwrap().queue_bytes, 0);
        cost
    };
    let key = Key::from_bytes(*b"12345");
    let put = TxOp::put("cat", key.clone(), [0; 70]);
    let (start, stop) = (key.clone(), Key::from_bytes(*b"1234567"));
    assert_eq!(cost(&[]), 0);
    assert_eq!(cost(std::slice::from_ref(&put)), OPERATION + 3 + 5 + 70);
    assert_eq!(cost(&[TxOp::delete("cat", key.clone())]), OPERATION + 3 + 5);
    assert_eq!(cost(&[TxOp::delete_prefix("cat", key.clone())]), OPERATION + 3 + 5);
    assert_eq!(cost(&[TxOp::delete_range("cat", start..stop)]), OPERATION + 3 + 5 + 7);
    assert_eq!(cost(&[put.clone(), put]), 2 * (OPERATION + 3 + 5 + 70));
}

#[test]
fn permit_makes_every_kind_of_write_in_a_full_queue() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::new().queue_limit_bytes(20_000));
        let job = &stalled.job;
        let permits: Vec<Permit> = (0..10).map(|_| job.reserve(10).wait().unwrap()).collect();
        while job.try_persist_put("filler", 0u64, [0; 100]).is_ok() {}
        let mut permits = permits.into_iter();
        let mut permit = || permits.next().unwrap();
        let batch = permit().persist([TxOp::put("p", 1u64, b"1"), TxOp::put("p", 2u64, b"2")]);
        let one = permit().persist_put("p", 3u64, b"3");
        let encoded = permit().persist_encoded("p", 4u64, &4u64);
        let delete = permit().persist_delete("p", 1u64);
        let acked = permit().delete_acked("p", 2u64);
        let prefix = permit().persist_delete_prefix("p", 3u64);
        let range = permit().persist_delete_range("p", 9u64..);
        let transaction = permit().transact(|tx| tx.count("p", ..));
        let other = permit().transact_with(|_| Err::<(), _>(Error::WouldDeadlock));
        let sync = permit().sync();
        stalled.release();
        assert_eq!(batch.wait().unwrap().removed, 0);
        assert_eq!(one.wait().unwrap().removed, 0);
        assert_eq!(encoded.wait().unwrap().removed, 0);
        assert_eq!(delete.wait().unwrap().removed, 1);
        assert!(acked.wait().unwrap());
        assert_eq!(prefix.wait().unwrap().removed, 1);
        assert_eq!(range.wait().unwrap().removed, 0);
        assert_eq!(transaction.wait().unwrap(), 1);
        assert!(matches!(other.wait(), Err(Error::WouldDeadlock)));
        sync.wait().unwrap();
        await_empty_queue(job);
    });
}

#[test]
fn removed_sums_the_deletes_of_a_batch_of_any_form() {
    let store = Persistency::open(Scripted::new()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let rows = || job.persist((0..10u64).map(|n| TxOp::put("c", n, b""))).wait().unwrap();
    assert_eq!((rows().removed, rows().removed), (0, 0), "a replaced row is not removed");
    let ops = [TxOp::delete("c", 0u64), TxOp::delete("c", 0u64), TxOp::delete_range("c", 1u64..4)];
    let committed = job.persist(ops.clone()).wait().unwrap();
    assert_eq!((committed.removed, committed.commit), (4, 3));
    rows();
    assert_eq!(block_on(job.submit(ops.clone())).unwrap().wait().unwrap().removed, 4);
    rows();
    assert_eq!(job.try_persist(ops.clone()).unwrap().wait().unwrap().removed, 4);
    rows();
    assert_eq!(store.persist("job", ops.clone()).wait().unwrap().removed, 4);
    rows();
    assert_eq!(job.reserve_for(&ops).wait().unwrap().persist(ops).wait().unwrap().removed, 4);
    assert_eq!(job.persist_delete_prefix("c", 9u64).wait().unwrap().removed, 1);
    assert_eq!(job.try_persist_delete_range("c", ..6u64).unwrap().wait().unwrap().removed, 2);
    assert_eq!(job.persist_delete("c", 0u64).wait().unwrap().removed, 0);
    assert_eq!(store.persist_delete("job", "c", 6u64).wait().unwrap().removed, 1);
}

#[test]
fn mapped_ticket_returns_the_mapped_result() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::default());
        let job = &stalled.job;
        let waited = job.persist_delete("c", "first").map(|committed| committed.removed > 0);
        let awaited = job.transact(|tx| tx.count("c", ..)).map(|n| n + 10).map(|n| n.to_string());
        let refused = job.persist([TxOp::delete("c", Key::from_bytes(vec![0; (16 << 20) + 1]))]);
        let refused = refused.map(|committed| committed.removed);
        let calls = Arc::new(AtomicUsize::new(0));
        let dropped = job.persist_put("c", 1u64, b"").map({
            let calls = Arc::clone(&calls);
            move |_| calls.fetch_add(1, SeqCst)
        });
        drop(dropped);
        let elsewhere = job.sync().map(|()| RefCell::new(7));
        stalled.release();
        assert!(waited.wait().unwrap());
        assert_eq!(block_on(awaited).unwrap(), "10");
        assert!(matches!(refused.wait(), Err(Error::InvalidArgument { .. })));
        let elsewhere = thread::spawn(move || elsewhere.wait().unwrap().into_inner());
        assert_eq!(elsewhere.join().unwrap(), 7);
        assert!(job.exists("c", 1u64).wait().unwrap(), "a dropped ticket doesn't cancel its write");
        assert_eq!(calls.load(SeqCst), 0);
    });
}

#[test]
fn failure_of_a_mapped_ticket_is_reported_once() {
    let stalled = Stalled::new(Config::default());
    stalled.then([Answer::DiskFull]);
    let failed = stalled.job.persist_put("c", 1u64, b"").map(|committed| committed.commit);
    stalled.release();
    assert!(matches!(failed.wait(), Err(Error::DiskFull { .. })));
    stalled.job.flush().wait().unwrap();
    assert!(stalled.job.last_error().is_none());
}

#[test]
fn mapped_read_is_lazy_and_returns_the_mapped_result() {
    let store = Persistency::open(Scripted::new()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let len = job.get("c", 1u64).map(|payload| payload.map_or(0, |payload| payload.len()));
    let owned = job.count("c", ..).map(|rows| rows * 2).into_owned();
    let offloaded = job.exists("c", 1u64).offload().map(|_| thread::current().id());
    // The reads see writes that were submitted after the reads were created.
    job.persist_put("c", 1u64, [0; 5]);
    assert_eq!(len.wait().unwrap(), 5);
    assert_eq!(block_on(owned).unwrap(), 2);
    assert_ne!(block_on(offloaded).unwrap(), thread::current().id());
    store.close().wait().unwrap();
    let closed = job.get("c", 1u64).map(|_| panic!("a read that fails is not mapped")).wait();
    assert!(matches!(closed, Err::<(), _>(Error::Closed { .. })));
}

#[test]
fn flush_waits_for_earlier_writes_only() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::default());
        let job = &stalled.job;
        job.persist_put("c", 1u64, b"");
        let mut flush = job.flush().into_future();
        assert!(poll_once(&mut flush).is_pending());
        // The next write is in a group of its own, which stalls, too.
        job.transact(|_| Ok(()));
        stalled.then([Answer::Apply]);
        let after = stalled.backend.hold();
        job.persist_put("c", 2u64, b"");
        stalled.release();
        block_on(flush).unwrap();
        assert_eq!(job.count("c", ..).committed().wait().unwrap(), 2);
        let blocked = thread::spawn({
            let job = job.clone();
            move || job.flush().wait()
        });
        after.send(()).unwrap();
        blocked.join().unwrap().unwrap();
        assert!(job.exists("c", 2u64).committed().wait().unwrap());
        job.flush().wait().unwrap();
    });
}

#[test]
fn flush_reports_the_first_earlier_failure_that_no_ticket_reported() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::default());
        let job = &stalled.job;
        stalled.then([Answer::DiskFull, Answer::DiskFull, Answer::Apply, Answer::DiskFull]);
        // Each write is in a group of its own.
        let reported = job.persist_put("c", 1u64, b"");
        drop(job.transact(|_| Ok(())));
        drop(job.persist_put("c", 2u64, b""));
        drop(job.transact(|_| Ok(())));
        drop(job.persist_put("c", 3u64, b""));
        let mut flush = job.flush().into_future();
        assert!(poll_once(&mut flush).is_pending());
        drop(job.transact(|_| Err::<(), _>(Error::Unsupported { what: "after it".into() })));
        drop(job.persist([TxOp::delete("c", Key::from_bytes(vec![0; (16 << 20) + 1]))]));
        drop(job.persist_put("c", 4u64, b""));
        stalled.release();
        assert!(matches!(reported.wait(), Err(Error::DiskFull { .. })));
        job.sync().wait().unwrap();
        assert!(
            matches!(block_on(flush), Err(Error::DiskFull { .. })),
            "the error of the second write"
        );
        // The failures after the first flush, in their order.
        let rest: Vec<Error> = (0..3).map(|_| job.flush().wait().unwrap_err()).collect();
        assert!(
            matches!(
                rest[..],
                [Error::InvalidArgument { .. }, Error::Unsupported { .. }, Error::DiskFull { .. }]
            ),
            "{rest:?}"
        );
        job.flush().wait().unwrap();
        assert!(job.last_error().is_none());
        stalled.store.close().wait().unwrap();
    });
}

#[test]
fn flush_of_a_shared_group_reports_only_earlier_writes_of_it() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::default());
        let job = &stalled.job;
        stalled.then([Answer::DiskFull]);
        let before = job.persist_put("c", 1u64, b"");
        let mut flush = job.flush().into_future();
        assert!(poll_once(&mut flush).is_pending());
        drop(job.persist_put("c", 2u64, b""));
        stalled.release();
        assert!(before.wait().is_err());
        block_on(flush).unwrap();
        assert!(matches!(job.flush().wait(), Err(Error::DiskFull { .. })));
    });
}

#[test]
fn flush_reports_writes_whose_outcome_the_backend_did_not_report() {
    within_a_minute(|| {
        let stalled = Stalled::new(Config::default());
        stalled.then([Answer::NoOutcomes]);
        drop(stalled.job.persist_put("c", 1u64, b""));
        let mut flush = stalled.job.flush().into_future();
        assert!(poll_once(&mut flush).is_pending());
        stalled.release();
        assert!(matches!(block_on(flush), Err(Error::Unknown { .. })));
    });
}

#[test]
fn flush_after_close_returns_closed() {
    let store = Persistency::open(Scripted::new()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let flush = job.flush().into_owned();
    store.close().wait().unwrap();
    assert!(matches!(flush.wait(), Err(Error::Closed { .. })));
    assert!(matches!(block_on(job.flush()), Err(Error::Closed { .. })));
    assert!(matches!(store.job("job"), Err(Error::Closed { .. })));
}

#[test]
fn submissions_and_flushes_can_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send::<Submit<'static, RefCell<u8>>>();
    is_send::<SubmitFuture<'static, RefCell<u8>>>();
    is_send_and_sync::<Flush<'static>>();
    is_send_and_sync::<FlushFuture<'static>>();
    is_send_and_sync::<Ticket<RefCell<u8>>>();
    is_send_and_sync::<Committed>();
}

#[test]
fn try_error_converts_into_its_error() {
    fn refuse(job: &Job) -> Result<(), Error> {
        job.try_persist([put(1)])?;
        Ok(())
    }
    let stalled = Stalled::full(1_000);
    assert!(matches!(refuse(&stalled.job), Err(Error::QueueFull { .. })));
    stalled.release();
}
