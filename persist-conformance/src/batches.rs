//! A batch becomes visible whole or not at all, to every reader.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use persist_core::{Config, Error, Job, TxOp};

use crate::Fixture;
use crate::rows::numbers;

pub fn readers_see_batches_whole(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let other = place.open().open_job("job").wait().unwrap();
    rewrite_while(&job, 4, 300, |job| {
        let rows = job.scan("c", ..).wait().unwrap();
        rows.iter().map(|row| row.decode().unwrap()).collect()
    });
    // Another instance doesn't wait for submitted writes, so it reads during commits.
    rewrite_while_with(&job, &other, 4, 300, |job| {
        let rows = job.scan("c", ..).reverse().wait().unwrap();
        rows.iter().map(|row| row.decode().unwrap()).collect()
    });
}

pub fn iterated_scan_sees_batches_whole(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    // More rows than a page of a scan has.
    rewrite_while(&job, 2_500, 12, |job| {
        job.scan("c", ..).iter().map(|row| row.unwrap().decode().unwrap()).collect()
    });
}

fn rewrite_while(job: &Job, rows: u64, rounds: u64, look: impl Fn(&Job) -> Vec<u64> + Sync) {
    rewrite_while_with(job, job, rows, rounds, look);
}

/// Writes the number of the round into all rows, one batch per round, while two readers read.
fn rewrite_while_with(
    writer: &Job,
    reader: &Job,
    rows: u64,
    rounds: u64,
    look: impl Fn(&Job) -> Vec<u64> + Sync,
) {
    let batch =
        |round: u64| (0..rows).map(move |row| TxOp::put("c", row, persist_core::payload!(round)));
    writer.persist(batch(0)).wait().unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut newest = 0;
                while !done.load(Ordering::Acquire) {
                    let seen = look(reader);
                    assert_eq!(seen.len() as u64, rows);
                    assert!(
                        seen.iter().all(|round| *round == seen[0]),
                        "half of a batch is visible"
                    );
                    assert!(seen[0] >= newest, "the rows are older than acknowledged ones");
                    newest = seen[0];
                }
            });
        }
        for round in 1..=rounds {
            writer.persist(batch(round)).wait().unwrap();
        }
        done.store(true, Ordering::Release);
    });
    assert!(look(writer).iter().all(|round| *round == rounds));
}

pub fn refused_batch_fails_no_other_batch(place: &dyn Fixture) {
    let (_store, job) = place.open_job_with(Config::new().payload_limit_bytes(10));
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for n in 0..100u64 {
        good.push(job.persist([TxOp::put("c", n, b"")]));
        bad.push(job.persist([TxOp::put("c", n + 1_000, b""), TxOp::put("c", n, [0; 11])]));
    }
    for ticket in good {
        ticket.wait().unwrap();
    }
    for ticket in bad {
        assert!(matches!(ticket.wait(), Err(Error::InvalidArgument { .. })));
    }
    assert_eq!(numbers(job.scan("c", ..)), (0..100).collect::<Vec<_>>());
}

pub fn batch_across_categories_applies(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    job.persist((0..20u64).map(|n| TxOp::put(format!("c{}", n % 4), n, b""))).wait().unwrap();
    assert_eq!(numbers(job.scan("c0", ..)), [0, 4, 8, 12, 16]);
    assert_eq!(numbers(job.scan("c3", ..)), [3, 7, 11, 15, 19]);
    job.persist([TxOp::delete_prefix("c0", 4u64), TxOp::delete("c3", 3u64)]).wait().unwrap();
    assert_eq!(job.count("c0", ..).wait().unwrap(), 4);
    assert_eq!(job.count("c3", ..).wait().unwrap(), 4);
}

pub fn large_batch_applies_whole(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let ticket = job.persist((0..20_000u64).map(|n| TxOp::put("c", n, n.to_le_bytes())));
    assert_eq!(ticket.wait().unwrap().commit, 1);
    assert_eq!(job.count("c", ..).wait().unwrap(), 20_000);
    assert_eq!(job.get("c", 19_999u64).wait().unwrap(), Some(19_999u64.to_le_bytes().to_vec()));
}
