//! The expiry of snapshots.

use std::thread;
use std::time::{Duration, Instant};

use persist_core::{Config, Error, Job, Persistency, RowBuf};

use crate::Fixture;
use crate::runtime::block_on;

const LIMIT: Duration = Duration::from_millis(2);
/// More rows than a page of a scan, which has 1,000.
const ROWS: u64 = 3_500;

fn thousands(place: &dyn Fixture, snapshot_timeout: Duration) -> (Persistency, Job) {
    let (store, job) = place.open_job_with(Config::new().snapshot_timeout(snapshot_timeout));
    for n in 0..ROWS {
        job.persist_put("c", n, n.to_be_bytes());
    }
    job.sync().wait().unwrap();
    (store, job)
}

/// Waits until all snapshots that have begun are older than the limit.
pub fn outlive(limit: Duration) {
    let now = Instant::now();
    while now.elapsed() <= limit {
        thread::yield_now();
    }
}

fn has_expired(row: Option<&Result<RowBuf, Error>>) -> bool {
    matches!(row, Some(Err(Error::SnapshotExpired { .. })))
}

pub fn old_iterator_expires_at_its_next_page(place: &dyn Fixture) {
    let (_store, job) = thousands(place, LIMIT);
    let mut rows = job.scan("c", ..).iter();
    assert!(rows.next().unwrap().is_ok());
    outlive(LIMIT);
    assert_eq!(
        rows.by_ref().take_while(Result::is_ok).count(),
        999,
        "the rows of the current page"
    );
    assert!(rows.next().is_none());
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    outlive(LIMIT);
    assert!(has_expired(rows.find(Result::is_err).as_ref()));
}

pub fn old_stream_expires_at_its_next_page(place: &dyn Fixture) {
    let (_store, job) = thousands(place, LIMIT);
    block_on(async {
        let mut rows = job.scan("c", ..).reverse().stream();
        assert!(rows.next().await.unwrap().is_ok());
        outlive(LIMIT);
        for _ in 1..1_000 {
            assert!(rows.next().await.unwrap().is_ok());
        }
        assert!(has_expired(rows.next().await.as_ref()));
        assert!(rows.next().await.is_none());
    });
}

pub fn old_view_expires_at_its_next_call(place: &dyn Fixture) {
    let (_store, job) = thousands(place, LIMIT);
    let read = job.read(|at| {
        assert!(at.exists("c", 1u64)?);
        outlive(LIMIT);
        at.exists("c", 2u64)
    });
    assert!(matches!(read.wait(), Err(Error::SnapshotExpired { .. })));
}

pub fn expired_scan_continues_after_its_last_key_with_any_limit(place: &dyn Fixture) {
    let (_store, job) = thousands(place, Duration::from_nanos(1));
    let mut rows = job.scan("c", ..).iter();
    let mut expired = 0;
    let mut last = None;
    for n in 0..ROWS {
        let row = match rows.next().unwrap() {
            Ok(row) => row,
            Err(error) => {
                assert!(matches!(error, Error::SnapshotExpired { .. }), "{error}");
                expired += 1;
                rows = job.scan("c", ..).after(last.take().unwrap()).iter();
                rows.next().unwrap().unwrap()
            }
        };
        assert_eq!(row.payload(), n.to_be_bytes());
        last = Some(row.key().to_owned());
    }
    assert!(rows.next().is_none());
    assert_eq!(expired, 3);
}

pub fn idle_expired_snapshot_is_released_by_the_next_commit(place: &dyn Fixture) {
    let (_store, job) = thousands(place, LIMIT);
    // A snapshot that was never read from could still be read for one page.
    let mut rows = job.scan("c", ..).iter();
    outlive(LIMIT);
    job.persist_put("d", 1u64, b"").wait().unwrap();
    assert!(has_expired(rows.next().as_ref()));
    assert!(rows.next().is_none());
}

pub fn idle_expired_snapshot_is_released_by_the_next_snapshot(place: &dyn Fixture) {
    let (_store, job) = thousands(place, LIMIT);
    let mut rows = job.scan("c", ..).iter();
    outlive(LIMIT);
    assert_eq!(job.read(|at| at.count("c", ..)).wait().unwrap(), ROWS);
    assert!(has_expired(rows.next().as_ref()));
}

pub fn snapshot_within_its_limit_is_kept(place: &dyn Fixture) {
    let (_store, job) = thousands(place, Duration::MAX);
    let (mut rows, unread) = (job.scan("c", ..).iter(), job.scan("c", ..).iter());
    rows.next().unwrap().unwrap();
    outlive(LIMIT);
    job.persist_put("c", ROWS, b"").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), ROWS + 1);
    assert_eq!(rows.map(Result::unwrap).count() as u64, ROWS - 1);
    assert_eq!(unread.map(Result::unwrap).count() as u64, ROWS);
}

pub fn paged_scan_never_expires(place: &dyn Fixture) {
    let (_store, job) = thousands(place, Duration::from_nanos(1));
    let rows = job.scan("c", ..).paged();
    assert_eq!(rows.clone().iter().map(Result::unwrap).count() as u64, ROWS);
    assert_eq!(rows.wait().unwrap().len() as u64, ROWS);
}
