//! Ranges within a prefix, compared with a filter over all rows.

use std::ops::Bound;

use persist_core::{Job, Key, KeyBounds, KeyRange, TxOp, key};

use crate::Fixture;
use crate::rows::keys;

fn raw(bytes: &[u8]) -> Key {
    Key::from_bytes(bytes)
}

/// A reproducible sequence of numbers (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    /// Returns the next number, which is less than `limit`.
    fn below(&mut self, limit: u8) -> u8 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).to_be_bytes()[0] % limit
    }

    /// Returns up to `longest` bytes, mostly near both ends of their range.
    fn bytes(&mut self, longest: u8) -> Vec<u8> {
        let len = self.below(longest + 1);
        (0..len).map(|_| [0, 1, 0x61, 0xFE, 0xFF, 0xFF][usize::from(self.below(6))]).collect()
    }

    fn bound(&mut self) -> Bound<Key> {
        match self.below(5) {
            0 => Bound::Unbounded,
            1 | 2 => Bound::Included(raw(&self.bytes(3))),
            _ => Bound::Excluded(raw(&self.bytes(3))),
        }
    }

    fn prefix(&mut self) -> Key {
        raw(&self.bytes(2))
    }

    fn range(&mut self) -> (Bound<Key>, Bound<Key>) {
        (self.bound(), self.bound())
    }
}

/// Returns whether a key begins with the prefix and continues it with a key in the range.
fn is_within(key: &[u8], prefix: &Key, (start, stop): &(Bound<Key>, Bound<Key>)) -> bool {
    let Some(rest) = key.strip_prefix(prefix.as_bytes()) else { return false };
    let after_start = match start {
        Bound::Unbounded => true,
        Bound::Included(start) => rest >= start.as_bytes(),
        Bound::Excluded(start) => rest > start.as_bytes() && !rest.starts_with(start.as_bytes()),
    };
    let before_stop = match stop {
        Bound::Unbounded => true,
        Bound::Included(stop) => rest <= stop.as_bytes() || rest.starts_with(stop.as_bytes()),
        Bound::Excluded(stop) => rest < stop.as_bytes(),
    };
    after_start && before_stop
}

/// Stores rows under random keys in `category`. Returns the keys in ascending order.
fn store_random_keys(job: &Job, category: &str, numbers: &mut Numbers) -> Vec<Vec<u8>> {
    let mut stored: Vec<_> = (0..60).map(|_| numbers.bytes(4)).collect();
    stored.extend([vec![], vec![0xFF], vec![0xFF; 2], vec![0xFF; 5]]);
    stored.sort();
    stored.dedup();
    job.persist(stored.iter().map(|key| TxOp::put(category, raw(key), b"")));
    stored
}

pub fn scan_and_count_within_random_prefixes_match_a_filter(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut numbers = Numbers(12);
    let (mut empty, mut partial) = (0, 0);
    for round in 0..20 {
        let category = format!("round {round}");
        let stored = store_random_keys(&job, &category, &mut numbers);
        for _ in 0..60 {
            let (prefix, range) = (numbers.prefix(), numbers.range());
            let shown = format!("{prefix:?} {range:?}");
            let mut expected = stored.clone();
            expected.retain(|key| is_within(key, &prefix, &range));
            let scan = || job.scan_within(&category, &prefix, range.clone());
            assert_eq!(keys(scan()), expected, "{shown}");
            let count = job.count_within(&category, &prefix, range.clone()).wait().unwrap();
            assert_eq!(count, expected.len() as u64, "{shown}");
            let in_view = job.read(|at| {
                let rows = at.scan_within(&category, &prefix, range.clone()).rows()?;
                Ok((rows.len() as u64, at.count_within(&category, &prefix, range.clone())?))
            });
            assert_eq!(in_view.wait().unwrap(), (count, count), "{shown}");
            empty += u32::from(expected.is_empty());
            partial += u32::from(!expected.is_empty() && expected.len() < stored.len());
            expected.reverse();
            assert_eq!(keys(scan().reverse()), expected, "{shown}");
        }
    }
    assert!(empty > 100 && partial > 100, "{empty} empty ranges, {partial} with some of the rows");
}

pub fn every_delete_within_random_prefixes_matches_a_filter(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut numbers = Numbers(13);
    for round in 0..60 {
        let (prefix, range) = (numbers.prefix(), numbers.range());
        let shown = format!("{prefix:?} {range:?}");
        for call in ["job", "try", "permit", "batch", "transaction"] {
            let category = format!("round {round} {call}");
            let mut expected = store_random_keys(&job, &category, &mut numbers);
            let before = expected.len() as u64;
            expected.retain(|key| !is_within(key, &prefix, &range));
            let doomed = before - expected.len() as u64;
            let (prefix, range) = (prefix.clone(), range.clone());
            let removed = match call {
                "job" => {
                    job.persist_delete_within(&category, prefix, range).wait().unwrap().removed
                }
                "try" => {
                    let ticket = job.try_persist_delete_within(&category, prefix, range);
                    ticket.unwrap().wait().unwrap().removed
                }
                "permit" => {
                    let permit = job.reserve(0).wait().unwrap();
                    permit.persist_delete_within(&category, prefix, range).wait().unwrap().removed
                }
                "batch" => {
                    let ops = [
                        TxOp::delete_within(&category, prefix, range),
                        TxOp::delete("none", "none"),
                    ];
                    job.persist(ops).wait().unwrap().removed
                }
                _ => {
                    let category = category.clone();
                    job.transact(move |tx| tx.persist_delete_within(&category, prefix, range))
                        .wait()
                        .unwrap()
                }
            };
            assert_eq!(removed, doomed, "{call}: {shown}");
            assert_eq!(keys(job.scan(&category, ..)), expected, "{call}: {shown}");
        }
    }
}

/// Stores the two neighbors of a prefix, and keys after it that are prefixes of each other.
fn store_neighbors(job: &Job) {
    for key in
        [&b"o"[..], b"oz", b"p", b"pa", b"pa\0", b"paz", b"pa\xFF", b"pb", b"p\xFF", b"q", b"qa"]
    {
        job.persist_put("c", raw(key), b"");
    }
}

fn within(job: &Job, range: impl KeyBounds) -> Vec<Vec<u8>> {
    keys(job.scan_within("c", raw(b"p"), range))
}

pub fn open_end_within_a_prefix_stops_before_the_next_prefix(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    assert_eq!(within(&job, ..), keys(job.scan_prefix("c", raw(b"p"))));
    assert_eq!(within(&job, raw(b"b")..), [&b"pb"[..], b"p\xFF"]);
    assert_eq!(within(&job, KeyRange::from_start(raw(b"b"))), [&b"pb"[..], b"p\xFF"]);
    // The stop of this range is open, since no key comes after the last prefix.
    assert_eq!(within(&job, KeyRange::prefix(&raw(b"\xFF"))), [b"p\xFF"]);
    assert_eq!(within(&job, raw(b"\xFF")..=raw(b"\xFF")), [b"p\xFF"]);
}

pub fn inclusive_end_within_a_prefix_includes_longer_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    assert_eq!(within(&job, ..=raw(b"a")), [&b"p"[..], b"pa", b"pa\0", b"paz", b"pa\xFF"]);
    assert_eq!(within(&job, ..raw(b"a")), [b"p"]);
    assert_eq!(within(&job, raw(b"a")..=raw(b"a")).len(), 4);
}

pub fn excluded_start_within_a_prefix_excludes_longer_keys(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    let after = |key: &[u8]| (Bound::Excluded(raw(key)), Bound::Unbounded);
    assert_eq!(within(&job, after(b"a")), [&b"pb"[..], b"p\xFF"]);
    assert_eq!(within(&job, after(b"b")), [b"p\xFF"]);
    // Every key begins with the empty key, so no key comes after that prefix.
    assert!(within(&job, after(b"")).is_empty());
    assert!(within(&job, after(b"\xFF")).is_empty());
}

pub fn excluded_start_of_ff_bytes_is_empty(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for key in [&b""[..], b"a", b"\xFE", b"\xFF", b"\xFF\0", b"\xFF\xFF", b"\xFF\xFF\xFF"] {
        job.persist_put("c", raw(key), b"");
    }
    for (prefix, start) in
        [(&b""[..], &b""[..]), (b"", b"\xFF"), (b"\xFF", b""), (b"\xFF", b"\xFF")]
    {
        let range = (Bound::Excluded(raw(start)), Bound::Unbounded);
        let count = job.count_within("c", raw(prefix), range.clone()).wait().unwrap();
        assert_eq!(count, 0, "{prefix:?} {start:?}");
        assert!(
            job.scan_within("c", raw(prefix), range.clone()).reverse().wait().unwrap().is_empty()
        );
        let removed = job.persist_delete_within("c", raw(prefix), range).wait().unwrap().removed;
        assert_eq!(removed, 0, "{prefix:?} {start:?}");
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 7);
}

pub fn inverted_range_within_a_prefix_is_empty(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    let inverted = [
        (Bound::Included(raw(b"b")), Bound::Excluded(raw(b"a"))),
        (Bound::Included(raw(b"b")), Bound::Included(raw(b"a"))),
        (Bound::Excluded(raw(b"a")), Bound::Included(raw(b"a"))),
        (Bound::Included(raw(b"a")), Bound::Excluded(raw(b"a"))),
        (Bound::Unbounded, Bound::Excluded(Key::new())),
    ];
    for range in inverted {
        assert!(within(&job, range.clone()).is_empty(), "{range:?}");
        assert_eq!(job.persist_delete_within("c", raw(b"p"), range).wait().unwrap().removed, 0);
    }
}

pub fn empty_stop_of_a_rust_range_selects_and_deletes_nothing(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    let empty = [
        (Bound::Unbounded, Bound::Excluded(Key::new())),
        (Bound::Included(Key::new()), Bound::Excluded(Key::new())),
        (Bound::Included(raw(b"pa")), Bound::Excluded(Key::new())),
        (Bound::Excluded(raw(b"pa")), Bound::Excluded(Key::new())),
    ];
    for range in empty {
        for prefix in [Key::new(), raw(b"p")] {
            let (range, prefix) = (range.clone(), prefix.clone());
            assert_eq!(job.count("c", range.clone()).wait().unwrap(), 0, "{range:?}");
            assert!(job.first("c", range.clone()).wait().unwrap().is_none(), "{range:?}");
            assert_eq!(job.count_within("c", &prefix, range.clone()).wait().unwrap(), 0);
            job.persist([
                TxOp::delete_range("c", range.clone()),
                TxOp::delete_within("c", &prefix, range.clone()),
            ]);
            let removed = job.transact(move |tx| {
                let removed = tx.persist_delete_range("c", range.clone())?;
                Ok(removed + tx.persist_delete_within("c", &prefix, range)?)
            });
            assert_eq!(removed.wait().unwrap(), 0);
        }
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 11);
}

pub fn empty_stop_of_a_key_range_is_an_end_only_with_empty_stop_as_end(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    store_neighbors(&job);
    let half_open = KeyRange::new(raw(b"pb"), Key::new());
    let open = KeyRange::with_empty_stop_as_end(raw(b"pb"), Key::new());
    assert_eq!(job.count("c", &half_open).wait().unwrap(), 0);
    assert_eq!(job.persist_delete_range("c", half_open).wait().unwrap().removed, 0);
    assert_eq!(keys(job.scan("c", &open)), [&b"pb"[..], b"p\xFF", b"q", b"qa"]);
    assert_eq!(within(&job, KeyRange::new(raw(b"b"), Key::new())), [] as [&[u8]; 0]);
    assert_eq!(job.persist_delete_range("c", open).wait().unwrap().removed, 4);
}

pub fn typed_range_within_a_prefix_selects_the_next_part(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for channel in ["general", "generam", "other"] {
        for epoch in [i64::MIN, -1, 0, 7, i64::MAX] {
            for seq in [0u64, u64::MAX] {
                job.persist_put("c", key!(channel, epoch, seq), b"");
            }
        }
    }
    let epochs = |range: (Bound<i64>, Bound<i64>)| -> Vec<i64> {
        let rows = job.scan_within("c", "general", range).wait().unwrap();
        let epochs = rows.iter().map(|row| {
            let (channel, epoch, _): (&str, i64, u64) = row.key().decode().unwrap();
            assert_eq!(channel, "general");
            epoch
        });
        epochs.step_by(2).collect()
    };
    assert_eq!(epochs((Bound::Unbounded, Bound::Included(0))), [i64::MIN, -1, 0]);
    assert_eq!(epochs((Bound::Unbounded, Bound::Excluded(0))), [i64::MIN, -1]);
    assert_eq!(epochs((Bound::Excluded(-1), Bound::Unbounded)), [0, 7, i64::MAX]);
    assert_eq!(epochs((Bound::Included(-1), Bound::Included(i64::MAX))), [-1, 0, 7, i64::MAX]);
    assert_eq!(epochs((Bound::Excluded(i64::MAX), Bound::Unbounded)), [] as [i64; 0]);
    assert_eq!(job.count_within("c", ("general", 7i64), 1u64..).wait().unwrap(), 1);
}
