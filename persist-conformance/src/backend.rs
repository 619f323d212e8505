//! The behavior that the original's backend tests check, through the facade.

use persist_core::{Error, Key, KeyRange, TxOp, key};

use crate::Fixture;
use crate::rows::numbers;

pub fn put_row_is_read_back(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", key!("k"), b"payload").wait().unwrap();
    assert_eq!(job.get("c", key!("k")).wait().unwrap().as_deref(), Some(&b"payload"[..]));
}

pub fn second_put_replaces_the_payload(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"first, and longer").wait().unwrap();
    job.persist_put("c", "k", b"second").wait().unwrap();
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"second"[..]));
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
}

pub fn acked_delete_reports_whether_the_row_existed(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"1").wait().unwrap();
    assert!(job.delete_acked("c", "k").wait().unwrap());
    assert!(!job.delete_acked("c", "k").wait().unwrap());
    assert!(!job.delete_acked("other", "k").wait().unwrap());
}

pub fn batch_applies_whole_or_not_at_all(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist([TxOp::put("c", 1u64, b"1"), TxOp::put("c", 2u64, b"2")]).wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [1, 2]);

    let too_long = Key::from_bytes(vec![0; (16 << 20) + 1]);
    let refused = job.persist([
        TxOp::delete("c", 1u64),
        TxOp::put("c", 3u64, b"3"),
        TxOp::delete("c", too_long),
    ]);
    assert!(matches!(refused.wait(), Err(Error::InvalidArgument { .. })));
    assert_eq!(numbers(job.scan("c", ..)), [1, 2]);
}

pub fn ascending_scan_returns_rows_in_key_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in [3u64, 1, 256, 2, 0] {
        job.persist_put("c", n, b"");
    }
    assert_eq!(numbers(job.scan("c", ..)), [0, 1, 2, 3, 256]);
}

pub fn descending_scan_returns_rows_in_reverse_key_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in [3u64, 1, 256, 2, 0] {
        job.persist_put("c", n, b"");
    }
    assert_eq!(numbers(job.scan("c", ..).reverse()), [256, 3, 2, 1, 0]);
}

pub fn key_range_is_half_open(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, b"");
    }
    let range = KeyRange::new(key!(3u64), key!(6u64));
    assert_eq!(numbers(job.scan("c", &range)), [3, 4, 5]);
    assert_eq!(numbers(job.scan("c", &range).reverse()), [5, 4, 3]);
    assert_eq!(job.count("c", range).wait().unwrap(), 3);
}

pub fn key_range_with_empty_stop_as_end_has_an_open_end(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in [0, 7, u64::MAX] {
        job.persist_put("c", n, b"");
    }
    let range = KeyRange::with_empty_stop_as_end(key!(7u64), Key::new());
    assert_eq!(numbers(job.scan("c", &range)), [7, u64::MAX]);
    assert_eq!(numbers(job.scan("c", &range).reverse()), [u64::MAX, 7]);
    assert_eq!(job.count("c", range).wait().unwrap(), 2);
}

pub fn categories_are_separate_key_spaces(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("a", "k", b"in a");
    job.persist_put("b", "k", b"in b");
    job.persist_put("b", "only in b", b"");
    assert_eq!(job.get("a", "k").wait().unwrap().as_deref(), Some(&b"in a"[..]));
    assert_eq!(job.get("b", "k").wait().unwrap().as_deref(), Some(&b"in b"[..]));
    assert_eq!(job.count("a", ..).wait().unwrap(), 1);
    assert!(job.delete_acked("a", "k").wait().unwrap());
    assert_eq!(job.count("b", ..).wait().unwrap(), 2);
}

pub fn delete_in_a_batch_removes_the_row(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", 1u64, b"").wait().unwrap();
    job.persist([TxOp::put("c", 2u64, b""), TxOp::delete("c", 1u64)]).wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [2]);
}

pub fn get_of_a_missing_key_returns_none(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    assert_eq!(job.get("c", "k").wait().unwrap(), None);
    assert_eq!(job.get_as::<u64>("c", "k").wait().unwrap(), None);
    job.persist_put("c", "l", b"");
    assert_eq!(job.get("c", "k").wait().unwrap(), None);
}

pub fn count_of_an_empty_category_is_zero(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("other", "k", b"");
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    assert!(job.scan("c", ..).wait().unwrap().is_empty());
}
