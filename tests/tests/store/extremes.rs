//! Durations and sizes at the largest values of their types.

use std::future::IntoFuture;
use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use persist_core::port::{
    Backend, Category, OpenOptions, OpenedJob, Page, PageRequest, Span, Stop,
};
use persist_core::{Config, Error, Job, Memory, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::runtime::block_on;
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

fn open(backend: impl Backend, config: Config) -> (Persistency, Job) {
    let store = Persistency::open_with(backend, config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

/// Timeouts by which no clock can be advanced, and one by which only some clocks can.
const LONG: [Duration; 3] =
    [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(i64::MAX as u64 - 1)];

fn with_close_timeout(close_timeout: Duration) -> Config {
    Config::new().close_timeout(close_timeout)
}

#[test]
fn close_with_unlimited_timeout_writes_what_is_queued() {
    within_a_minute(|| {
        for timeout in LONG {
            let root = tempfile::tempdir().unwrap();
            let (store, job) = open(Sqlite::at(root.path()), with_close_timeout(timeout));
            for n in 0..100u64 {
                job.persist_put("c", n, b"");
            }
            store.close().wait().unwrap();
            let (_store, job) = open(Sqlite::at(root.path()), with_close_timeout(timeout));
            assert_eq!(job.count("c", ..).wait().unwrap(), 100, "{timeout:?}");
        }
    });
}

#[test]
fn close_with_unlimited_timeout_waits_for_a_busy_backend() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let (store, job) = open(backend.clone(), with_close_timeout(Duration::MAX));
        let release = backend.occupy(&job);
        for _ in 0..1_000 {
            backend.then(Answer::Busy(Duration::ZERO));
        }
        let waited = job.persist_put("c", 1u64, b"");
        let (closing, closed) = channel();
        let close = thread::spawn(move || {
            closing.send(()).unwrap();
            store.close().wait()
        });
        closed.recv().unwrap();
        release.send(()).unwrap();
        close.join().unwrap().unwrap();
        waited.wait().unwrap();
    });
}

#[test]
fn every_way_to_close_with_unlimited_timeout_returns() {
    within_a_minute(|| {
        for timeout in LONG {
            let memory = Memory::new();
            let (store, job) = open(memory.clone(), with_close_timeout(timeout));
            job.persist_put("c", 1u64, b"");
            store.close_job("job").wait().unwrap();
            store.open_job("job").wait().unwrap();
            store.drop_job("job").wait().unwrap();
            // The last handles are dropped. Opening the job again waits for the end.
            let job = store.open_job("job").wait().unwrap();
            job.persist_put("c", 2u64, b"");
            drop((store, job));
            let (_store, job) = open(memory, with_close_timeout(timeout));
            assert_eq!(job.count("c", ..).wait().unwrap(), 1, "{timeout:?}");
        }
    });
}

#[test]
fn every_limit_at_its_maximum_is_usable() {
    within_a_minute(|| {
        let config = Config::new()
            .queue_limit_bytes(usize::MAX)
            .total_queue_limit_bytes(usize::MAX)
            .close_timeout(Duration::MAX)
            .snapshot_timeout(Duration::MAX)
            .snapshot_limit_bytes(u64::MAX)
            .reader_threads(usize::MAX);
        let root = tempfile::tempdir().unwrap();
        let (store, job) = open(Sqlite::at(root.path()).mmap(u64::MAX), config);
        for n in 0..2_500u64 {
            job.persist_put("c", n, b"");
        }
        let all = || job.scan("c", ..).limit(usize::MAX);
        assert_eq!(all().wait().unwrap().len(), 2_500);
        assert_eq!(all().iter().flatten().count(), 2_500);
        assert_eq!(block_on(all()).unwrap().len(), 2_500);
        assert_eq!(all().reverse().paged().iter().flatten().count(), 2_500);
        let stats = job.stats().wait().unwrap();
        assert_eq!((stats.queue_bytes, stats.queue_limit_bytes), (0, usize::MAX));
        block_on(store.close()).unwrap();
    });
}

#[test]
fn limits_above_the_format_are_refused() {
    for config in
        [Config::new().key_limit_bytes(usize::MAX), Config::new().payload_limit_bytes(usize::MAX)]
    {
        let refused = Persistency::open_with(Memory::new(), config);
        assert!(matches!(refused, Err(Error::InvalidArgument { .. })));
    }
}

#[test]
fn reservation_of_maximum_size_keeps_the_shared_limit() {
    within_a_minute(|| {
        for bytes in [usize::MAX, usize::MAX - 1, usize::MAX / 2 + 1] {
            let backend = Scripted::new();
            let config = Config::new().total_queue_limit_bytes(10_000);
            let (store, job) = open(backend.clone(), config);
            let other = store.open_job("other").wait().unwrap();
            let third = store.open_job("third").wait().unwrap();
            let release = backend.occupy(&job);
            {
                let mut first = pin!(other.reserve(bytes).into_future());
                let mut second = pin!(third.reserve(bytes).into_future());
                let mut context = Context::from_waker(Waker::noop());
                // The reservations are refused, admitted alone, or wait: both never own capacity at the same time.
                let first = first.as_mut().poll(&mut context);
                let second = second.as_mut().poll(&mut context);
                let admitted = |poll: &Poll<Result<_, Error>>| matches!(poll, Poll::Ready(Ok(_)));
                assert!(!(admitted(&first) && admitted(&second)), "{bytes}");
            }
            release.send(()).unwrap();
            // The capacity is released, and the limit has not changed.
            job.persist_put("c", 1u64, vec![0; 1_000]).wait().unwrap();
            let release = backend.hold();
            drop(job.persist_put("c", 2u64, vec![0; 20_000]));
            let refused = other.try_persist_put("c", 1u64, b"").map_err(|refused| refused.error);
            assert!(matches!(refused, Err(Error::QueueFull { .. })), "{bytes}: {refused:?}");
            release.send(()).unwrap();
            store.close().wait().unwrap();
        }
    });
}

#[test]
fn page_of_maximum_size_is_read_by_every_backend() {
    let root = tempfile::tempdir().unwrap();
    let backends: [Box<dyn Backend>; 2] =
        [Box::new(Memory::new()), Box::new(Sqlite::at(root.path()))];
    for backend in backends {
        let OpenedJob { reader, writer } =
            backend.open_job("job", &OpenOptions::default()).unwrap();
        let request = PageRequest {
            category: Category::user(b"c"),
            span: Span { start: b"", stop: None },
            reverse: false,
            keys_only: false,
            rows: usize::MAX,
            bytes: usize::MAX,
            stop: &Stop::default(),
        };
        assert!(!reader.page(&request, &mut Page::default()).unwrap());
        reader.close();
        writer.close().unwrap();
    }
}
