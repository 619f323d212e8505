//! A process that can't start threads: their stacks are as large as the whole address space, so each `spawn` fails.

use std::path::Path;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::{fs, thread};

use persist_core::port::{Backend, OpenOptions};
use persist_core::{Error, Memory, Persistency};
use persist_reliability::{child, child_argument, child_in_shell, run, sqlite};
use persist_tests::runtime::block_on;

/// Runs a test of this module in a process that can't start threads. Returns whether this is that process.
fn without_threads(test: &str) -> bool {
    if child_argument().is_none() {
        let mut child = child(&format!("threads::{test}"), "itself");
        child.env("RUST_MIN_STACK", (1_u64 << 50).to_string());
        run(child);
    }
    child_argument().is_some()
}

fn assert_no_thread<T>(result: Result<T, Error>, named: &str) {
    match result {
        Err(error @ Error::TooManyOpen { .. }) => {
            let message = error.to_string();
            assert!(message.contains(named), "{message}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a thread was started"),
    }
}

fn entries(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}

#[test]
fn job_without_a_thread_leaves_no_file() {
    if !without_threads("job_without_a_thread_leaves_no_file") {
        return;
    }
    for settings in ["normal", "exclusive", "full"] {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("root");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        assert_no_thread(store.open_job("new").wait(), "new.db");
        assert_eq!(entries(directory.path()), 0, "{settings}");
        // Without the engine: the backend needs a thread for checkpoints.
        fs::create_dir(&root).unwrap();
        let opened = sqlite(&root, settings).open_job("new", &OpenOptions::default()).map(drop);
        assert_no_thread(opened, "new.db");
        assert_eq!(entries(&root), 0, "{settings}");
        // No claim or gate of the job is left either.
        assert!(matches!(store.drop_job("new").wait(), Err(Error::JobNotFound { .. })));
    }
}

#[test]
fn memory_job_without_a_thread_is_not_stored() {
    if !without_threads("memory_job_without_a_thread_is_not_stored") {
        return;
    }
    let store = Persistency::open(Memory::new()).unwrap();
    assert_no_thread(store.open_job("new").wait(), "\"new\"");
    assert!(store.stored_job_ids().wait().unwrap().is_empty());
    assert!(!store.has_job("new"));
}

#[test]
fn awaited_request_without_a_thread_names_the_store_or_the_job() {
    if !without_threads("awaited_request_without_a_thread_names_the_store_or_the_job") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = Persistency::open(sqlite(directory.path(), "normal")).unwrap();
    let name = format!("the store (SQLite in {}", directory.path().display());
    assert_no_thread(block_on(store.close()), &name);
    assert_no_thread(block_on(store.stored_job_ids()), &name);
    assert_no_thread(block_on(store.open_job("a")), "job \"a\"");
    assert_no_thread(block_on(store.close_job("a")), "job \"a\"");
    assert_no_thread(block_on(store.drop_job("a")), "job \"a\"");
    // The store is still open.
    store.stored_job_ids().wait().unwrap();
    store.close().wait().unwrap();
}

/// Each thread takes a stack of 1 GiB of an address space of 8 GiB, so that a few of them leave no space for another.
#[test]
fn awaited_request_that_gets_no_second_thread_waits_for_the_first() {
    if child_argument().is_none() {
        let test = "threads::awaited_request_that_gets_no_second_thread_waits_for_the_first";
        let mut child = child_in_shell(r#"ulimit -v 8388608 && exec "$@""#, test, "itself");
        child.env("RUST_MIN_STACK", (1_u64 << 30).to_string()).env("MALLOC_ARENA_MAX", "1");
        run(child);
        return;
    }
    let store = Persistency::open(Memory::new()).unwrap();
    let job = store.open_job("a").wait().unwrap();
    let (started, start) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let mut first = pin!(
        job.read(move |view| {
            started.send(()).unwrap();
            released.recv().unwrap();
            view.count("c", ..)
        })
        .into_future()
    );
    let mut second = pin!(job.count("c", ..).into_future());
    let context = &mut Context::from_waker(Waker::noop());

    assert!(first.as_mut().poll(context).is_pending());
    start.recv().unwrap();
    while thread::Builder::new()
        .spawn(|| {
            loop {
                thread::park();
            }
        })
        .is_ok()
    {}
    assert!(second.as_mut().poll(context).is_pending());
    release.send(()).unwrap();
    assert_eq!((block_on(first).unwrap(), block_on(second).unwrap()), (0, 0));
}
