//! Opening, closing and dropping jobs.

use std::sync::Barrier;
use std::thread;

use persist_core::{Error, Job};

use crate::Fixture;
use crate::rows::numbers;

pub fn reopened_job_has_its_rows(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..100u64 {
        job.persist_put("c", n, b"");
    }
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), (0..100).collect::<Vec<_>>());
    store.close().wait().unwrap();

    let (_store, job) = place.open_job();
    assert_eq!(job.count("c", ..).wait().unwrap(), 100);
}

pub fn open_of_an_open_job_returns_the_same_job(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let again = store.open_job("job").wait().unwrap();
    assert!(again.same_job(&job));
    again.persist_put("c", "k", b"1");
    assert!(job.exists("c", "k").wait().unwrap());
    assert_eq!(store.job_ids(), ["job"]);
}

pub fn persisted_row_is_read_back(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let committed = job.persist_put("c", "k", b"1").wait().unwrap();
    assert_eq!(committed.commit, 1);
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"1"[..]));
}

pub fn calls_after_close_job_return_closed(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let queued = job.persist_put("c", 1u64, b"");
    store.close_job("job").wait().unwrap();
    assert_eq!(queued.wait().unwrap().commit, 1, "a close commits the queue");
    assert!(!job.is_open());
    assert!(matches!(job.persist_put("c", 2u64, b"").wait(), Err(Error::Closed { .. })));
    assert!(matches!(job.get("c", 1u64).wait(), Err(Error::Closed { .. })));
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub fn dropped_job_has_no_rows(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"").wait().unwrap();
    store.drop_job("job").wait().unwrap();
    assert!(!store.has_job("job"));
    assert!(matches!(job.get("c", "k").wait(), Err(Error::Closed { .. })));
    assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
}

pub fn range_is_scanned_and_counted(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, b"");
    }
    assert_eq!(numbers(job.scan("c", 2u64..5)), [2, 3, 4]);
    assert_eq!(job.count("c", 2u64..5).wait().unwrap(), 3);
}

pub fn acked_delete_of_a_missing_and_an_existing_row_reports_which(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    assert!(!job.delete_acked("c", "k").wait().unwrap());
    job.persist_put("c", "k", b"");
    assert!(job.exists("c", "k").wait().unwrap());
    assert!(job.delete_acked("c", "k").wait().unwrap());
    assert!(!job.exists("c", "k").wait().unwrap());
    assert!(!job.delete_acked("c", "k").wait().unwrap());
}

pub fn open_from_eight_threads_returns_one_job(place: &dyn Fixture) {
    let store = place.open();
    let start = Barrier::new(8);
    let jobs: Vec<Job> = thread::scope(|scope| {
        let open = |_| {
            scope.spawn(|| {
                start.wait();
                store.open_job("job").wait().unwrap()
            })
        };
        let threads: Vec<_> = (0..8).map(open).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(jobs.iter().all(|job| job.same_job(&jobs[0])));
    assert_eq!(store.job_ids(), ["job"]);
}

pub fn close_of_a_job_that_is_not_open_returns_job_not_found(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    let error = store.close_job("other").wait().unwrap_err();
    assert!(matches!(&error, Error::JobNotFound { job } if job == "other"), "{error}");
    store.close_job("job").wait().unwrap();
    assert!(matches!(store.close_job("job").wait(), Err(Error::JobNotFound { .. })));
}

pub fn drop_of_an_unknown_job_returns_job_not_found(place: &dyn Fixture) {
    let store = place.open();
    assert!(matches!(store.drop_job("job").wait(), Err(Error::JobNotFound { .. })));
    store.open_job("job").wait().unwrap();
    store.drop_job("job").wait().unwrap();
    assert!(matches!(store.drop_job("job").wait(), Err(Error::JobNotFound { .. })));
}

pub fn stored_job_is_dropped_without_an_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", "k", b"");
    store.close().wait().unwrap();
    let store = place.open();
    store.drop_job("job").wait().unwrap();
    assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
    assert_eq!(store.open_job("job").wait().unwrap().count("c", ..).wait().unwrap(), 0);
}

pub fn drop_of_a_job_open_in_another_instance_returns_busy(place: &dyn Fixture) {
    let (_holder, job) = place.open_job();
    job.persist_put("c", 1u64, b"").wait().unwrap();
    let store = place.open();
    let error = store.drop_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    job.persist_put("c", 2u64, b"").wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [1, 2]);
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["job"]);
}

pub fn dropped_job_opens_again_without_rows(place: &dyn Fixture) {
    let store = place.open();
    for round in 0..5u64 {
        let job = store.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 0, "round {round}");
        job.persist_put("c", round, b"").wait().unwrap();
        store.drop_job("job").wait().unwrap();
    }
}

pub fn close_of_a_job_leaves_others_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    store.open_job("other").wait().unwrap();
    store.close_job("other").wait().unwrap();
    assert!(job.is_open());
    job.persist_put("c", "k", b"").wait().unwrap();
    assert_eq!(store.job_ids(), ["job"]);
}

pub fn second_close_does_nothing(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    store.close().wait().unwrap();
    store.close().wait().unwrap();
}

pub fn calls_of_a_closed_store_return_closed(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    store.close().wait().unwrap();
    assert!(matches!(store.open_job("job").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.open_job("new").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.close_job("job").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.drop_job("job").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.stored_job_ids().wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.job("job"), Err(Error::Closed { .. })));
    assert_eq!(store.job_ids(), [""; 0]);
    assert_eq!(place.open().stored_job_ids().wait().unwrap(), ["job"]);
}

pub fn job_ids_lists_open_jobs_in_order(place: &dyn Fixture) {
    let store = place.open();
    assert_eq!(store.job_ids(), [""; 0]);
    for id in ["b", "a", "c/d", "ä"] {
        store.open_job(id).wait().unwrap();
    }
    assert_eq!(store.job_ids(), ["a", "b", "c/d", "ä"]);
}

pub fn stored_job_ids_lists_open_and_closed_jobs(place: &dyn Fixture) {
    let store = place.open();
    assert_eq!(store.stored_job_ids().wait().unwrap(), [""; 0]);
    for id in ["b", "../a", ".hidden", "ä", "100%"] {
        store.open_job(id).wait().unwrap();
    }
    store.close_job("b").wait().unwrap();
    let stored = ["../a", ".hidden", "100%", "b", "ä"];
    assert_eq!(store.stored_job_ids().wait().unwrap(), stored);
    store.close().wait().unwrap();
    assert_eq!(place.open().stored_job_ids().wait().unwrap(), stored);
}

pub fn empty_id_is_refused(place: &dyn Fixture) {
    let store = place.open();
    assert!(matches!(store.open_job("").wait(), Err(Error::InvalidArgument { .. })));
    assert!(matches!(store.drop_job("").wait(), Err(Error::InvalidArgument { .. })));
    assert!(matches!(store.job(""), Err(Error::JobNotFound { .. })));
}

pub fn failed_open_changes_nothing(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    store.open_job("").wait().unwrap_err();
    assert_eq!(store.job_ids(), ["job"]);
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["job"]);
    job.persist_put("c", "k", b"").wait().unwrap();
}

pub fn request_does_nothing_before_the_wait(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let open = store.open_job("other");
    let close = store.close_job("job");
    let drop_it = store.drop_job("job");
    assert_eq!(store.job_ids(), ["job"]);
    assert!(job.is_open());
    drop((close, drop_it));
    assert!(job.is_open());
    open.wait().unwrap();
    assert_eq!(store.job_ids(), ["job", "other"]);
}
