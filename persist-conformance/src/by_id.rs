//! The calls of a job by its id.

use persist_core::{Error, Key, PayloadDecode, PayloadEncode, TxOp, key};

use crate::Fixture;
use crate::rows::{numbers, pairs};

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Message {
    sender: String,
    seq: u64,
    body: Vec<u8>,
}

pub fn lookup_of_an_id_that_is_not_open_returns_job_not_found(place: &dyn Fixture) {
    let store = place.open();
    let error = store.job("job").unwrap_err();
    assert!(matches!(&error, Error::JobNotFound { job } if job == "job"), "{error}");
    assert!(error.to_string().contains("job"), "{error}");
}

pub fn lookup_of_an_open_id_returns_its_job(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    assert!(store.job("job").unwrap().same_job(&job));
    assert_eq!(store.job("job").unwrap().id(), "job");
}

pub fn has_job_agrees_with_the_lookup(place: &dyn Fixture) {
    let store = place.open();
    assert!(!store.has_job("job") && store.job("job").is_err());
    store.open_job("job").wait().unwrap();
    assert!(store.has_job("job") && store.job("job").is_ok());
    store.close_job("job").wait().unwrap();
    assert!(!store.has_job("job") && store.job("job").is_err());
}

pub fn subscript_returns_the_open_job(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    assert!(store["job"].same_job(&job));
    assert_eq!(store["job"].id(), "job");
    store["job"].persist_put("c", "k", b"1");
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"1"[..]));
}

pub fn put_and_get_work_by_id_alone(place: &dyn Fixture) {
    let store = place.open();
    store.open_job("job").wait().unwrap();
    store.persist_put("job", "raw", key!("x"), b"1");
    assert_eq!(store.get("job", "raw", key!("x")).wait().unwrap().as_deref(), Some(&b"1"[..]));
}

pub fn reads_by_an_unknown_id_return_job_not_found(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    let errors = [
        store.get("other", "c", "k").wait().unwrap_err(),
        store.exists("other", "c", "k").wait().unwrap_err(),
        store.count("other", "c", ..).wait().unwrap_err(),
        store.scan("other", "c", ..).wait().unwrap_err(),
        store.scan_prefix("other", "c", "k").wait().unwrap_err(),
        store.scan("other", "c", ..).iter().next().unwrap().unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, Error::JobNotFound { job } if job == "other"), "{error}");
    }
}

pub fn writes_by_an_unknown_id_are_dropped_and_return_job_not_found(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    drop(store.persist_put("other", "c", "k", b""));
    let errors = [
        store.persist("other", [TxOp::put("c", "k", b"")]).wait().unwrap_err(),
        store.persist_put("other", "c", "k", b"").wait().unwrap_err(),
        store.persist_encoded("other", "c", "k", "text").wait().unwrap_err(),
        store.persist_delete("other", "c", "k").wait().unwrap_err(),
        store.delete_acked("other", "c", "k").wait().unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(&error, Error::JobNotFound { job } if job == "other"), "{error}");
    }
    assert_eq!(store.stored_job_ids().wait().unwrap(), ["job"]);
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    store.close().wait().unwrap();
}

pub fn encoded_struct_by_id_is_read_back(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let message = Message { sender: "ann".into(), seq: 7, body: vec![0, 255] };
    store.persist_encoded("job", "msg", key!("general", 7i64), &message);
    let read: Option<Message> = job.get_as("msg", key!("general", 7i64)).wait().unwrap();
    assert_eq!(read, Some(message));
}

pub fn scan_by_id_equals_the_scan_by_handle(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..10u64 {
        store.persist_put("job", "c", n, [1; 3]);
    }
    let by_id = store.scan("job", "c", 2u64..).limit(5).wait().unwrap();
    let by_handle = job.scan("c", 2u64..).limit(5).wait().unwrap();
    assert_eq!(by_id.len(), 5);
    assert_eq!(pairs(&by_id), pairs(&by_handle));
}

pub fn calls_by_id_equal_the_calls_of_the_handle(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    store.persist("job", [TxOp::put("c", 1u64, b"one"), TxOp::put("c", 2u64, b"two")]);
    store.persist_put("job", "c", 3u64, b"three");
    store.persist_encoded("job", "c", 4u64, &4u64);
    assert_eq!(numbers(job.scan("c", ..)), [1, 2, 3, 4]);
    assert_eq!(store.get("job", "c", 1u64).wait().unwrap().as_deref(), Some(&b"one"[..]));
    assert_eq!(store.count("job", "c", ..).wait().unwrap(), 4);
    assert!(store.exists("job", "c", 1u64).wait().unwrap());
    assert_eq!(numbers(store.scan("job", "c", 2u64..)), [2, 3, 4]);
    assert_eq!(numbers(store.scan_prefix("job", "c", Key::new())), [1, 2, 3, 4]);

    assert_eq!(store.persist_delete("job", "c", 1u64).wait().unwrap().removed, 1);
    assert!(store.delete_acked("job", "c", 2u64).wait().unwrap());
    assert_eq!(numbers(job.scan("c", ..)), [3, 4]);
}

pub fn calls_by_id_after_the_close_return_closed(place: &dyn Fixture) {
    let (store, _job) = place.open_job();
    store.close().wait().unwrap();
    assert!(!store.has_job("job"));
    assert!(matches!(store.get("job", "c", "k").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.persist_put("job", "c", "k", b"").wait(), Err(Error::Closed { .. })));
    assert!(matches!(store.count("unknown", "c", ..).wait(), Err(Error::Closed { .. })));
}
