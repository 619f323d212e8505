//! Values of callers that panic when a thread of the store drops them: the thread continues, and no caller hangs.

use std::fmt;
use std::future::IntoFuture;
use std::panic::panic_any;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Wake, Waker};
use std::thread;

use persist_core::error::Place;
use persist_core::port::{
    Backend, Commit, CompactStep, Group, Location, OpenOptions, OpenedJob, WriteTransaction, Writer,
};
use persist_core::{Config, Error, Job, Memory, Persistency};
use persist_tests::runtime::block_on;
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

/// Sends a message and panics when it is dropped.
struct PanicsOnDrop(Sender<()>);

impl PanicsOnDrop {
    fn new() -> (Self, Receiver<()>) {
        let (dropping, dropped) = channel();
        (Self(dropping), dropped)
    }
}

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(());
        // A second panic while the thread panics would abort the process: that is a rule of the language.
        assert!(thread::panicking(), "a value panics when it is dropped");
    }
}

impl fmt::Debug for PanicsOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PanicsOnDrop")
    }
}

impl fmt::Display for PanicsOnDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error that panics when it is dropped")
    }
}

impl std::error::Error for PanicsOnDrop {}

/// An error type of a caller.
#[derive(Debug)]
enum Refusal {
    #[expect(dead_code, reason = "it is only dropped")]
    Own(PanicsOnDrop),
    #[expect(dead_code, reason = "it is only dropped")]
    Store(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

fn open(backend: &Scripted) -> (Persistency, Job) {
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Returns the closure of a transaction that drops a value.
fn dropping(
    value: PanicsOnDrop,
) -> impl FnOnce(&persist_core::Transaction<'_>) -> Result<(), Error> {
    move |_| {
        drop(value);
        Ok(())
    }
}

/// Asserts that the job writes and reads, and that its store closes without an error.
fn assert_goes_on(store: &Persistency, job: &Job) {
    job.persist_put("after", 1u64, b"1").wait().unwrap();
    job.transact(|tx| tx.persist_put("after", 2u64, b"2")).wait().unwrap();
    assert_eq!(block_on(job.count("after", ..)).unwrap(), 2);
    store.close().wait().unwrap();
}

#[test]
fn transaction_result_that_panics_on_drop_leaves_the_job_running() {
    within_a_minute(|| {
        let (store, job) = open(&Scripted::new());
        let (value, dropped) = PanicsOnDrop::new();
        let (go, gone) = channel::<()>();
        let ticket = job.transact(move |_| {
            gone.recv().unwrap();
            Ok(value)
        });
        drop(ticket);
        go.send(()).unwrap();
        dropped.recv().unwrap();
        assert_goes_on(&store, &job);
    });
}

#[test]
fn transaction_result_that_panics_on_drop_after_an_overlay_is_committed_leaves_the_job_running() {
    within_a_minute(|| {
        let backend = Scripted::without_transactions();
        let store = Persistency::open(backend.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let (value, dropped) = PanicsOnDrop::new();
        let release = backend.hold();
        // The ticket is dropped, so only the closure holds the result.
        drop(job.transact(move |tx| {
            tx.persist_put("c", 1u64, b"")?;
            Ok(value)
        }));
        release.send(()).unwrap();
        dropped.recv().unwrap();
        job.persist_put("c", 2u64, b"").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2);
        store.close().wait().unwrap();
    });
}

#[test]
fn transaction_error_that_panics_on_drop_leaves_the_job_running() {
    within_a_minute(|| {
        let (store, job) = open(&Scripted::new());
        let (value, dropped) = PanicsOnDrop::new();
        let (go, gone) = channel::<()>();
        let ticket = job.transact_with(move |_| {
            gone.recv().unwrap();
            Err::<(), _>(Refusal::Own(value))
        });
        drop(ticket);
        go.send(()).unwrap();
        dropped.recv().unwrap();
        // The close reports the failure that no ticket has reported.
        job.persist_put("c", 1u64, b"").wait().unwrap();
        assert!(matches!(store.close().wait(), Err(Error::RolledBack { .. })));
    });
}

#[test]
fn panic_payload_that_panics_on_drop_is_reported_as_a_panic() {
    within_a_minute(|| {
        let (store, job) = open(&Scripted::new());
        for _ in 0..3 {
            let (value, dropped) = PanicsOnDrop::new();
            let ticket = job.transact(move |_| -> Result<(), Error> { panic_any(value) });
            assert!(matches!(ticket.wait(), Err(Error::Panicked { .. })));
            dropped.recv().unwrap();
        }
        assert_goes_on(&store, &job);
    });
}

#[test]
fn closure_that_never_runs_and_panics_on_drop_leaves_the_worker_running() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let (store, job) = open(&backend);
        backend.then(Answer::Unknown);
        assert!(matches!(job.persist_put("c", 1u64, b"").wait(), Err(Error::Unknown { .. })));
        let (value, dropped) = PanicsOnDrop::new();
        let ticket = job.transact(move |_| {
            drop(value);
            Ok(())
        });
        assert!(matches!(ticket.wait(), Err(Error::Failed { .. })));
        dropped.recv().unwrap();
        // The job has failed but its worker runs: each further write gets a result.
        for n in 0..3u64 {
            let refused = job.persist_put("c", n, b"").wait();
            assert!(matches!(refused, Err(Error::Failed { .. })), "{refused:?}");
        }
        store.close().wait().unwrap();
        let job = store.open_job("job").wait();
        assert!(matches!(job, Err(Error::Closed { .. })));
    });
}

#[test]
fn closure_whose_captured_value_panics_on_drop_is_reported_as_a_panic() {
    within_a_minute(|| {
        let (store, job) = open(&Scripted::new());
        for _ in 0..3 {
            let (value, dropped) = PanicsOnDrop::new();
            let ticket = job.transact(dropping(value));
            assert!(matches!(ticket.wait(), Err(Error::Panicked { .. })));
            dropped.recv().unwrap();
        }
        assert_goes_on(&store, &job);
    });
}

/// A memory backend whose writer panics after its second commit, in a call that the engine doesn't guard.
#[derive(Debug, Default)]
struct Faulty(Memory);

struct FaultyWriter {
    writer: Box<dyn Writer>,
    commits: u32,
}

impl Backend for Faulty {
    fn identity(&self) -> String {
        self.0.identity()
    }

    fn check(&self) -> Result<(), Error> {
        self.0.check()
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        self.0.locate(id)
    }

    fn open_job(&self, id: &str, options: &OpenOptions) -> Result<OpenedJob, Error> {
        let OpenedJob { writer, reader } = self.0.open_job(id, options)?;
        Ok(OpenedJob { writer: Box::new(FaultyWriter { writer, commits: 0 }), reader })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        self.0.drop_job(id)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        self.0.stored_job_ids()
    }
}

impl Writer for FaultyWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        self.commits += 1;
        self.writer.commit(group)
    }

    fn sync(&mut self) -> Commit {
        self.writer.sync()
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        self.commits += 1;
        self.writer.transact(run)
    }

    fn logged_bytes(&self) -> u64 {
        assert!(self.commits < 2, "the writer is faulty");
        self.writer.logged_bytes()
    }

    fn compact(&mut self, step: CompactStep) -> Commit {
        self.writer.compact(step)
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        self.writer.close()
    }
}

#[test]
fn queued_closures_that_panic_on_drop_are_resolved_when_the_worker_is_lost() {
    within_a_minute(|| {
        let store = Persistency::open(Faulty::default()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let (go, gone) = channel::<()>();
        job.transact(|_| Ok(())).wait().unwrap();
        let running = job.transact(move |_| {
            gone.recv().unwrap();
            Ok(())
        });
        let (tickets, dropped): (Vec<_>, Vec<_>) = (0..3)
            .map(|_| {
                let (value, dropped) = PanicsOnDrop::new();
                (job.transact(dropping(value)), dropped)
            })
            .unzip();
        go.send(()).unwrap();
        assert!(matches!(running.wait(), Err(Error::Unknown { .. })));
        for ticket in tickets {
            assert!(matches!(ticket.wait(), Err(Error::Panicked { .. })));
        }
        for dropped in dropped {
            dropped.recv().unwrap();
        }
        assert!(store.close().wait().is_err());
    });
}

#[test]
fn cause_of_an_error_that_panics_on_drop_leaves_the_job_running() {
    within_a_minute(|| {
        let (store, job) = open(&Scripted::new());
        // More failures than the job remembers, so that the oldest are dropped while the job runs.
        let dropped: Vec<_> = (0..1_100)
            .map(|_| {
                let (value, dropped) = PanicsOnDrop::new();
                drop(job.transact(move |_| {
                    let place = Place::new("elsewhere", None);
                    Err::<(), _>(Error::Busy { place, source: Some(Arc::new(value)) })
                }));
                dropped
            })
            .collect();
        job.persist_put("c", 1u64, b"").wait().unwrap();
        assert_eq!(dropped.iter().filter(|dropped| dropped.try_recv().is_ok()).count(), 100);
        let first = store.close().wait().unwrap_err();
        assert!(matches!(first, Error::Busy { .. }));
        // The remaining ones would panic here.
        std::mem::forget((first, store, job));
    });
}

/// A waker that panics when it wakes, or only when it is dropped.
struct PanickingWaker {
    on_wake: bool,
    value: PanicsOnDrop,
}

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        let _ = self.value.0.send(());
        if self.on_wake {
            let (payload, _) = PanicsOnDrop::new();
            panic_any(payload);
        }
    }
}

#[test]
fn waker_that_panics_leaves_the_others_woken_and_the_job_running() {
    within_a_minute(|| {
        for on_wake in [true, false] {
            let backend = Scripted::new();
            let (store, job) = open(&backend);
            let release = backend.occupy(&job);
            let (value, woken) = PanicsOnDrop::new();
            let waker = Waker::from(Arc::new(PanickingWaker { on_wake, value }));
            let mut panicking = Box::pin(job.persist_put("c", 1u64, b"").into_future());
            assert!(panicking.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            // The store then drops the last reference.
            drop(waker);
            let other = job.persist_put("c", 2u64, b"");
            release.send(()).unwrap();
            block_on(other).unwrap();
            woken.recv().unwrap();
            drop(panicking);
            assert_goes_on(&store, &job);
        }
    });
}

#[test]
fn reads_whose_panic_payload_panics_on_drop_leave_the_pool_running() {
    within_a_minute(|| {
        let config = Config::new().reader_threads(2);
        let store = Persistency::open_with(Memory::new(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for _ in 0..5 {
            let (value, dropped) = PanicsOnDrop::new();
            let read = job.read(move |_| -> Result<(), Error> { panic_any(value) });
            assert!(matches!(block_on(read), Err(Error::Panicked { .. })));
            dropped.recv().unwrap();
        }
        assert_goes_on(&store, &job);
    });
}

#[test]
fn read_result_that_panics_on_drop_leaves_the_pool_running() {
    within_a_minute(|| {
        let config = Config::new().reader_threads(1);
        let store = Persistency::open_with(Memory::new(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for _ in 0..3 {
            let (value, dropped) = PanicsOnDrop::new();
            let (go, gone) = channel::<()>();
            let (starts, started) = channel();
            let read = job.read(move |_| {
                starts.send(()).unwrap();
                gone.recv().unwrap();
                Ok::<_, Error>(value)
            });
            {
                let mut future = pin!(read.into_future());
                let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(poll.is_pending());
                started.recv().unwrap();
            }
            // The future was dropped, so the result is dropped on the thread that made it.
            go.send(()).unwrap();
            dropped.recv().unwrap();
        }
        assert_goes_on(&store, &job);
    });
}

#[test]
fn awaited_read_with_a_panicking_waker_leaves_the_pool_running() {
    struct Panics(AtomicUsize, Sender<()>);
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
            self.1.send(()).unwrap();
            let (payload, _) = PanicsOnDrop::new();
            panic_any(payload);
        }
    }
    within_a_minute(|| {
        let config = Config::new().reader_threads(1);
        let store = Persistency::open_with(Memory::new(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for _ in 0..3 {
            let (waking, woken) = channel();
            let (go, gone) = channel::<()>();
            let mut read = pin!(
                job.read(move |_| {
                    gone.recv().unwrap();
                    Ok::<_, Error>(())
                })
                .into_future()
            );
            let waker = Waker::from(Arc::new(Panics(AtomicUsize::new(0), waking)));
            assert!(read.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            go.send(()).unwrap();
            woken.recv().unwrap();
            block_on(read).unwrap();
        }
        assert_goes_on(&store, &job);
    });
}
