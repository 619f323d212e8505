//! The times by which calls of a backend return, and reads for which nobody waits any more.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use persist_core::error::Place;
use persist_core::port::{
    Backend, Category, Closing, Group, Op, OpenOptions, OpenedJob, Span, Stop,
};
use persist_core::{Config, Error, Memory, Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::runtime::block_on;
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

const ALL: Span<'_> = Span { start: b"", stop: None };

#[test]
fn call_timeout_of_zero_is_refused() {
    let config = Config::new().call_timeout(Duration::ZERO);
    let refused = Persistency::open_with(Memory::new(), config).unwrap_err();
    assert!(refused.to_string().contains("Config::call_timeout is 0"), "{refused}");
}

#[test]
fn call_timeout_of_the_store_reaches_the_backend() {
    let backend = Scripted::new();
    let config = Config::new().call_timeout(Duration::from_secs(7));
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    store.open_job("job").wait().unwrap();
    assert_eq!(backend.options().call_timeout, Duration::from_secs(7));
}

#[test]
fn write_without_a_reply_is_unknown_when_the_close_is_due() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let config =
            Config::new().call_timeout(Duration::MAX).close_timeout(Duration::from_millis(50));
        let store = Persistency::open_with(backend.clone(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        backend.then(Answer::NoReply);
        let put = job.persist_put("c", "k", b"");
        let later = job.persist_put("c", "l", b"");
        while backend.groups().is_empty() {
            thread::yield_now();
        }
        // The call has no limit of its own, so only the close ends it.
        let closing = Instant::now();
        assert!(matches!(store.close().wait(), Err(Error::Unknown { .. })));
        assert!(closing.elapsed() >= Duration::from_millis(50));
        let Err(Error::Unknown { source: Some(source), .. }) = put.wait() else {
            panic!("the outcome is not known")
        };
        assert!(source.to_string().contains("did not answer in time"), "{source}");
        later.wait().unwrap_err();
    });
}

#[test]
fn write_without_a_reply_is_tried_again_after_the_call_timeout() {
    within_a_minute(|| {
        let backend = Scripted::new();
        let config = Config::new()
            .call_timeout(Duration::from_millis(5))
            .close_timeout(Duration::from_millis(100));
        let store = Persistency::open_with(backend.clone(), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        backend.then(Answer::NoReply);
        job.persist_put("c", "k", b"");
        while backend.groups().len() < 5 {
            thread::yield_now();
        }
        assert!(store.close().wait().is_err());
    });
}

#[test]
fn write_that_timed_out_without_effect_is_applied_by_a_later_call() {
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let place = Place::new("job", None);
    backend.then(Answer::Retry(Error::TimedOut { place, source: None }));
    job.persist_put("c", "k", b"").wait().unwrap();
    assert_eq!(backend.groups(), [1, 1]);
}

#[test]
fn deadline_of_the_close_limits_calls_that_have_begun() {
    let backend = Scripted::new();
    let config = Config::new().close_timeout(Duration::from_millis(200));
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let OpenOptions { closing, .. } = backend.options();
    let (sender, begun) = channel();
    let registered = closing.on_begin(move || _ = sender.send(()));
    assert_eq!(closing.until(Duration::MAX), None);
    assert!(begun.try_recv().is_err());
    job.persist_put("c", "k", b"");
    let before = Instant::now();
    store.close().wait().unwrap();
    begun.recv().unwrap();
    let until = closing.until(Duration::MAX).unwrap();
    assert!(until >= before + Duration::from_millis(200), "{:?}", until - before);
    assert!(closing.until(Duration::ZERO).unwrap() < until + Duration::from_secs(60));
    drop(registered);
    // A late registration is called at once, and a dropped one never.
    let (sender, late) = channel();
    drop(closing.on_begin(move || _ = sender.send(())));
    late.recv().unwrap();
    assert!(late.recv().is_err());
    assert_eq!(Closing::default().until(Duration::MAX), None);
}

#[test]
fn function_of_a_stop_runs_when_it_is_set_and_not_after_its_registration() {
    let stop = Stop::new();
    let (sender, calls) = channel();
    let second = sender.clone();
    let first = stop.on_set(move || _ = sender.send(1));
    let panics = stop.on_set(|| panic!("a panic of a backend's function"));
    let kept = stop.on_set(move || _ = second.send(2));
    drop(first);
    stop.clone().set();
    stop.set();
    assert!(stop.is_set());
    assert_eq!(calls.iter().take(1).collect::<Vec<_>>(), [2]);
    drop((panics, kept));
    assert!(calls.recv().is_err());
    let never = Stop::default();
    let registered = never.on_set(|| panic!("it is never set"));
    never.set();
    assert!(!never.is_set());
    drop(registered);
}

/// Opens a job with many rows.
fn filled(backend: &dyn Backend) -> OpenedJob {
    let mut job = backend.open_job("job", &OpenOptions::default()).unwrap();
    let keys: Vec<[u8; 4]> = (0..60_000u32).map(u32::to_be_bytes).collect();
    let category = Category::user(b"c");
    let puts: Vec<Op<'_>> =
        keys.iter().map(|key| Op::Put { category, key, payload: b"" }).collect();
    let mut group = Group::default();
    group.push(&puts);
    job.writer.commit(&group);
    job
}

#[test]
fn count_ends_when_nobody_waits_for_it() {
    let root = tempfile::tempdir().unwrap();
    let backends: [Box<dyn Backend>; 2] =
        [Box::new(Memory::new()), Box::new(Sqlite::at(root.path()))];
    for backend in backends {
        let OpenedJob { reader, writer } = filled(&*backend);
        let category = Category::user(b"c");
        let stop = Stop::new();
        assert_eq!(reader.count(category, ALL, &stop).unwrap(), 60_000);
        stop.set();
        let ended = reader.count(category, ALL, &stop);
        assert!(matches!(ended, Err(Error::Closed { .. })), "{ended:?}");
        let mut snapshot = reader.begin_read().unwrap();
        let ended = snapshot.count(category, ALL, &stop);
        assert!(matches!(ended, Err(Error::Closed { .. })), "{ended:?}");
        // The connection and the snapshot go on.
        assert_eq!(snapshot.count(category, ALL, &Stop::new()).unwrap(), 60_000);
        assert_eq!(reader.count(category, ALL, &Stop::default()).unwrap(), 60_000);
        drop(snapshot);
        reader.close();
        writer.close().unwrap();
    }
}

#[test]
fn stop_of_a_started_count_is_set_when_its_future_is_dropped() {
    let (sender, reads) = channel();
    let backend = Scripted::starting(sender);
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let rows = (0..20_000u64).map(|n| TxOp::put("c", n, b""));
    job.persist(rows).wait().unwrap();
    {
        let mut count = pin!(job.count("c", ..).into_future());
        let mut context = Context::from_waker(Waker::noop());
        assert!(count.as_mut().poll(&mut context).is_pending());
    }
    // The backend counts only now, and finds that it is of no use.
    let read = reads.recv().unwrap();
    read();
    assert_eq!(backend.stopped_counts(), 1);
}

#[test]
fn close_of_a_job_ends_a_running_count() {
    within_a_minute(|| {
        let root = tempfile::tempdir().unwrap();
        let OpenedJob { reader, writer } = filled(&Sqlite::at(root.path()));
        let counting = Arc::clone(&reader);
        let counts = thread::spawn(move || {
            loop {
                match counting.count(Category::user(b"c"), ALL, &Stop::new()) {
                    Ok(count) => assert_eq!(count, 60_000),
                    Err(error) => return error,
                }
            }
        });
        thread::sleep(Duration::from_millis(5));
        reader.close();
        assert!(matches!(counts.join().unwrap(), Error::Closed { .. }));
        writer.close().unwrap();
    });
}

#[test]
fn read_that_times_out_reports_the_error() {
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let place = Place::new("job", Some("db.example".into()));
    backend.fail_gets(Error::TimedOut { place, source: None });
    let error = job.get("c", "k").wait().unwrap_err();
    assert_eq!(
        error.to_string(),
        "job \"job\" (db.example) did not answer in time: nothing was changed; try again later, or raise `Config::call_timeout`"
    );
    assert!(matches!(block_on(job.get("c", "k").into_future()), Err(Error::TimedOut { .. })));
}
