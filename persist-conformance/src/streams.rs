//! Scans that are awaited row by row.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use futures_core::Stream;
use persist_core::{Error, Job, Key, Persistency, ScanStream};

use crate::Fixture;
use crate::rows::pairs;
use crate::runtime::block_on;

/// Stores more rows than a page of a scan has.
fn thousands(place: &dyn Fixture) -> (Persistency, Job) {
    let (store, job) = place.open_job();
    for n in 0..3_500u64 {
        job.persist_put("c", n, n.to_be_bytes());
    }
    (store, job)
}

fn rest(mut rows: ScanStream) -> Vec<(Vec<u8>, Vec<u8>)> {
    block_on(async {
        let mut rest = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.unwrap();
            rest.push((row.key().as_bytes().to_vec(), row.payload().to_vec()));
        }
        assert!(rows.next().await.is_none());
        rest
    })
}

pub fn stream_equals_a_collected_scan(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let scans = [
        job.scan("c", ..),
        job.scan("c", ..).reverse(),
        job.scan("c", ..).paged(),
        job.scan("c", 100u64..=3_000).limit(2_500),
        job.scan("c", 100u64..).reverse().after(3_333u64).limit(1_001),
        job.scan("c", ..).limit(1_000).committed(),
        job.scan("c", ..).limit(0),
        job.scan("none", ..),
    ];
    for scan in scans {
        assert_eq!(rest(scan.clone().stream()), pairs(&scan.wait().unwrap()));
    }
}

pub fn stream_is_one_snapshot_from_its_first_poll(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let mut rows = job.scan("c", ..).stream();
    job.persist_delete("c", 0u64);
    let first = block_on(rows.next()).unwrap().unwrap();
    assert_eq!(first.key().decode(), Ok(1u64));

    job.persist_delete_prefix("c", Key::new()).wait().unwrap();
    let numbers: Vec<_> = rest(rows).into_iter().map(|(_, payload)| payload).collect();
    assert!(numbers.iter().eq((2..3_500u64).map(u64::to_be_bytes).collect::<Vec<_>>().iter()));
}

pub fn stream_is_read_while_its_reader_writes(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let mut rows = job.scan("c", ..).stream();
    block_on(async {
        let mut n = 0u64;
        while let Some(row) = rows.next().await {
            let row = row.unwrap();
            assert_eq!(row.payload(), n.to_be_bytes());
            let written = job.persist_put("c", row.key(), b"seen");
            if n.is_multiple_of(500) {
                written.await.unwrap();
                assert_eq!(job.get("c", row.key()).await.unwrap().as_deref(), Some(&b"seen"[..]));
            }
            n += 1;
        }
        assert_eq!(n, 3_500);
    });
}

pub fn row_is_kept_when_the_future_that_waits_for_it_is_dropped(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let mut rows = job.scan("c", ..).stream();
    let mut seen = 0u64;
    loop {
        let polled = pin!(rows.next()).poll(&mut Context::from_waker(Waker::noop())).is_ready();
        // A row that a ready poll returned is dropped with the future, as with any future. A row that the future waited
        // for is kept.
        seen += u64::from(polled);
        match block_on(rows.next()) {
            Some(row) => assert_eq!(row.unwrap().key().decode(), Ok(seen)),
            None => break,
        }
        seen += 1;
    }
    assert_eq!(seen, 3_500);
}

pub fn stream_ends_with_closed_when_its_job_closes(place: &dyn Fixture) {
    let (store, job) = thousands(place);
    let mut rows = job.scan("c", ..).stream();
    block_on(async {
        rows.next().await.unwrap().unwrap();
        store.close().await.unwrap();
        let mut errors = 0;
        while let Some(row) = rows.next().await {
            if let Err(error) = row {
                assert!(matches!(error, Error::Closed { .. }), "{error}");
                errors += 1;
            }
        }
        assert_eq!(errors, 1);
        assert!(rows.next().await.is_none());
        let error = job.scan("c", ..).stream().next().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Closed { .. }), "{error}");
    });
}

pub fn stream_may_be_dropped_early(place: &dyn Fixture) {
    let (store, job) = thousands(place);
    for polls in 0..100 {
        let mut rows = job.scan("c", ..).stream();
        let mut context = Context::from_waker(Waker::noop());
        // Some streams are dropped before they begin, some while a page is read, and some after a page.
        if polls % 3 > 0 {
            let _ = pin!(rows.next()).poll(&mut context);
        }
        if polls % 3 > 1 {
            assert!(block_on(rows.next()).unwrap().is_ok());
        }
    }
    job.persist_put("c", 0u64, b"").wait().unwrap();
    store.close().wait().unwrap();
}

pub fn stream_keeps_its_job_open(place: &dyn Fixture) {
    let (store, job) = thousands(place);
    let rows = job.scan("c", ..).stream();
    drop((store, job));
    assert_eq!(rest(rows).len(), 3_500);
}

pub fn scan_stream_implements_the_stream_trait_of_futures_core(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let mut rows = job.scan("c", ..).stream();
    let mut count = 0;
    while let Some(row) = block_on(poll_fn(|context| Pin::new(&mut rows).poll_next(context))) {
        row.unwrap();
        count += 1;
    }
    assert_eq!(count, 3_500);
}
