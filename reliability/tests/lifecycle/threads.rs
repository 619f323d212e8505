//! A process that can't start threads: their stacks are as large as the whole address space, so each `spawn` fails.

use std::fs;
use std::path::Path;

use persist_core::port::Backend;
use persist_core::{Error, Memory, Persistency};
use persist_reliability::{child, child_argument, run, sqlite};
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
        let opened = sqlite(&root, settings).open_job("new").map(drop);
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
