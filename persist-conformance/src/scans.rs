//! Direction, limit, continuation after a key, prefixes and iteration.

use persist_core::{Error, Job, Key, KeyRange, Lex, Row, key};

use crate::Fixture;
use crate::rows::{keys, numbers, pairs, streamed};

fn ten(place: &dyn Fixture) -> (persist_core::Persistency, Job) {
    let (store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_put("c", n, n.to_be_bytes());
    }
    (store, job)
}

/// Stores more rows than a page of a scan has.
fn thousands(place: &dyn Fixture) -> (persist_core::Persistency, Job) {
    let (store, job) = place.open_job();
    for n in 0..3_500u64 {
        job.persist_put("c", n, n.to_be_bytes());
    }
    (store, job)
}

pub fn limit_of_zero_returns_nothing(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    assert!(job.scan("c", ..).limit(0).wait().unwrap().is_empty());
    assert!(job.scan("c", ..).reverse().limit(0).wait().unwrap().is_empty());
    assert!(job.scan("c", ..).limit(0).iter().next().is_none());
}

pub fn limit_above_the_number_of_rows_returns_all(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    assert_eq!(job.scan("c", ..).limit(10).wait().unwrap().len(), 10);
    assert_eq!(job.scan("c", ..).limit(11).wait().unwrap().len(), 10);
    assert_eq!(job.scan("c", ..).limit(usize::MAX).wait().unwrap().len(), 10);
    assert_eq!(numbers(job.scan("c", ..).limit(3)), [0, 1, 2]);
}

pub fn after_excludes_its_key_in_both_directions(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    assert_eq!(numbers(job.scan("c", ..).after(7u64)), [8, 9]);
    assert_eq!(numbers(job.scan("c", ..).reverse().after(2u64)), [1, 0]);
    assert_eq!(numbers(job.scan("c", ..).after(9u64)), [0; 0]);
    assert_eq!(numbers(job.scan("c", ..).reverse().after(0u64)), [0; 0]);
    assert_eq!(
        numbers(job.scan("c", ..).after(2u64).reverse()),
        [1, 0],
        "in either order of the calls"
    );
    // Only the key itself is skipped. Longer keys that begin with it follow.
    job.persist_put("c", key!(9u64, true), b"");
    assert_eq!(job.scan("c", ..).after(9u64).wait().unwrap().len(), 1);
    assert_eq!(numbers(job.scan("c", ..).reverse().after(key!(9u64, true)).limit(1)), [9]);
}

pub fn after_a_missing_key_continues_at_the_next(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    job.persist_delete("c", 5u64);
    assert_eq!(numbers(job.scan("c", ..).after(5u64).limit(2)), [6, 7]);
    assert_eq!(numbers(job.scan("c", ..).reverse().after(5u64).limit(2)), [4, 3]);
}

pub fn after_outside_the_range_stays_in_the_range(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    assert_eq!(numbers(job.scan("c", 3u64..6).after(0u64)), [3, 4, 5]);
    assert_eq!(numbers(job.scan("c", 3u64..6).after(8u64)), [0; 0]);
    assert_eq!(numbers(job.scan("c", 3u64..6).reverse().after(8u64)), [5, 4, 3]);
    assert_eq!(numbers(job.scan("c", 3u64..6).reverse().after(1u64)), [0; 0]);
}

pub fn reverse_limit_and_after_combine(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    assert_eq!(numbers(job.scan("c", 1u64..=8).reverse().limit(3).after(7u64)), [6, 5, 4]);
    assert_eq!(numbers(job.scan("c", 1u64..=8).after(2u64).limit(3)), [3, 4, 5]);
    let scan = job.scan_prefix("c", Key::new()).limit(2).after(6u64).reverse();
    assert_eq!(numbers(scan), [5, 4]);
}

pub fn paging_with_after_returns_every_row_once(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    for reverse in [false, true] {
        let scan = || if reverse { job.scan("c", ..).reverse() } else { job.scan("c", ..) };
        let mut rows = scan().limit(999).wait().unwrap();
        let mut covered = Vec::new();
        while let Some(last) = rows.last() {
            covered.extend(pairs(&rows));
            rows = scan().limit(999).after(last.key()).wait().unwrap();
        }
        assert_eq!(covered, pairs(&scan().wait().unwrap()));
        assert_eq!(covered.len(), 3_500);
    }
}

pub fn prefix_scan_of_ff_bytes_has_no_end(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for key in [&b"\xFE\xFF"[..], b"\xFF", b"\xFF\0", b"\xFF\xFF", b"\xFF\xFF\xFF\x01"] {
        job.persist_put("c", Key::from_bytes(key), b"");
    }
    let found = keys(job.scan_prefix("c", Key::from_bytes(b"\xFF\xFF")));
    assert_eq!(found, [&b"\xFF\xFF"[..], b"\xFF\xFF\xFF\x01"]);
    assert_eq!(keys(job.scan_prefix("c", Key::from_bytes(b"\xFF"))).len(), 4);
    job.persist_delete_prefix("c", Key::from_bytes(b"\xFF\xFF"));
    assert_eq!(keys(job.scan("c", ..)), [&b"\xFE\xFF"[..], b"\xFF", b"\xFF\0"]);
}

pub fn prefix_that_ends_in_ff_stops_before_the_next_prefix(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for key in [&b"a\xFE"[..], b"a\xFF", b"a\xFF\0", b"a\xFF\xFF", b"b", b"b\xFF"] {
        job.persist_put("c", Key::from_bytes(key), b"");
    }
    let prefix = Key::from_bytes(b"a\xFF");
    let expected = [&b"a\xFF"[..], b"a\xFF\0", b"a\xFF\xFF"];
    assert_eq!(keys(job.scan_prefix("c", &prefix)), expected);
    assert_eq!(keys(job.scan("c", KeyRange::prefix(&prefix))), expected);
    assert_eq!(job.count("c", prefix.prefix_range()).wait().unwrap(), 3);
    job.persist_delete_prefix("c", &prefix);
    assert_eq!(keys(job.scan("c", ..)), [&b"a\xFE"[..], b"b", b"b\xFF"]);
}

pub fn empty_prefix_selects_everything(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    job.persist_put("c", Key::new(), b"");
    assert_eq!(job.scan_prefix("c", key!()).wait().unwrap().len(), 11);
    job.persist_put("other", "k", b"");
    job.persist_delete_prefix("c", key!());
    assert_eq!(job.count("c", ..).wait().unwrap(), 0);
    assert_eq!(job.count("other", ..).wait().unwrap(), 1);
}

pub fn lex_prefix_selects_the_texts_that_begin_with_it(place: &dyn Fixture) {
    const TEXTS: [&str; 12] =
        ["", "\0", "a", "a\0", "a\0\0", "a\0\u{1}", "a\0b", "a\u{1}", "aa", "a\u{7F}", "aÿ", "b"];
    let (_store, job) = place.open_job();
    for channel in 6..=8u64 {
        for text in TEXTS {
            job.persist_put("c", (channel, Lex(text), u64::MAX), b"");
        }
    }
    for beginning in TEXTS.into_iter().chain(["a\0\0\0", "aa\0", "c"]) {
        let prefix = key!(7u64, Lex::prefix(beginning));
        let found = job.scan_prefix("c", &prefix).wait().unwrap();
        let texts: Vec<String> = found
            .iter()
            .map(|row| row.key().decode::<(u64, Lex<String>, u64)>().unwrap())
            .map(|(channel, Lex(text), _)| {
                assert_eq!(channel, 7);
                text
            })
            .collect();
        let mut expected = TEXTS.map(str::to_owned).to_vec();
        expected.retain(|text| text.starts_with(beginning));
        expected.sort();
        assert_eq!(texts, expected, "{beginning:?}");
    }
}

pub fn lex_prefix_selects_the_sequences_that_begin_with_it(place: &dyn Fixture) {
    let paths = [&[][..], &["a"], &["a", ""], &["a", "b"], &["a\0"], &["ab"], &["b", "a"]];
    let (_store, job) = place.open_job();
    for path in paths {
        job.persist_put("c", Lex(path), b"");
    }
    for beginning in paths.into_iter().chain([&["a", "b", "c"][..], &["c"]]) {
        let found = keys(job.scan_prefix("c", Lex::prefix(beginning)));
        let begin: Vec<_> = paths.into_iter().filter(|path| path.starts_with(beginning)).collect();
        let mut expected: Vec<_> = begin.iter().map(|path| key!(Lex(path)).into_bytes()).collect();
        expected.sort();
        assert_eq!(found, expected, "{beginning:?}");
    }
}

pub fn iterated_scan_equals_a_collected_one(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let scans = [
        job.scan("c", ..),
        job.scan("c", ..).reverse(),
        job.scan("c", 100u64..=3_000).limit(2_500),
        job.scan("c", 100u64..).reverse().after(3_333u64).limit(1_001),
        job.scan("c", ..).limit(1_000),
    ];
    for scan in scans {
        assert_eq!(streamed(scan.clone()), pairs(&scan.wait().unwrap()));
    }
}

pub fn iterated_scan_is_one_snapshot(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let before = pairs(&job.scan("c", ..).wait().unwrap());
    let mut forward = job.scan("c", ..).iter();
    let mut backward = job.scan("c", ..).reverse().iter();
    let first = (forward.next().unwrap().unwrap(), backward.next().unwrap().unwrap());

    job.persist_delete_prefix("c", Key::new());
    for n in 0..4_000u64 {
        job.persist_put("c", n, b"new");
    }
    assert_eq!(job.count("c", ..).wait().unwrap(), 4_000);

    let rest = |rows: persist_core::rows::ScanIter| {
        rows.map(|row| {
            let row = row.unwrap();
            (row.key().as_bytes().to_vec(), row.payload().to_vec())
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(first.0.payload(), before[0].1);
    assert_eq!(rest(forward), before[1..]);
    let mut backward = rest(backward);
    backward.reverse();
    assert_eq!(first.1.payload(), before[3_499].1);
    assert_eq!(backward, before[..3_499]);
}

pub fn paged_scan_sees_later_writes(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let before = pairs(&job.scan("c", ..).wait().unwrap());
    assert_eq!(pairs(&job.scan("c", ..).paged().wait().unwrap()), before);
    assert_eq!(streamed(job.scan("c", ..).paged()), before);

    let mut rows = job.scan("c", ..).paged().iter();
    assert_eq!(rows.next().unwrap().unwrap().key(), key!(0u64));
    job.persist_delete_range("c", 3_000u64..);
    job.persist_put("c", 9_999u64, b"new").wait().unwrap();
    let last = rows.last().unwrap().unwrap();
    assert_eq!(last.key(), key!(9_999u64), "the last page was read later");
}

pub fn keys_only_scan_has_the_keys_of_a_full_scan(place: &dyn Fixture) {
    let (_store, job) = thousands(place);
    let scans = [job.scan("c", ..), job.scan("c", 10u64..3_000), job.scan("c", ..20u64).reverse()];
    for scan in scans {
        let whole = scan.clone().wait().unwrap();
        let alone = scan.keys_only().wait().unwrap();
        assert!(whole.iter().map(Row::key).eq(alone.iter().map(Row::key)));
        assert!(alone.iter().all(|row| row.payload().is_empty()) && !alone.is_empty());
    }
}

pub fn iterated_scan_ends_with_closed_when_its_job_closes(place: &dyn Fixture) {
    let (store, job) = thousands(place);
    let mut rows = job.scan("c", ..).iter();
    rows.next().unwrap().unwrap();
    store.close().wait().unwrap();
    // Rows that were read before the close may still be returned. Then one error follows, so no row is missing
    // silently.
    let rest: Vec<_> = rows.by_ref().collect();
    assert!(matches!(rest.last(), Some(Err(Error::Closed { .. }))), "{:?}", rest.last());
    assert_eq!(rest.iter().filter(|row| row.is_err()).count(), 1);
    assert!(rows.next().is_none());
}

pub fn iterated_scan_may_be_dropped_early(place: &dyn Fixture) {
    let (store, job) = thousands(place);
    for _ in 0..100 {
        let mut rows = job.scan("c", ..).iter();
        assert_eq!(rows.next().unwrap().unwrap().key().decode(), Ok(0u64));
    }
    job.persist_put("c", 0u64, b"").wait().unwrap();
    store.close().wait().unwrap();
}

pub fn rows_outlive_their_store(place: &dyn Fixture) {
    let (store, job) = ten(place);
    let rows = job.scan("c", ..).wait().unwrap();
    let row = job.scan("c", ..).iter().last().unwrap().unwrap();
    store.close().wait().unwrap();
    drop((store, job));
    assert_eq!(rows.len(), 10);
    assert_eq!(rows.get(3).unwrap().key().decode(), Ok(3u64));
    assert_eq!(row.clone().as_row(), rows.last().unwrap());
    assert_eq!(row.payload(), 9u64.to_be_bytes());
}

pub fn rows_are_iterated_from_both_ends(place: &dyn Fixture) {
    let (_store, job) = ten(place);
    let rows = job.scan("c", ..).wait().unwrap();
    assert_eq!(rows.iter().len(), 10);
    let mut iter = rows.iter();
    let (first, last) = (iter.next().unwrap(), iter.next_back().unwrap());
    assert_eq!((first, last), (rows.first().unwrap(), rows.last().unwrap()));
    assert_eq!(iter.count(), 8);
    assert!(rows.get(10).is_none());
    let empty = job.scan("none", ..).wait().unwrap();
    assert!(empty.first().is_none() && empty.last().is_none() && empty.iter().next().is_none());
}

pub fn scan_returns_large_rows_whole(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..5u8 {
        job.persist_put("c", u64::from(n), vec![n; 700_000]);
    }
    let rows = job.scan("c", ..).wait().unwrap();
    let streamed = streamed(job.scan("c", ..));
    assert_eq!(streamed, pairs(&rows));
    assert_eq!(streamed.len(), 5);
    assert!((0..5).zip(&streamed).all(|(n, (_, payload))| *payload == vec![n; 700_000]));
}
