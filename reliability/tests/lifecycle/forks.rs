//! Children made by `fork`: they have the store's memory but none of its threads, so they wait for nothing and start no
//! threads.
//!
//! Each test forks in a process of its own, in which no other test holds a lock at that moment.

use std::future::IntoFuture;
use std::pin::pin;
use std::process;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};
use std::time::Duration;

use persist_core::{Config, Error, Job, Memory, Persistency, TxOp};
use persist_faults::Forked;
use persist_reliability::{child, child_argument, run, sqlite};
use persist_tests::runtime::block_on;
use persist_tests::scripted::Scripted;

use crate::PROMPT;

/// A timeout far longer than a test may take.
fn long_timeouts() -> Config {
    Config::new().close_timeout(Duration::from_secs(600))
}

/// Runs a test of this module in a process of its own. Returns whether this is that process.
fn in_own_process(test: &str) -> bool {
    if child_argument().is_none() {
        run(child(&format!("forks::{test}"), "itself"));
    }
    child_argument().is_some()
}

/// Forks. The child must end by itself, with the code 0.
fn forked(run: impl FnOnce()) {
    let child = Forked::run(|| {
        run();
        0
    });
    assert_eq!(child.unwrap().exit_code_within(PROMPT), Some(0));
}

#[track_caller]
fn assert_other_process<T>(result: Result<T, Error>) {
    match result {
        Err(Error::OtherProcess { what }) => assert!(!what.is_empty()),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it succeeds"),
    }
}

#[test]
fn exit_of_a_forked_child_waits_for_no_worker() {
    if !in_own_process("exit_of_a_forked_child_waits_for_no_worker") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store =
        Persistency::open_with(sqlite(directory.path(), "normal"), long_timeouts()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let other = store.open_job("other").wait().unwrap();
    for n in 0..1_000u64 {
        job.persist_put("c", n, b"");
    }
    forked(|| ());
    forked(|| process::exit(0));
    // The handles are dropped there first, and one job is being closed.
    drop(other);
    {
        let (store, job) = (store.clone(), job.clone());
        forked(move || drop((store, job)));
    }
    // A grandchild.
    forked(|| forked(|| ()));
    // The parent is not affected.
    assert_eq!(job.count("c", ..).wait().unwrap(), 1_000);
    job.persist_put("c", 1_000u64, b"").wait().unwrap();
    assert!(job.check().wait().unwrap().is_sound());
    store.close().wait().unwrap();
}

#[test]
fn exit_of_a_forked_child_after_the_close_waits_for_nothing() {
    if !in_own_process("exit_of_a_forked_child_after_the_close_waits_for_nothing") {
        return;
    }
    let store = Persistency::open_with(Memory::new(), long_timeouts()).unwrap();
    store.open_job("job").wait().unwrap();
    store.close().wait().unwrap();
    forked(|| ());
}

#[test]
fn waits_in_a_forked_child_return_an_error() {
    if !in_own_process("waits_in_a_forked_child_return_an_error") {
        return;
    }
    let backend = Scripted::new();
    let config = long_timeouts().queue_limit_bytes(10_000);
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let other = store.open_job("other").wait().unwrap();
    // Started before the fork, so its thread is missing in the child.
    block_on(other.count("c", ..)).unwrap();
    let (go, gone) = channel::<()>();
    let (starts, started) = channel();
    let mut offloaded = Box::pin(
        other
            .read(move |_| {
                starts.send(()).unwrap();
                gone.recv().unwrap();
                Ok::<_, Error>(())
            })
            .into_future(),
    );
    assert!(offloaded.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    started.recv().unwrap();
    let release = backend.occupy(&job);
    let waited = job.persist_put("c", 1u64, b"");
    let mut awaited = Box::pin(job.persist_put("c", 2u64, b"").into_future());
    let mut reading = Box::pin(job.get("c", 2u64).into_future());
    let mut context = Context::from_waker(Waker::noop());
    assert!(awaited.as_mut().poll(&mut context).is_pending());
    assert!(reading.as_mut().poll(&mut context).is_pending());

    forked(|| {
        // The parent commits the queued writes; the child does not.
        assert_other_process(waited.wait());
        assert_other_process(block_on(awaited));
        assert_other_process(block_on(reading));
        // The read runs on a thread of the parent.
        assert_other_process(block_on(offloaded));
        refuse_reads(&job);
        assert_other_process(job.sync().wait());
        assert_other_process(job.transact(|tx| tx.exists("c", 1u64)).wait());
        assert_other_process(block_on(other.count("c", ..)));
        assert_other_process(other.check().wait());
        assert_other_process(block_on(other.compact()));
        refuse_capacity(&job);
        assert_other_process(store.open_job("new").wait());
        assert_other_process(block_on(store.open_job("job")));
        assert_other_process(store.close_job("other").wait());
        assert_other_process(store.drop_job("other").wait());
        assert_other_process(store.stored_job_ids().wait());
        assert_other_process(block_on(store.close()));
        assert_other_process(store.close().wait());
    });

    go.send(()).unwrap();
    release.send(()).unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 3);
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["job", "other"]);
    store.close().wait().unwrap();
}

fn refuse_reads(job: &Job) {
    assert_other_process(job.get("c", 1u64).wait());
    assert_other_process(job.count("c", ..).wait());
    assert_other_process(job.read(|at| at.exists("c", 1u64)).wait());
    assert_other_process(block_on(job.read(|at| at.exists("c", 1u64))));
    assert_other_process(job.scan("c", ..).wait());
    assert_other_process(job.scan("c", ..).iter().next().unwrap());
    assert_other_process(block_on(async { job.scan("c", ..).stream().next().await.unwrap() }));
}

/// Fills the queue, which no thread empties.
fn refuse_capacity(job: &Job) {
    while job.try_persist([TxOp::put("c", 9u64, vec![0; 500])]).is_ok() {}
    assert_other_process(job.persist_put("c", 3u64, vec![0; 500]).wait());
    assert_other_process(job.sync().wait());
    assert_other_process(job.reserve(500).wait());
    assert_other_process(block_on(job.reserve(500)));
    let mut reserve = pin!(job.reserve(500).into_future());
    assert!(reserve.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

#[test]
fn store_without_jobs_is_usable_in_a_forked_child() {
    if !in_own_process("store_without_jobs_is_usable_in_a_forked_child") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(directory.path(), "normal")).unwrap();
    forked(|| {
        let job = block_on(store.open_job("job")).unwrap();
        job.persist_put("c", 1u64, b"waited for").wait().unwrap();
        // Committed at the end of this process.
        job.persist_put("c", 2u64, b"queued");
    });
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 2);
}

#[test]
fn store_opened_by_a_forked_child_is_refused_while_its_parent_has_jobs_open() {
    if !in_own_process("store_opened_by_a_forked_child_is_refused_while_its_parent_has_jobs_open") {
        return;
    }
    for settings in ["normal", "exclusive"] {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("parent");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", 1u64, b"").wait().unwrap();
        forked(|| {
            // In this process SQLite would take its parent's locks for its own, and the parent could remove the WAL
            // that the child writes.
            let same = Persistency::open(sqlite(&root, settings)).unwrap();
            assert_other_process(same.open_job("job").wait());
            assert_other_process(same.drop_job("job").wait());
            for own in [
                Persistency::open(sqlite(directory.path().join("child"), settings)).unwrap(),
                Persistency::open(Memory::new()).unwrap(),
            ] {
                assert_other_process(own.open_job("job").wait());
                assert_other_process(block_on(own.open_job("job")));
                assert_other_process(block_on(own.stored_job_ids()));
            }
        });
        assert!(!directory.path().join("child").exists());
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
        store.close().wait().unwrap();
    }
}

#[test]
fn store_is_usable_in_a_child_forked_after_the_close() {
    if !in_own_process("store_is_usable_in_a_child_forked_after_the_close") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let open = || Persistency::open(sqlite(directory.path(), "normal")).unwrap();
    for n in 0..3u64 {
        let store = open();
        store.open_job("job").wait().unwrap().persist_put("c", n, b"parent");
        store.close().wait().unwrap();
        forked(|| {
            let store = open();
            let job = store.open_job("job").wait().unwrap();
            job.persist_put("c", 100 + n, b"child");
            assert_eq!(block_on(job.count("c", ..)).unwrap(), 2 * (n + 1));
        });
    }
    let job = open().open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 6);
}
