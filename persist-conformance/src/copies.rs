//! Copies of a job to another job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use persist_core::{Config, Error, Job, Memory, Persistency, TxOp, key};

use crate::Fixture;
use crate::rows::{numbers, pairs};
use crate::runtime::block_on;

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// Returns the categories of a job, each with its rows.
fn contents(job: &Job) -> Vec<(Vec<u8>, Pairs)> {
    let categories = job.categories().wait().unwrap();
    let rows = |category: &Vec<u8>| pairs(&job.scan(category, ..).wait().unwrap());
    categories.iter().map(|category| (category.clone(), rows(category))).collect()
}

fn in_memory() -> Job {
    Persistency::open(Memory::new()).unwrap().open_job("other").wait().unwrap()
}

pub fn copy_to_a_job_of_the_same_store_has_equal_rows(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..3_000u64 {
        job.persist_put("many", n, n.to_be_bytes());
    }
    for n in 0..5u64 {
        job.persist_put("large", key!("k", n), vec![7; 400_000]);
    }
    job.persist_put("", "", b"");
    let copy = store.open_job("copy").wait().unwrap();
    assert_eq!(job.copy_to(&copy).wait().unwrap(), 3_006);
    assert!(contents(&copy) == contents(&job));
    // The copy is a job like any other.
    copy.persist_put("many", 3_000u64, b"").wait().unwrap();
    assert_eq!(job.count("many", ..).wait().unwrap(), 3_000);
}

pub fn copies_to_another_backend_and_back_have_equal_rows(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..1_500u64 {
        job.persist_put(n.to_be_bytes(), n, n.to_be_bytes());
    }
    let other = in_memory();
    let back = store.open_job("back").wait().unwrap();
    assert_eq!(block_on(job.copy_to(&other)).unwrap(), 1_500);
    assert_eq!(other.copy_to(&back).wait().unwrap(), 1_500);
    assert!(contents(&other) == contents(&job));
    assert!(contents(&back) == contents(&job));
}

pub fn copy_is_of_one_moment_while_the_job_is_written(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    // Each batch writes the same number under all keys.
    let write = |n: u64| job.persist((0..2_500u64).map(|key| TxOp::put("c", key, n.to_be_bytes())));
    write(0);
    let copy = store.open_job("copy").wait().unwrap();
    thread::scope(|scope| {
        let copying = scope.spawn(|| job.copy_to(&copy).wait().unwrap());
        for n in 1..20 {
            write(n);
        }
        assert_eq!(copying.join().unwrap(), 2_500);
    });
    let rows = pairs(&copy.scan("c", ..).wait().unwrap());
    assert!(rows.iter().all(|(_, payload)| *payload == rows[0].1));
}

pub fn copy_to_a_job_with_rows_is_refused(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", 1u64, b"");
    let other = store.open_job("other").wait().unwrap();
    other.persist_put("d", 7u64, b"");
    for target in [&other, &job] {
        let refused = job.copy_to(target).wait();
        assert!(matches!(refused, Err(Error::InvalidArgument { .. })), "{refused:?}");
    }
    assert_eq!(numbers(other.scan("d", ..)), [7]);
    assert_eq!(other.count("c", ..).wait().unwrap(), 0);
    // A refused copy is no failure of either job.
    store.close().wait().unwrap();
}

pub fn row_too_large_for_the_target_leaves_it_empty(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, b"small");
    }
    job.persist_put("d", 1u64, [7; 30]);
    let store = place.open_with(Config::new().payload_limit_bytes(20)).unwrap();
    let target = store.open_job("target").wait().unwrap();
    let refused = job.copy_to(&target).wait();
    let Err(Error::InvalidArgument { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("a payload of 30 bytes"), "{reason}");
    assert_eq!(target.categories().wait().unwrap(), [[0; 0]; 0]);
}

pub fn progress_of_a_copy_ends_with_all_rows(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist((0..2_500u64).map(|n| TxOp::put("c", n, [7; 100])));
    let copy = store.open_job("copy").wait().unwrap();
    let copied = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&copied);
    let rows = job.copy_to_with(&copy, move |progress| {
        assert_eq!(progress.total_rows, 2_500);
        assert!(progress.copied_rows > seen.load(Ordering::Relaxed));
        assert_eq!(progress.copied_bytes, progress.copied_rows * (1 + 8 + 100));
        seen.store(progress.copied_rows, Ordering::Relaxed);
    });
    assert_eq!(rows.wait().unwrap(), 2_500);
    assert_eq!(copied.load(Ordering::Relaxed), 2_500);
}

pub fn panic_of_the_progress_of_a_copy_leaves_the_target_empty(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist((0..2_500u64).map(|n| TxOp::put("c", n, b"")));
    let copy = store.open_job("copy").wait().unwrap();
    let panicked = job.copy_to_with(&copy, |progress| assert!(progress.copied_rows < 2_000)).wait();
    assert!(matches!(panicked, Err(Error::Panicked { .. })), "{panicked:?}");
    assert_eq!(copy.categories().wait().unwrap(), [[0; 0]; 0]);
    assert_eq!(job.copy_to(&copy).wait().unwrap(), 2_500);
}
