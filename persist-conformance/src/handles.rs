//! Handles: which of them keep a job open, and their errors after a close.

use persist_core::{Config, Error, Key};
use std::sync::mpsc::channel;

use crate::Fixture;
use crate::rows::numbers;
use crate::subscript::errors_of_every_call;

pub fn clone_of_a_closed_store_is_closed(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let clone = store.clone();
    assert!(clone.same_instance(&store) && !clone.same_instance(&place.open()));
    store.close().wait().unwrap();
    assert!(matches!(clone.open_job("job").wait(), Err(Error::Closed { .. })));
    assert!(matches!(clone.job("job"), Err(Error::Closed { .. })));
    assert!(!clone.has_job("job") && !job.is_open());
}

pub fn calls_of_a_closed_job_return_closed(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let clone = job.clone();
    store.close_job("job").wait().unwrap();
    for error in errors_of_every_call(&job).into_iter().chain(errors_of_every_call(&clone)) {
        assert!(matches!(error, Error::Closed { .. }), "{error}");
        assert!(error.to_string().contains("job"), "{error} names the job");
    }
}

pub fn handle_from_before_a_reopen_stays_closed(place: &dyn Fixture) {
    let (store, before) = place.open_job();
    store.close_job("job").wait().unwrap();
    let after = store.open_job("job").wait().unwrap();
    assert!(!before.is_open() && !before.same_job(&after));
    assert!(matches!(before.persist_put("c", "k", b"").wait(), Err(Error::Closed { .. })));
    assert_eq!(after.count("c", ..).wait().unwrap(), 0);
}

pub fn job_without_its_store_stays_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    drop(store);
    assert!(job.is_open());
    job.persist_put("c", "k", b"1").wait().unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"1"[..]));
}

pub fn job_without_handles_stays_open_in_its_store(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"1");
    drop(job);
    assert!(store.has_job("job"));
    assert_eq!(store.get("job", "c", "k").wait().unwrap().as_deref(), Some(&b"1"[..]));
}

pub fn drop_of_the_last_handle_loses_no_writes(place: &dyn Fixture) {
    for round in 1..=5 {
        let (store, job) = place.open_job();
        for n in 0..2_000u64 {
            job.persist_put("c", (round, n), b"");
        }
        drop(store);
        drop(job);
        // The next open waits for the queued writes.
        let (_store, job) = place.open_job();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2_000 * round);
    }
}

pub fn last_handle_dropped_on_the_worker_loses_no_writes(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", 1u64, b"");
    let (go, dropped) = channel();
    let ticket = job.transact({
        let last = job.clone();
        move |tx| {
            dropped.recv().expect("the other handles are dropped first");
            last.persist_put("c", 2u64, b"");
            tx.persist_put("c", 3u64, b"")?;
            drop(last);
            Ok(())
        }
    });
    job.persist_put("c", 4u64, b"");
    drop((store, job));
    go.send(()).unwrap();
    ticket.wait().unwrap();
    let (_store, job) = place.open_job();
    assert_eq!(job.count("c", ..).wait().unwrap(), 4);
}

pub fn close_returns_the_first_failure_that_no_ticket_reported(place: &dyn Fixture) {
    let (store, job) = place.open_job_with(small());
    job.persist_put("c", "k", b"");
    drop(job.persist_put("c", "k", [0; 100]));
    drop(job.persist_put("c", long_key(), b""));
    job.persist_put("c", "l", b"").wait().unwrap();
    let error = store.close_job("job").wait().unwrap_err();
    assert!(matches!(&error, Error::InvalidArgument { reason } if reason.contains("payload")));
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 2, "the other writes are committed");
    store.close().wait().unwrap();
}

pub fn failure_reported_by_a_ticket_is_not_reported_by_the_close(place: &dyn Fixture) {
    let (store, job) = place.open_job_with(small());
    job.persist_put("c", long_key(), b"").wait().unwrap_err();
    assert!(job.last_error().is_none());
    store.close_job("job").wait().unwrap();
}

pub fn last_error_is_the_newest_that_no_ticket_reported(place: &dyn Fixture) {
    let (store, job) = place.open_job_with(small());
    assert!(job.last_error().is_none());
    drop(job.persist_put("c", long_key(), b""));
    drop(job.persist_put("c", "k", [0; 100]));
    job.persist_put("c", long_key(), b"").wait().unwrap_err();
    let last = job.last_error();
    assert!(
        matches!(&last, Some(Error::InvalidArgument { reason }) if reason.contains("payload")),
        "{last:?}"
    );
    store.close().wait().unwrap_err();
}

pub fn close_of_a_store_returns_the_failure_of_a_job(place: &dyn Fixture) {
    let (store, job) = place.open_job_with(small());
    let other = store.open_job("other").wait().unwrap();
    drop(other.persist_put("c", long_key(), b""));
    let written = job.persist_put("c", 1u64, b"");
    assert!(matches!(store.close().wait(), Err(Error::InvalidArgument { .. })));
    written.wait().unwrap();
    assert!(!job.is_open() && !other.is_open(), "all jobs are closed, also after a failure");
    let (_store, job) = place.open_job();
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub fn same_job_of_handles_of_different_jobs_is_false(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let other = store.open_job("other").wait().unwrap();
    assert!(job.same_job(&job.clone()) && !job.same_job(&other));
    let (_second, same_rows) = place.open_job();
    assert!(!job.same_job(&same_rows), "another instance opens a job of its own");
}

fn small() -> Config {
    Config::new().key_limit_bytes(16).payload_limit_bytes(32)
}

fn long_key() -> Key {
    Key::from_bytes([0; 17])
}
