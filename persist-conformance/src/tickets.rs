//! The outcomes of tickets, and when they are available.

use std::thread;

use persist_core::{Committed, Ticket, TxOp};

use crate::Fixture;
use crate::rows::numbers;
use crate::runtime::block_on;

pub fn dropped_tickets_are_fire_and_forget(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 0..1_000u64 {
        drop(job.persist_put("c", n, n.to_be_bytes()));
    }
    store.close().wait().unwrap();
    let (_store, job) = place.open_job();
    assert_eq!(numbers(job.scan("c", ..)), (0..1_000).collect::<Vec<_>>());
    assert_eq!(job.get("c", 999u64).wait().unwrap(), Some(999u64.to_be_bytes().to_vec()));
}

pub fn ticket_waited_for_long_after_the_commit_returns_its_outcome(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let early = job.persist_put("c", 1u64, b"");
    let deleted = job.delete_acked("c", 1u64);
    for n in 2..1_000u64 {
        job.persist_put("c", n, b"");
    }
    let late = job.persist_put("c", 1_000u64, b"").wait().unwrap();
    assert!(early.wait().unwrap().commit <= late.commit);
    assert!(deleted.wait().unwrap());
}

pub fn ticket_waited_for_after_the_close_returns_its_outcome(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let put = job.persist_put("c", 1u64, b"");
    let deleted = job.delete_acked("c", 1u64);
    store.close().wait().unwrap();
    drop((store, job));
    assert_eq!(put.wait().unwrap().commit, 1);
    assert!(deleted.wait().unwrap());
}

pub fn awaited_ticket_returns_its_outcome(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let (first, second, was_there) = block_on(async {
        let first = job.persist_put("c", 1u64, b"").await.unwrap();
        let second = job.persist([TxOp::put("c", 2u64, b"")]).await.unwrap();
        (first, second, job.delete_acked("c", 1u64).await.unwrap())
    });
    assert_eq!((first.commit, second.commit, was_there), (1, 2, true));
}

pub fn ticket_waited_for_on_another_thread_returns_its_outcome(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let tickets: Vec<Ticket<Committed>> =
        (0..100u64).map(|n| job.persist_put("c", n, b"")).collect();
    let waiter = thread::spawn(move || {
        tickets.into_iter().map(|ticket| ticket.wait().unwrap().commit).collect::<Vec<_>>()
    });
    assert!(waiter.join().unwrap().is_sorted());
}

pub fn tickets_waited_for_in_any_order_return_their_outcomes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let tickets: Vec<_> = (0..100u64).map(|n| job.persist_put("c", n, b"")).collect();
    let backwards: Vec<_> =
        tickets.into_iter().rev().map(|ticket| ticket.wait().unwrap().commit).collect();
    assert!(backwards.iter().rev().is_sorted());
}

pub fn commit_numbers_never_decrease(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut last = 0;
    for round in 0..20u64 {
        let tickets: Vec<_> = (0..50).map(|n| job.persist_put("c", (round, n), b"")).collect();
        for ticket in tickets {
            let commit = ticket.wait().unwrap().commit;
            assert!(commit >= last, "{commit} after {last}");
            last = commit;
        }
    }
    assert!((20..=1_000).contains(&last), "{last} commits");
}

pub fn commit_numbers_count_from_the_open(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    for n in 1..=10u64 {
        assert_eq!(job.persist_put("c", n, b"").wait().unwrap().commit, n);
    }
    // A delete of nothing is a commit, too.
    job.delete_acked("c", "missing").wait().unwrap();
    assert_eq!(job.persist_delete("c", "missing").wait().unwrap().commit, 12);
    store.close_job("job").wait().unwrap();
    let job = store.open_job("job").wait().unwrap();
    assert_eq!(job.persist_put("c", 1u64, b"").wait().unwrap().commit, 1);
}

pub fn empty_batch_resolves_at_once(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let no_ops: [TxOp; 0] = [];
    assert_eq!(job.persist(no_ops.clone()).wait().unwrap().commit, 0);
    assert_eq!(job.persist_put("c", "k", b"").wait().unwrap().commit, 1);
    assert_eq!(block_on(job.persist(no_ops)).unwrap().commit, 1);
    assert_eq!(job.persist_put("c", "k", b"").wait().unwrap().commit, 2);
}
