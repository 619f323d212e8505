//! The pages and snapshots that the reads of a job take from the backend.

use std::time::Duration;

use persist_core::{Config, Error, Job, Persistency, TxOp};
use persist_tests::scripted::Scripted;
use persist_tests::watchdog::within_a_minute;

/// The rows that fit one page.
const PAGE_ROWS: usize = 1_000;

/// Returns a job with rows under the keys from 0.
fn open(rows: usize) -> (Scripted, Persistency, Job) {
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for n in 0..u64::try_from(rows).unwrap() {
        job.persist_put("c", n, b"");
    }
    job.flush().wait().unwrap();
    (backend, store, job)
}

#[test]
fn scan_begins_a_snapshot_only_if_its_rows_may_exceed_one_page() {
    let (backend, _store, job) = open(2 * PAGE_ROWS);
    for (limit, reads) in [(1, (1, 0)), (PAGE_ROWS, (1, 0)), (PAGE_ROWS + 1, (0, 1))] {
        assert_eq!(job.scan("c", ..).limit(limit).wait().unwrap().len(), limit);
        assert_eq!(backend.take_reads(), reads, "of {limit} rows");
    }
}

#[test]
fn first_and_last_read_one_page_and_begin_no_snapshot() {
    let (backend, _store, job) = open(3);
    assert_eq!(job.first("c", ..).wait().unwrap().unwrap().key().decode(), Ok(0u64));
    assert_eq!(backend.take_reads(), (1, 0));
    assert_eq!(job.last("c", ..).wait().unwrap().unwrap().key().decode(), Ok(2u64));
    assert_eq!(backend.take_reads(), (1, 0));
}

#[test]
fn empty_page_ends_a_scan_even_if_the_backend_reports_more_rows() {
    within_a_minute(|| {
        let (backend, _store, job) = open(1);
        backend.read_empty_pages();
        assert!(job.scan("c", ..).paged().wait().unwrap().is_empty());
        assert_eq!(job.scan("c", ..).paged().iter().count(), 0);
    });
}

#[test]
fn get_many_asks_the_backend_once_for_up_to_a_thousand_keys() {
    let backend = Scripted::new();
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    job.persist((0..2_500u64).map(|n| TxOp::put("c", n, n.to_be_bytes()))).wait().unwrap();
    for (count, reads, snapshots) in
        [(0u64, 0, 0), (1, 1, 0), (1_000, 1, 0), (1_001, 0, 1), (2_500, 0, 1)]
    {
        backend.take_reads();
        let before = backend.reads_of_many();
        let found = job.get_many("c", (0..count).rev()).wait().unwrap();
        let expected: Vec<_> = (0..count).rev().map(|n| Some(n.to_be_bytes().to_vec())).collect();
        assert_eq!(found, expected);
        assert_eq!(backend.reads_of_many() - before, reads, "{count} keys");
        assert_eq!(backend.take_reads(), (0, snapshots), "{count} keys");
    }
}

#[test]
fn get_many_reports_a_backend_that_returns_too_few_payloads() {
    let (backend, _store, job) = open(3);
    backend.lose_payloads();
    let found = job.get_many("c", [0u64, 1, 2]).wait();
    let Err(Error::Backend { message, .. }) = found else { panic!("{found:?}") };
    assert_eq!(message, "the backend returned 2 payloads for 3 keys");
}

#[test]
fn snapshots_are_begun_for_the_snapshot_timeout_except_those_of_copies() {
    let backend = Scripted::new();
    let timeout = Duration::from_secs(7);
    let config = Config::new().snapshot_timeout(timeout);
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let (job, copy) =
        (store.open_job("job").wait().unwrap(), store.open_job("copy").wait().unwrap());
    job.copy_to(&copy).wait().unwrap();
    assert_eq!(backend.lifetime(), None);
    job.scan("c", ..).wait().unwrap();
    assert_eq!(backend.lifetime(), Some(timeout));
}
