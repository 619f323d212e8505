//! The store without any particular async runtime: a waker is all that it needs.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use persist_core::request::Request;
use persist_core::{Committed, Error, Job, Memory, Persistency, Read, Rows, Scan, Ticket, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::runtime::{block_on, join_all};
use persist_tests::scripted::Scripted;
use persist_tests::watchdog::within_a_minute;

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn tickets_requests_reads_and_errors_can_be_sent_between_threads() {
    fn send_and_static<T: Send + 'static>() {}
    fn clone_send_sync<T: Clone + Send + Sync + 'static>() {}
    send_and_static::<Ticket<Committed>>();
    send_and_static::<Ticket<bool>>();
    send_and_static::<<Ticket<Committed> as IntoFuture>::IntoFuture>();
    send_and_static::<Request<Job>>();
    send_and_static::<<Request<Job> as IntoFuture>::IntoFuture>();
    send_and_static::<Read<'static, u64>>();
    send_and_static::<Scan<'static>>();
    send_and_static::<persist_core::rows::ScanIter>();
    send_and_static::<persist_core::ScanStream>();
    clone_send_sync::<Error>();
    clone_send_sync::<Persistency>();
    clone_send_sync::<Job>();
    clone_send_sync::<Rows>();
    clone_send_sync::<persist_core::RowBuf>();
}

/// Runs a test on each backend.
fn on_both<F: Future<Output = ()> + Send + 'static>(body: fn(Persistency) -> F) {
    within_a_minute(move || {
        block_on(assert_send(body(Persistency::open(Memory::new()).unwrap())));
        let root = tempfile::tempdir().unwrap();
        block_on(assert_send(body(Persistency::open(Sqlite::at(root.path())).unwrap())));
    });
}

#[test]
fn short_scan_runs_on_the_polling_thread() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        job.persist((0..200u64).map(|n| TxOp::put("c", n, b""))).await.unwrap();
        {
            let short = pin!(job.scan("c", ..).reverse().limit(100).into_future());
            let polled = short.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Ready(Ok(rows)) if rows.len() == 100));
        }
        assert_eq!(job.scan("c", ..).limit(101).await.unwrap().len(), 101);
    });
}

#[test]
fn awaited_calls_return_their_results() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        assert_eq!(job.persist_put("c", 1u64, b"1").await.unwrap().commit, 1);
        job.persist([TxOp::put("c", 2u64, b"2"), TxOp::put("c", 3u64, b"3")]).await.unwrap();
        job.persist_encoded("c", 4u64, "text").await.unwrap();
        assert_eq!(job.get("c", 1u64).await.unwrap().as_deref(), Some(&b"1"[..]));
        assert_eq!(job.get_as::<String>("c", 4u64).await.unwrap().as_deref(), Some("text"));
        assert!(job.exists("c", 2u64).await.unwrap());
        assert_eq!(job.count("c", ..).await.unwrap(), 4);
        assert_eq!(job.categories().await.unwrap(), [b"c"]);
        let rows = job.scan("c", 2u64..).reverse().limit(2).await.unwrap();
        assert_eq!(rows.first().unwrap().key().decode(), Ok(4u64));
        let rows = job.scan("c", ..).after(rows.last().unwrap().key()).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(job.scan_prefix("c", 4u64).await.unwrap().len(), 1);
        assert!(job.delete_acked("c", 1u64).await.unwrap());
        job.persist_delete("c", 2u64).await.unwrap();
        job.persist_delete_prefix("c", 3u64).await.unwrap();
        assert_eq!(store.count("job", "c", ..).await.unwrap(), 1);
        assert_eq!(store.stored_job_ids().await.unwrap(), ["job"]);
        store.close_job("job").await.unwrap();
        assert!(matches!(job.get("c", 4u64).await, Err(Error::Closed { .. })));
        store.drop_job("job").await.unwrap();
        assert!(matches!(store.close_job("job").await, Err(Error::JobNotFound { .. })));
        store.close().await.unwrap();
    });
}

#[test]
fn awaited_read_sees_writes_submitted_before_its_first_poll() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        for round in 0..200u64 {
            let (get, scan) = (job.get_as::<u64>("c", "k"), job.scan("c", ..));
            for n in 0..20u64 {
                job.persist_encoded("c", "k", &(round * 20 + n));
            }
            assert_eq!(get.await.unwrap(), Some(round * 20 + 19));
            assert_eq!(scan.await.unwrap().first().unwrap().decode(), Ok(round * 20 + 19));
        }
    });
}

#[test]
fn hundred_tasks_on_one_thread_complete() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        let tasks = (0..100u64).map(|task| {
            let job = job.clone();
            Box::pin(async move {
                for n in 0..10u64 {
                    job.persist_encoded("c", (task, n), &n).await.unwrap();
                    assert_eq!(job.get_as::<u64>("c", (task, n)).await.unwrap(), Some(n));
                }
                job.count("c", (task, 0u64)..(task, 10u64)).await.unwrap()
            }) as Pin<Box<dyn Future<Output = u64> + Send>>
        });
        assert_eq!(join_all(tasks).await, [10; 100]);
    });
}

#[test]
fn tickets_awaited_on_eight_threads_complete() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        let threads: Vec<_> = (0..8u64)
            .map(|thread| {
                let job = job.clone();
                thread::spawn(move || {
                    block_on(async move {
                        let tickets = (0..50u64).map(|n| job.persist_put("c", (thread, n), b""));
                        for sequence in join_all(tickets.collect::<Vec<_>>()).await {
                            sequence.unwrap();
                        }
                    });
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(job.count("c", ..).await.unwrap(), 400);
    });
}

#[test]
fn concurrent_opens_of_one_id_return_one_job() {
    on_both(|store| async move {
        let jobs = join_all((0..20).map(|_| store.open_job("job"))).await;
        let jobs: Vec<Job> = jobs.into_iter().map(Result::unwrap).collect();
        assert!(jobs.iter().all(|job| job.same_job(&jobs[0])));
    });
}

/// Returns a job whose next commit is stalled until something is sent.
fn stalled() -> (Persistency, Job, Sender<()>) {
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let release = backend.hold();
    (store, job, release)
}

fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn dropped_ticket_future_does_not_cancel_its_write() {
    within_a_minute(|| {
        let (store, job, release) = stalled();
        let mut future = job.persist_put("c", "k", b"1").into_future();
        assert!(poll_once(&mut future).is_pending());
        drop(future);
        // The same holds for a future that was never polled.
        drop(job.persist_put("c", "l", b"2").into_future());
        release.send(()).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2);
        store.close().wait().unwrap();
    });
}

#[test]
fn dropped_read_future_leaves_other_reads_running() {
    within_a_minute(|| {
        let (store, job, release) = stalled();
        let ticket = job.persist_put("c", "k", b"1");
        let mut get = job.get("c", "k").into_future();
        let mut scan = job.scan("c", ..).into_future();
        let mut count = job.count("c", ..).into_future();
        assert!(poll_once(&mut get).is_pending());
        assert!(poll_once(&mut scan).is_pending());
        assert!(poll_once(&mut count).is_pending());
        drop((get, scan));
        release.send(()).unwrap();
        assert_eq!(block_on(count).unwrap(), 1);
        ticket.wait().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn unpolled_request_future_does_nothing() {
    let store = Persistency::open(Memory::new()).unwrap();
    drop(store.open_job("job").into_future());
    assert_eq!(store.job_ids(), [""; 0]);
    let job = store.open_job("job").wait().unwrap();
    drop(store.close().into_future());
    assert!(job.is_open());
}

/// A waker that reports which thread's poll it belongs to.
struct ReportPoll(Sender<&'static str>, &'static str);

impl Wake for ReportPoll {
    fn wake(self: Arc<Self>) {
        // A spurious wake after the end of the test is ignored.
        let _ = self.0.send(self.1);
    }
}

#[test]
fn future_moved_between_threads_wakes_its_last_poller() {
    within_a_minute(|| {
        let (_store, job, release) = stalled();
        let (woken, wakes) = channel();
        let mut ticket = job.persist_put("c", "k", b"1").into_future();
        let mut get = job.get("c", "k").into_owned().into_future();
        let first = Waker::from(Arc::new(ReportPoll(woken.clone(), "first")));
        let mut context = Context::from_waker(&first);
        assert!(Pin::new(&mut ticket).poll(&mut context).is_pending());
        assert!(Pin::new(&mut get).poll(&mut context).is_pending());

        let moved = thread::spawn(move || {
            let second = Waker::from(Arc::new(ReportPoll(woken, "second")));
            let mut context = Context::from_waker(&second);
            assert!(Pin::new(&mut ticket).poll(&mut context).is_pending());
            assert!(Pin::new(&mut get).poll(&mut context).is_pending());
            (ticket, get)
        });
        let (ticket, get) = moved.join().unwrap();
        release.send(()).unwrap();
        assert_eq!(wakes.recv().unwrap(), "second");
        assert_eq!(wakes.recv().unwrap(), "second");
        let last = thread::spawn(move || block_on(async { (ticket.await, get.await) }));
        let (committed, payload) = last.join().unwrap();
        assert_eq!(committed.unwrap().commit, 1);
        assert_eq!(payload.unwrap().as_deref(), Some(&b"1"[..]));
        assert!(wakes.try_iter().all(|woken| woken == "second"));
    });
}

#[test]
fn repeated_poll_of_a_pending_future_is_harmless() {
    within_a_minute(|| {
        let (_store, job, release) = stalled();
        let mut future = pin!(job.persist_put("c", "k", b"1").into_future());
        for _ in 0..1_000 {
            assert!(poll_once(&mut future).is_pending());
        }
        release.send(()).unwrap();
        assert_eq!(block_on(future).unwrap().commit, 1);
    });
}

#[test]
fn failed_write_is_reported_by_its_future() {
    on_both(|store| async move {
        let job = store.open_job("job").await.unwrap();
        let too_long = persist_core::Key::from_bytes(vec![0; (16 << 20) + 1]);
        let error = job.persist_put("c", too_long, b"").await.unwrap_err();
        assert!(matches!(error, Error::InvalidArgument { .. }));
        assert!(job.last_error().is_none());
        store.close().await.unwrap();
    });
}

#[test]
fn last_handle_dropped_inside_a_task_loses_no_writes() {
    within_a_minute(|| {
        let root = tempfile::tempdir().unwrap();
        let open = || Persistency::open(Sqlite::at(root.path())).unwrap();
        block_on(async {
            let job = open().open_job("job").await.unwrap();
            for n in 0..5_000u64 {
                job.persist_put("c", n, b"");
            }
            drop(job);
        });
        block_on(async {
            let job = open().open_job("job").await.unwrap();
            assert_eq!(job.count("c", ..).await.unwrap(), 5_000);
        });
    });
}
