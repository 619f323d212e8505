//! Ranges have the meaning that `Ord` gives them.

use std::ops::Bound;

use persist_core::{Job, Key, KeyRange, TxOp, key};

use crate::Fixture;
use crate::rows::{keys, numbers};

pub fn std_ranges_select_the_keys_they_contain(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, b"");
    }
    assert_eq!(numbers(job.scan("c", ..)), (0..10).collect::<Vec<_>>());
    assert_eq!(numbers(job.scan("c", 3u64..6)), [3, 4, 5]);
    assert_eq!(numbers(job.scan("c", 3u64..=6)), [3, 4, 5, 6]);
    assert_eq!(numbers(job.scan("c", 7u64..)), [7, 8, 9]);
    assert_eq!(numbers(job.scan("c", ..2u64)), [0, 1]);
    assert_eq!(numbers(job.scan("c", ..=2u64)), [0, 1, 2]);
    let beyond = (Bound::Excluded(7u64), Bound::Unbounded);
    assert_eq!(numbers(job.scan("c", beyond)), [8, 9]);
    assert_eq!(numbers(job.scan("c", key!(8u64)..)), [8, 9]);
    assert_eq!(numbers(job.scan("c", ..=u64::MAX).reverse().limit(2)), [9, 8]);
}

/// Stores keys that are prefixes of each other.
fn nested(job: &Job) {
    for key in [&b"a"[..], b"a\0", b"a\0\0", b"ab", b"b"] {
        job.persist_put("c", Key::from_bytes(key), b"");
    }
}

fn raw(bytes: &[u8]) -> Key {
    Key::from_bytes(bytes)
}

pub fn inclusive_end_excludes_longer_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    nested(&job);
    assert_eq!(keys(job.scan("c", ..=raw(b"a"))), [b"a"]);
    assert_eq!(keys(job.scan("c", ..=raw(b"a\0"))), [&b"a"[..], b"a\0"]);
    assert_eq!(job.count("c", ..=raw(b"a")).wait().unwrap(), 1);
    assert_eq!(keys(job.scan("c", raw(b"a")..=raw(b"a")).reverse()), [b"a"]);
    assert_eq!(keys(job.scan_prefix("c", raw(b"a"))), [&b"a"[..], b"a\0", b"a\0\0", b"ab"]);
}

pub fn excluded_start_includes_longer_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    nested(&job);
    let after = (Bound::Excluded(raw(b"a")), Bound::Unbounded);
    assert_eq!(keys(job.scan("c", after)), [&b"a\0"[..], b"a\0\0", b"ab", b"b"]);
    let between = (Bound::Excluded(raw(b"a")), Bound::Excluded(raw(b"ab")));
    assert_eq!(job.count("c", between).wait().unwrap(), 2);
}

pub fn empty_and_inverted_ranges_select_nothing(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, b"");
    }
    let empty = [
        (Bound::Included(5u64), Bound::Excluded(5u64)),
        (Bound::Excluded(5), Bound::Excluded(5)),
        (Bound::Excluded(5), Bound::Included(5)),
        (Bound::Included(6), Bound::Included(4)),
        (Bound::Excluded(6), Bound::Excluded(4)),
        (Bound::Excluded(9), Bound::Unbounded),
        (Bound::Unbounded, Bound::Excluded(0)),
    ];
    for range in empty {
        assert_eq!(job.count("c", range).wait().unwrap(), 0, "{range:?}");
        assert!(job.scan("c", range).wait().unwrap().is_empty(), "{range:?}");
        assert!(job.scan("c", range).reverse().wait().unwrap().is_empty(), "{range:?}");
        assert!(job.scan("c", range).iter().next().is_none(), "{range:?}");
    }
    let backwards = std::ops::Range { start: 6u64, end: 4 };
    assert_eq!(job.count("c", backwards).wait().unwrap(), 0);
    assert_eq!(job.count("c", ..Key::new()).wait().unwrap(), 0, "nothing is before the empty key");
}

pub fn key_range_with_an_empty_stop_as_end_has_no_end(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    nested(&job);
    let from_ab = KeyRange::with_empty_stop_as_end(raw(b"ab"), Key::new());
    assert_eq!(keys(job.scan("c", &from_ab)), [&b"ab"[..], b"b"]);
    let all = KeyRange::with_empty_stop_as_end(Key::new(), Key::new());
    assert_eq!(job.count("c", all).wait().unwrap(), 5);
    let inverted = KeyRange::new(raw(b"b"), raw(b"a"));
    assert_eq!(job.count("c", &inverted).wait().unwrap(), 0);
    assert!(job.scan("c", inverted).wait().unwrap().is_empty());
}

pub fn typed_ranges_follow_the_order_of_their_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in [i64::MIN, -300, -1, 0, 1, 300, i64::MAX] {
        job.persist_put("c", n, b"");
    }
    let rows = job.scan("c", -300i64..=1).wait().unwrap();
    let found: Vec<i64> = rows.iter().map(|row| row.key().decode().unwrap()).collect();
    assert_eq!(found, [-300, -1, 0, 1]);
    assert_eq!(job.count("c", i64::MIN..).wait().unwrap(), 7);
    assert_eq!(job.count("c", ..i64::MAX).wait().unwrap(), 6);
}

pub fn count_equals_the_scan_for_every_pair_of_bounds(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let stored = [&b""[..], b"\0", b"a", b"a\0", b"a\xFF", b"b", b"\xFF", b"\xFF\xFF"];
    for key in stored {
        job.persist_put("c", raw(key), b"");
    }
    let between = [&b"a\0\0"[..], b"aa"];
    let ends = stored.iter().chain(&between).copied();
    let bounds: Vec<Bound<Key>> = ends
        .flat_map(|key| [Bound::Included(raw(key)), Bound::Excluded(raw(key))])
        .chain([Bound::Unbounded])
        .collect();
    for start in &bounds {
        for stop in &bounds {
            let range = (start.clone(), stop.clone());
            let expected: Vec<&[u8]> =
                stored.into_iter().filter(|key| holds(&range, key)).collect();
            assert_eq!(keys(job.scan("c", range.clone())), expected, "{range:?}");
            let count = job.count("c", range.clone()).wait().unwrap();
            assert_eq!(count, expected.len() as u64, "{range:?}");
        }
    }
}

pub fn range_delete_removes_the_rows_of_a_scan_of_the_range(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let ranges = [
        (Bound::Unbounded, Bound::Unbounded),
        (Bound::Included(raw(b"a")), Bound::Unbounded),
        (Bound::Excluded(raw(b"a")), Bound::Included(raw(b"b"))),
        (Bound::Included(raw(b"b")), Bound::Excluded(raw(b"a"))),
        (Bound::Included(raw(b"")), Bound::Excluded(raw(b"\xFF"))),
    ];
    for range in ranges {
        for key in [&b""[..], b"\0", b"a", b"a\0", b"b", b"\xFF", b"\xFF\xFF"] {
            job.persist_put("c", raw(key), b"");
            job.persist_put("other", raw(key), b"");
        }
        let doomed = job.count("c", range.clone()).wait().unwrap();
        let left = 7 - doomed;
        let batch = [TxOp::delete_range("other", range.clone())];
        assert_eq!(job.persist_delete_range("c", range.clone()).wait().unwrap().removed, doomed);
        assert_eq!(job.count("c", range.clone()).wait().unwrap(), 0, "{range:?}");
        assert_eq!(job.count("c", ..).wait().unwrap(), left, "{range:?}");
        job.persist(batch);
        assert_eq!(job.count("other", ..).wait().unwrap(), left, "{range:?}");
    }
}

fn holds((start, stop): &(Bound<Key>, Bound<Key>), key: &[u8]) -> bool {
    let behind_start = match start {
        Bound::Included(start) => key >= start.as_bytes(),
        Bound::Excluded(start) => key > start.as_bytes(),
        Bound::Unbounded => true,
    };
    let before_stop = match stop {
        Bound::Included(stop) => key <= stop.as_bytes(),
        Bound::Excluded(stop) => key < stop.as_bytes(),
        Bound::Unbounded => true,
    };
    behind_start && before_stop
}
