//! `store["id"]`: a handle that looks up its job at each call.

use persist_core::{Error, Job, TxOp};

use crate::Fixture;
use crate::runtime::block_on;

pub fn calls_of_an_unknown_id_return_job_not_found(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    let unknown = &store["other"];
    assert!(!unknown.is_open());
    assert!(!unknown.same_job(&store["job"]) && !unknown.same_job(unknown));
    assert!(unknown.last_error().is_none());
    for error in errors_of_every_call(unknown) {
        assert!(matches!(error, Error::JobNotFound { .. }), "{error}");
    }
}

pub fn subscript_follows_a_close_and_a_reopen(place: &dyn Fixture) {
    let (store, before) = place.open_job();
    let subscript = &store["job"];
    subscript.persist_put("c", 1u64, b"");
    store.close_job("job").wait().unwrap();
    assert!(!subscript.is_open());
    for error in errors_of_every_call(subscript) {
        assert!(matches!(&error, Error::JobNotFound { job } if job == "job"), "{error}");
    }
    let after = store.open_job("job").wait().unwrap();
    assert!(subscript.is_open());
    assert!(subscript.same_job(&after) && !subscript.same_job(&before));
    subscript.persist_put("c", 2u64, b"");
    assert_eq!(subscript.count("c", ..).wait().unwrap(), 2);
}

pub fn borrowed_subscript_stays_valid_among_a_thousand_others(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let first = &store["job"];
    for n in 0..50 {
        store.open_job(&format!("job {n}")).wait().unwrap();
    }
    for n in 0..1_000 {
        assert!(!store[format!("unknown {n}").as_str()].is_open());
    }
    assert!(first.same_job(&job));
    for n in 0..50 {
        assert_eq!(store[format!("job {n}").as_str()].id(), format!("job {n}"));
    }
}

pub fn subscript_of_a_closed_store_returns_closed(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    let subscript = store["job"].clone();
    store.close().wait().unwrap();
    for error in errors_of_every_call(&store["job"]) {
        assert!(matches!(error, Error::Closed { .. }), "{error}");
    }
    drop(store);
    for error in errors_of_every_call(&subscript) {
        assert!(matches!(error, Error::Closed { .. }), "{error}");
    }
}

/// Returns the error of each call that can fail.
pub(crate) fn errors_of_every_call(job: &Job) -> Vec<Error> {
    vec![
        job.persist([TxOp::put("c", "k", b"")]).wait().unwrap_err(),
        job.persist([]).wait().unwrap_err(),
        job.persist_put("c", "k", b"").wait().unwrap_err(),
        job.persist_encoded("c", "k", &1u64).wait().unwrap_err(),
        job.persist_delete("c", "k").wait().unwrap_err(),
        job.persist_delete_prefix("c", "k").wait().unwrap_err(),
        job.persist_delete_range("c", ..).wait().unwrap_err(),
        job.delete_acked("c", "k").wait().unwrap_err(),
        job.transact(|tx| tx.persist_put("c", "k", b"")).wait().unwrap_err(),
        job.sync().wait().unwrap_err(),
        job.get("c", "k").wait().unwrap_err(),
        job.get("c", "k").into_owned().wait().unwrap_err(),
        job.get_as::<u64>("c", "k").wait().unwrap_err(),
        job.exists("c", "k").wait().unwrap_err(),
        job.count("c", ..).wait().unwrap_err(),
        job.categories().wait().unwrap_err(),
        job.first("c", ..).wait().unwrap_err(),
        job.last("c", ..).wait().unwrap_err(),
        job.get_many("c", ["k"]).wait().unwrap_err(),
        job.read(|at| at.exists("c", "k")).wait().unwrap_err(),
        job.get("c", "k").committed().wait().unwrap_err(),
        job.scan("c", ..).wait().unwrap_err(),
        job.scan_prefix("c", "k").reverse().limit(1).wait().unwrap_err(),
        job.scan("c", ..).iter().next().unwrap().unwrap_err(),
        job.stats().wait().unwrap_err(),
        job.check().wait().unwrap_err(),
        block_on(job.check()).unwrap_err(),
        job.compact().wait().unwrap_err(),
        job.backup_to("copy.db").wait().unwrap_err(),
        job.backup_to_with("copy.db", |_| ()).wait().unwrap_err(),
    ]
}
