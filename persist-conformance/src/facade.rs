//! The behavior that the original's facade tests check.

use persist_core::{TxOp, key};

use crate::Fixture;

pub fn put_payload_is_returned_by_get(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("raw", key!("general", 7i64), b"raw bytes");
    let got = job.get("raw", key!("general", 7i64)).wait().unwrap();
    assert_eq!(got.as_deref(), Some(&b"raw bytes"[..]));
}

pub fn batch_becomes_visible_at_once(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("msg", key!("gone"), b"").wait().unwrap();
    job.persist([
        TxOp::put("msg", key!("a"), b"1"),
        TxOp::put("raw", key!("b"), b"2"),
        TxOp::delete("msg", key!("gone")),
    ]);
    assert_eq!(job.get("msg", key!("a")).wait().unwrap().as_deref(), Some(&b"1"[..]));
    assert_eq!(job.get("raw", key!("b")).wait().unwrap().as_deref(), Some(&b"2"[..]));
    assert!(!job.exists("msg", key!("gone")).wait().unwrap());
}

pub fn prefix_scan_returns_rows_in_key_order(place: &dyn Fixture) {
    assert_eq!(prefixed(place, false), [1, 2, 3]);
}

pub fn reversed_prefix_scan_returns_rows_in_reverse_key_order(place: &dyn Fixture) {
    assert_eq!(prefixed(place, true), [3, 2, 1]);
}

/// Returns the numbers of one channel between two others.
fn prefixed(place: &dyn Fixture, reverse: bool) -> Vec<i64> {
    let (_store, job) = place.open_job();
    for (channel, n) in [("b", 2i64), ("a", 9), ("b", 3), ("c", 0), ("b", 1)] {
        job.persist_put("msg", key!(channel, n), b"");
    }
    let scan = job.scan_prefix("msg", key!("b"));
    let rows = if reverse { scan.reverse() } else { scan }.wait().unwrap();
    rows.iter().map(|row| row.key().decode::<(&str, i64)>().unwrap().1).collect()
}

pub fn acked_delete_reports_hit_and_miss(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"1");
    let (hit, miss) = (job.delete_acked("c", "k"), job.delete_acked("c", "k"));
    assert!(hit.wait().unwrap());
    assert!(!miss.wait().unwrap());
}

pub fn fire_and_forget_delete_removes_the_row(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "k", b"1").wait().unwrap();
    job.persist_delete("c", "k");
    assert_eq!(job.get("c", "k").wait().unwrap(), None);
    // Deleting a missing row is no error.
    job.persist_delete("c", "k").wait().unwrap();
}

pub fn jobs_do_not_see_the_rows_of_others(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let other = store.open_job("other").wait().unwrap();
    job.persist_put("c", "k", b"of the job");
    other.persist_put("c", "k", b"of the other");
    other.persist_put("c", "l", b"");
    other.persist_delete_prefix("d", key!());
    assert_eq!(job.get("c", "k").wait().unwrap().as_deref(), Some(&b"of the job"[..]));
    assert_eq!(other.get("c", "k").wait().unwrap().as_deref(), Some(&b"of the other"[..]));
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    assert!(other.delete_acked("c", "k").wait().unwrap());
    assert!(job.exists("c", "k").wait().unwrap());
}
