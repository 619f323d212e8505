//! Snapshots and transactions have the reads of a job, with the same names.

use std::cmp::Ordering;
use std::ops::Bound;

use persist_core::codec::Sink;
use persist_core::{Key, KeyEncode, RowBuf, Rows, StoreKey, View, key};

use crate::Fixture;

/// Returns the numbers of rows whose keys are one `u64` each.
fn numbers(rows: &Rows) -> Vec<u64> {
    rows.iter().map(|row| row.key().decode().unwrap()).collect()
}

fn number(row: Option<RowBuf>) -> Option<u64> {
    row.map(|row| row.decode().unwrap())
}

/// Returns the results of the same calls on a job or a snapshot as text. A call on a job is waited for.
macro_rules! answers {
    ($reads:expr $(, $wait:ident)?) => {{
        let reads = $reads;
        let ranges = [
            (Bound::Unbounded, Bound::Unbounded),
            (Bound::Included(7), Bound::Excluded(9)),
            (Bound::Excluded(7), Bound::Included(2_000)),
            (Bound::Included(9u64), Bound::Excluded(9)),
        ];
        let mut answers = Vec::new();
        for range in ranges {
            answers.push(format!(
                "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                reads.first("c", range)$(.$wait())?.unwrap(),
                reads.last("c", range)$(.$wait())?.unwrap(),
                reads.count("c", range)$(.$wait())?.unwrap(),
                reads.count_within("t", "general", range)$(.$wait())?.unwrap(),
                reads.scan("c", range).rows()$(.$wait())?.unwrap(),
                reads.scan("c", range).reverse().limit(3).keys_only().rows()$(.$wait())?.unwrap(),
                reads.scan_within("t", "general", range).after(key!("general", 8u64)).rows()
                    $(.$wait())?.unwrap(),
            ));
            let iterated = reads.scan("c", range).iter().map(|row| row.unwrap());
            answers.push(format!("{:?}", iterated.collect::<Vec<_>>()));
        }
        answers.push(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            reads.get("c", 7u64)$(.$wait())?.unwrap(),
            reads.get_as::<u64>("c", 7u64)$(.$wait())?.unwrap(),
            reads.get_many("c", [7u64, 3_000, 0])$(.$wait())?.unwrap(),
            reads.exists("c", 7u64)$(.$wait())?.unwrap(),
            reads.exists("c", 3_000u64)$(.$wait())?.unwrap(),
            reads.categories()$(.$wait())?.unwrap(),
        ));
        answers.push(format!("{:?}", reads.scan_prefix("t", "general").rows()$(.$wait())?.unwrap()));
        answers
    }};
}

pub fn reads_of_snapshots_and_transactions_equal_those_of_the_job(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..2_500u64 {
        job.persist_encoded("c", n, &n);
    }
    for n in 0..20u64 {
        job.persist_put("t", key!("general", n), b"");
        job.persist_put("t", key!("general", n, "more"), b"");
        job.persist_put("t", key!("generam", n), b"");
    }
    let expected = answers!(&job, wait);
    assert!(expected[0].contains("2500"), "{}", expected[0]);
    assert_eq!(job.read(|at| Ok(answers!(at))).wait().unwrap(), expected);
    assert_eq!(job.transact(|tx| Ok(answers!(tx))).wait().unwrap(), expected);
}

pub fn first_and_last_in_a_transaction_see_its_own_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 10..20u64 {
        job.persist_encoded("c", n, &n);
    }
    let ends = job.transact(|tx| {
        tx.persist_encoded("c", 9u64, &9u64)?;
        tx.persist_delete("c", 19u64)?;
        assert!(tx.exists("c", 9u64)? && !tx.exists("c", 19u64)?);
        let many = tx.get_many("c", [9u64, 19])?;
        assert!(many[0].is_some() && many[1].is_none());
        Ok((number(tx.first("c", ..)?), number(tx.last("c", ..)?)))
    });
    assert_eq!(ends.wait().unwrap(), (Some(9), Some(18)));
}

pub fn keys_only_scan_of_a_snapshot_has_keys_and_empty_payloads(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..1_500u64 {
        job.persist_encoded("c", n, &n);
    }
    let read = job.read(|at| {
        let rows = at.scan("c", ..).keys_only().reverse().rows()?;
        assert_eq!(numbers(&rows), (0..1_500).rev().collect::<Vec<u64>>());
        for (n, row) in at.scan("c", ..).keys_only().iter().enumerate() {
            let row = row?;
            assert_eq!(row.key().decode::<u64>().unwrap(), n as u64);
            assert!(row.payload().is_empty());
        }
        Ok(rows.iter().all(|row| row.payload().is_empty()))
    });
    assert!(read.wait().unwrap());
}

pub fn rows_of_a_scan_are_those_of_its_wait(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..2_500u64 {
        job.persist_put("c", n, b"");
    }
    for limit in [0, 1, 100, 999, 1_000, 1_001, usize::MAX] {
        let scan = job.scan("c", 3u64..2_400).reverse().limit(limit);
        let waited = numbers(&scan.clone().wait().unwrap());
        assert_eq!(numbers(&scan.clone().rows().wait().unwrap()), waited);
        assert_eq!(numbers(&scan.clone().paged().rows().wait().unwrap()), waited);
        assert_eq!(numbers(&scan.clone().committed().rows().wait().unwrap()), waited);
        assert_eq!(waited, (3..2_400).rev().take(limit).collect::<Vec<u64>>());
    }
}

pub fn iterator_of_a_snapshot_after_its_end_returns_nothing(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    // A page has 1,000 rows: the end is before, at and after the end of a page.
    for rows in [0, 1, 999, 1_000, 1_001, 2_000] {
        let category = format!("{rows} rows");
        job.persist((0..rows).map(|n: u64| persist_core::TxOp::put(&category, n, b"")));
        let read = job.read(|at| {
            let mut iter = at.scan(&category, ..).iter();
            let found = iter.by_ref().count() as u64;
            Ok((found, iter.next().is_none() && iter.next().is_none()))
        });
        assert_eq!(read.wait().unwrap(), (rows, true));
        let mut iter = job.scan(&category, ..).iter();
        assert_eq!(iter.by_ref().count() as u64, rows);
        assert!(iter.next().is_none() && iter.next().is_none());
    }
}

/// A key that reads from a view while it is encoded.
struct Reading<'v, 'a>(&'v View<'a>);

impl KeyEncode for Reading<'_, '_> {
    fn encode_key(&self, sink: &mut Sink<'_>) {
        let payload = self.0.get("c", "pointer").unwrap().unwrap_or_default();
        Key::from_bytes(payload).encode_key(sink);
    }

    fn encoded_key_len(&self) -> usize {
        0
    }

    fn key_cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl StoreKey for Reading<'_, '_> {}

pub fn key_that_reads_its_view_while_encoded_finds_its_row(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", "pointer", b"target");
    job.persist_put("c", Key::from_bytes(b"target"), b"found");
    let read = job.read(|at| {
        assert!(at.exists("c", Reading(at))?);
        assert_eq!(at.scan_prefix("c", Reading(at)).rows()?.len(), 1);
        assert_eq!(at.count_within("c", Reading(at), ..)?, 1);
        assert_eq!(at.get_many("c", [Reading(at), Reading(at)])?.len(), 2);
        at.get("c", Reading(at))
    });
    assert_eq!(read.wait().unwrap().as_deref(), Some(&b"found"[..]));
}
