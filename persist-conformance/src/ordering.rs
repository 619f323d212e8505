//! Writes to a job take effect in the order of submission.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use persist_core::{Row, TxOp, key};

use crate::Fixture;
use crate::rows::numbers;

pub fn last_of_many_unwaited_puts_wins(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..5_000u64 {
        job.persist_encoded("c", "k", &n);
    }
    assert_eq!(job.get_as("c", "k").wait().unwrap(), Some(4_999u64));
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
}

pub fn delete_takes_effect_between_the_writes_around_it(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for round in 0..200u64 {
        job.persist_put("c", round, b"1");
        job.persist_delete("c", round);
        job.persist_delete("c", round + 1_000);
        job.persist_put("c", round + 1_000, b"2");
    }
    assert_eq!(numbers(job.scan("c", ..)), (1_000..1_200).collect::<Vec<_>>());
}

pub fn prefix_delete_takes_effect_between_the_writes_around_it(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for round in 0..100u64 {
        job.persist_put("c", key!("a", round), b"before");
        job.persist_put("c", key!("b", round), b"another prefix");
        job.persist_delete_prefix("c", key!("a"));
        job.persist_put("c", key!("a", 1_000 + round), b"after");
    }
    let left = job.scan_prefix("c", key!("a")).wait().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left.first().unwrap().key().decode(), Ok(("a", 1_099u64)));
    assert_eq!(job.count("c", ..).wait().unwrap(), 101);
}

pub fn range_delete_takes_effect_between_the_writes_around_it(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut removed = Vec::new();
    for round in 0..100u64 {
        job.persist_put("c", round, b"before");
        job.persist_put("c", round + 1_000, b"outside");
        removed.push(job.persist_delete_range("c", ..1_000u64));
        job.persist_put("c", round + 500, b"after");
    }
    // Each delete removed the two rows of its round; before the first one there was no row at 500.
    let removed: Vec<u64> =
        removed.into_iter().map(|ticket| ticket.wait().unwrap().removed).collect();
    assert_eq!(removed, [vec![1], vec![2; 99]].concat());
    assert_eq!(numbers(job.scan("c", ..)), [vec![599], (1_000..1_100).collect()].concat());
}

pub fn acked_delete_sees_earlier_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut tickets = Vec::new();
    for n in 0..200u64 {
        job.persist_put("c", n, b"");
        tickets.push((n, true, job.delete_acked("c", n)));
        tickets.push((n, false, job.delete_acked("c", n)));
        job.persist_put("c", n, b"again");
        job.persist_delete_prefix("c", n);
        tickets.push((n, false, job.delete_acked("c", n)));
        job.persist([TxOp::delete("c", n), TxOp::put("c", n, b"")]);
        tickets.push((n, true, job.delete_acked("c", n)));
    }
    for (n, expected, ticket) in tickets {
        assert_eq!(ticket.wait().unwrap(), expected, "{n}");
    }
}

pub fn operations_of_a_batch_apply_in_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist_put("c", key!("a", 0u64), b"");
    job.persist([
        TxOp::put("c", key!("a", 1u64), b"first"),
        TxOp::put("c", key!("a", 1u64), b"second"),
        TxOp::delete_prefix("c", key!("a")),
        TxOp::put("c", key!("a", 2u64), b"first"),
        TxOp::delete("c", key!("a", 2u64)),
        TxOp::put("c", key!("a", 3u64), b"first"),
        TxOp::put("c", key!("a", 3u64), b"second"),
    ])
    .wait()
    .unwrap();
    let rows = job.scan("c", ..).wait().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows.first().unwrap().key(), key!("a", 3u64));
    assert_eq!(rows.first().unwrap().payload(), b"second");
}

pub fn batches_of_one_thread_apply_in_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..500u64 {
        job.persist([TxOp::put("c", n % 7, n.to_be_bytes()), TxOp::delete("c", (n + 1) % 7)]);
    }
    // The last batch put 499 % 7 = 2 and deleted 3. Each batch before it deleted the row that the next one put.
    let rows = job.scan("c", ..).wait().unwrap();
    let left: Vec<_> = rows
        .iter()
        .map(|row| (row.key().decode::<u64>().unwrap(), row.payload().to_vec()))
        .collect();
    let expected = [(0, 497), (1, 498), (2, 499), (4, 494), (5, 495), (6, 496)];
    assert_eq!(left, expected.map(|(key, n): (u64, u64)| (key, n.to_be_bytes().to_vec())));
}

pub fn visible_rows_are_a_prefix_of_the_submitted_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let other = place.open().open_job("job").wait().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        // Another instance doesn't wait for submitted writes, so it sees them as they are committed.
        scope.spawn(|| {
            let mut seen = 0;
            while !done.load(Ordering::Acquire) {
                let numbers = numbers(other.scan("c", ..));
                assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{numbers:?}");
                assert!(numbers.len() >= seen, "visible rows stay visible");
                seen = numbers.len();
            }
        });
        for n in 0..2_000u64 {
            let ticket = job.persist_put("c", n, b"");
            if n % 50 == 0 {
                ticket.wait().unwrap();
            }
        }
        assert_eq!(job.count("c", ..).wait().unwrap(), 2_000);
        done.store(true, Ordering::Release);
    });
}

pub fn writes_of_one_group_take_effect_in_order(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let (release, held) = channel();
    drop(job.transact(move |_| {
        held.recv().unwrap();
        Ok(())
    }));
    // All of these wait for it and so form one group: puts and deletes of few keys, in random order.
    let mut expected = BTreeMap::new();
    let mut deletes = Vec::new();
    let mut state = 7u64;
    for n in 0..5_000u64 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (category, key) = (["c", "d"][(state >> 40) as usize % 2], (state >> 33) % 100);
        match (state >> 50) % 16 {
            0 => {
                let was_there = expected.remove(&(category, key)).is_some();
                deletes.push((was_there, job.delete_acked(category, key)));
            }
            1 => {
                job.persist([TxOp::put(category, key, b"first"), TxOp::delete(category, key)]);
                expected.remove(&(category, key));
            }
            2 if n % 50 == 0 => {
                job.persist_delete_range(category, ..50u64);
                expected.retain(|(other, key), _| *other != category || *key >= 50);
            }
            _ => {
                job.persist_encoded(category, key, &n);
                expected.insert((category, key), n);
            }
        }
    }
    release.send(()).unwrap();
    for (expected, ticket) in deletes {
        assert_eq!(ticket.wait().unwrap(), expected);
    }
    let found = ["c", "d"].into_iter().flat_map(|category| {
        let rows = job.scan(category, ..).wait().unwrap();
        let row = |row: Row<'_>| ((category, row.key().decode().unwrap()), row.decode().unwrap());
        rows.iter().map(row).collect::<Vec<((&str, u64), u64)>>()
    });
    assert!(found.eq(expected));
}
