//! Many concurrent callers of one job.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::Fixture;
use crate::runtime::{block_on, join_all};

pub fn thousand_reads_on_threads_complete(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..1_000u64 {
        job.persist_encoded("c", n, &(n * n));
    }
    let start = Barrier::new(1_000);
    thread::scope(|scope| {
        for n in 0..1_000u64 {
            let (job, start) = (&job, &start);
            let read = move || {
                start.wait();
                assert_eq!(job.get_as("c", n).wait().unwrap(), Some(n * n));
                if n.is_multiple_of(10) {
                    assert_eq!(job.count("c", n..n + 10).wait().unwrap(), 10.min(1_000 - n));
                }
            };
            thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, read).unwrap();
        }
    });
}

pub fn thousand_reads_as_futures_complete(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..1_000u64 {
        job.persist_encoded("c", n, &(n * n));
    }
    let gets = block_on(join_all((0..1_000u64).map(|n| job.get_as::<u64>("c", n))));
    for (n, got) in (0..).zip(gets) {
        assert_eq!(got.unwrap(), Some(n * n));
    }
    let counts = block_on(join_all((0..1_000u64).map(|n| job.count("c", n..))));
    for (n, count) in (0..).zip(counts) {
        assert_eq!(count.unwrap(), 1_000 - n);
    }
    let scans = block_on(join_all((0..1_000u64).map(|n| job.scan("c", n..).limit(3))));
    for (n, rows) in (0u64..).zip(scans) {
        assert_eq!(rows.unwrap().first().unwrap().key().decode(), Ok(n));
    }
}

pub fn scan_and_writes_run_concurrently(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let acknowledged = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..500u64 {
                job.persist_put("c", n, b"").wait().unwrap();
                acknowledged.store(n + 1, Ordering::Release);
            }
        });
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let at_least = acknowledged.load(Ordering::Acquire);
                    let seen = job.scan("c", ..).iter().map(Result::unwrap).count() as u64;
                    assert!((at_least..=500).contains(&seen), "{seen} after {at_least}");
                    if seen == 500 {
                        break;
                    }
                }
            });
        }
    });
}
