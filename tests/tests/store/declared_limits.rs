//! The limits that a backend declares.

use persist_core::port::SizeLimits;
use persist_core::{Error, Job, Key, Persistency, TxOp};
use persist_tests::scripted::Scripted;

/// Opens a job on a backend that stores 10 bytes of category and key, payloads of 20 bytes, and batches of 40 bytes.
fn open() -> (Persistency, Job) {
    let limits = SizeLimits { row_key_bytes: 10, payload_bytes: 20, batch_bytes: 40 };
    let store = Persistency::open(Scripted::limited(limits)).unwrap();
    let job = store.open_job("job").wait().unwrap();
    (store, job)
}

fn key(length: usize) -> Key {
    Key::from_bytes(vec![7; length])
}

fn assert_refused<T: std::fmt::Debug>(result: Result<T, Error>, words: &str) {
    match result {
        Err(Error::InvalidArgument { reason }) => assert!(reason.contains(words), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn row_within_the_limits_of_the_backend_is_stored() {
    let (store, job) = open();
    job.persist_put("c", key(9), [0; 20]).wait().unwrap();
    assert_eq!(job.get("c", key(9)).wait().unwrap(), Some(vec![0; 20]));
    store.close().wait().unwrap();
}

#[test]
fn row_beyond_the_limits_of_the_backend_is_refused_by_every_kind_of_write() {
    let (_store, job) = open();
    let long_key = TxOp::put("cc", key(9), b"");
    let long_payload = TxOp::put("c", key(9), [0; 21]);
    for (op, words) in [
        (long_key, "a category and a key of together 11 bytes"),
        (long_payload, "a payload of 21 bytes"),
    ] {
        let ops = [TxOp::put("c", 1u64, b""), op];
        assert_refused(job.persist(ops.clone()).wait(), words);
        assert_refused(job.try_persist(ops.clone()).map_err(Error::from), words);
        assert_refused(job.submit(ops.clone()).wait().map_err(Error::from), words);
        assert_refused(job.reserve(1_000).wait().unwrap().persist(ops.clone()).wait(), words);
        assert_refused(job.transact(move |tx| tx.persist(ops)).wait(), words);
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
}

#[test]
fn batch_beyond_the_limit_of_the_backend_is_refused_as_a_whole() {
    let (_store, job) = open();
    let put = |n: u64, bytes: usize| TxOp::put("c", n, vec![0; bytes]);
    job.persist([put(1, 11), put(2, 11)]).wait().unwrap();
    assert_refused(job.persist([put(3, 11), put(4, 12)]).wait(), "a batch of 41 bytes");
    assert_eq!(job.count("c", ..).wait().unwrap(), 2);
}

#[test]
fn reads_and_deletes_of_longer_keys_find_nothing() {
    let (_store, job) = open();
    job.persist_put("c", key(9), b"").wait().unwrap();
    assert_eq!(job.get("c", key(30)).wait().unwrap(), None);
    assert!(!job.delete_acked("c", key(30)).wait().unwrap());
    assert_eq!(job.persist_delete_range("c", ..=key(30)).wait().unwrap().removed, 1);
}
