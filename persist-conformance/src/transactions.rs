//! Transactions: code of the caller that runs on the worker and is applied whole or not at all.

use std::thread;

use persist_core::{Config, Error, TxOp, key};

use crate::Fixture;
use crate::rows::numbers;

pub fn transaction_reads_its_own_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..10u64 {
        job.persist_encoded("c", n, &n);
    }
    let seen = job.transact(|tx| {
        tx.persist_encoded("c", 10u64, &10u64)?;
        tx.persist_put("c", 3u64, b"other")?;
        assert!(tx.persist_delete("c", 4u64)?);
        assert!(!tx.persist_delete("c", 4u64)?);
        assert_eq!(tx.persist_delete_range("c", 5u64..=6)?, 2);
        assert_eq!(tx.persist_delete_prefix("c", 7u64)?, 1);
        tx.persist([TxOp::put("other", key!("a"), b"1"), TxOp::put("other", key!("b"), b"2")])?;
        assert_eq!(tx.get("c", 3u64)?.as_deref(), Some(&b"other"[..]));
        assert_eq!(tx.get_as::<u64>("c", 10u64)?, Some(10));
        assert!(!tx.exists("c", 4u64)?);
        assert_eq!(tx.categories()?, [&b"c"[..], b"other"]);
        assert_eq!(tx.count("other", ..)?, 2);
        let rows = tx.scan("c", ..).reverse().after(10u64).limit(4).rows()?;
        let found: Result<Vec<u64>, _> = rows.iter().map(|row| row.key().decode()).collect();
        assert_eq!(found?, [9, 8, 3, 2]);
        tx.count("c", ..)
    });
    assert_eq!(seen.wait().unwrap(), 7);
    assert_eq!(numbers(job.scan("c", ..)), [0, 1, 2, 3, 8, 9, 10]);
}

pub fn scan_of_a_transaction_allows_other_calls_in_between(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..3_000u64 {
        job.persist_put("c", n, b"");
    }
    let deleted = job.transact(|tx| {
        let mut deleted = 0;
        for row in tx.scan("c", ..).iter() {
            let n: u64 = row?.key().decode()?;
            if n.is_multiple_of(2) && tx.exists("c", n + 1)? {
                tx.persist_delete("c", n)?;
                deleted += 1;
            }
        }
        Ok(deleted)
    });
    assert_eq!(deleted.wait().unwrap(), 1_500);
    assert_eq!(job.count("c", ..).wait().unwrap(), 1_500);
}

pub fn error_of_the_closure_rolls_back(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.persist_put("c", 1u64, b"before");
    let ticket = job.transact::<()>(|tx| {
        tx.persist_put("c", 1u64, b"inside")?;
        tx.persist_delete_prefix("c", 1u64)?;
        tx.persist_put("c", 2u64, b"inside")?;
        Err(Error::invalid_argument("changed its mind"))
    });
    let error = ticket.wait().unwrap_err();
    assert!(error.to_string().contains("changed its mind"), "{error}");
    assert_eq!(job.get("c", 1u64).wait().unwrap().as_deref(), Some(&b"before"[..]));
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    job.persist_put("c", 3u64, b"after").wait().unwrap();
    store.close().wait().unwrap();
}

#[derive(Debug)]
enum Refusal {
    Odd(u64),
    Store(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

pub fn closure_with_its_own_error_type_returns_that_error(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let halve = |n: u64| {
        job.transact_with(move |tx| {
            tx.persist_put("log", n, b"")?;
            if n.is_multiple_of(2) { Ok(n / 2) } else { Err(Refusal::Odd(n)) }
        })
    };
    assert_eq!(halve(4).wait().unwrap(), 2);
    assert!(matches!(halve(5).wait(), Err(Refusal::Odd(5))));
    drop(halve(7));
    assert_eq!(job.count("log", ..).wait().unwrap(), 1);
    assert!(matches!(job.last_error(), Some(Error::RolledBack { .. })));
    assert!(matches!(store.close().wait(), Err(Error::RolledBack { .. })));
    assert!(matches!(halve(4).wait(), Err(Refusal::Store(Error::Closed { .. }))));
}

pub fn panic_of_the_closure_rolls_back_and_the_worker_continues(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let ticket = job.transact::<()>(|tx| {
        tx.persist_put("c", 1u64, b"")?;
        panic!("out of {}", "cheese");
    });
    match ticket.wait() {
        Err(Error::Panicked { message, .. }) => assert_eq!(message, "out of cheese"),
        other => panic!("{other:?}"),
    }
    job.persist_put("c", 2u64, b"").wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [2]);
    store.close().wait().unwrap();
}

pub fn transactions_run_in_order_with_the_writes(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let mut tickets = Vec::new();
    for n in 0..200u64 {
        job.persist_encoded("c", "n", &n);
        tickets.push(job.transact(|tx| tx.get_as::<u64>("c", "n")));
    }
    job.persist_delete("c", "n");
    tickets.push(job.transact(|tx| tx.get_as::<u64>("c", "n")));
    let seen: Vec<Option<u64>> = tickets.into_iter().map(|ticket| ticket.wait().unwrap()).collect();
    let expected: Vec<Option<u64>> = (0..200).map(Some).chain([None]).collect();
    assert_eq!(seen, expected);
}

pub fn read_sees_an_earlier_transaction(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    for n in 0..200u64 {
        drop(job.transact(move |tx| tx.persist_encoded("c", "n", &n)));
        assert_eq!(job.get_as("c", "n").wait().unwrap(), Some(n));
    }
}

pub fn transactions_of_eight_threads_lose_no_update(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let add = job.transact(|tx| {
                        let n: u64 = tx.get_as("c", "n")?.unwrap_or(0);
                        tx.persist_encoded("c", "n", &(n + 1))
                    });
                    add.wait().unwrap();
                }
            });
        }
    });
    assert_eq!(job.get_as("c", "n").wait().unwrap(), Some(400u64));
}

pub fn blocking_call_in_a_transaction_returns_would_deadlock(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    let (inner, other_store) = (job.clone(), store.clone());
    let errors = job.transact(move |tx| {
        tx.persist_put("c", 1u64, b"")?;
        Ok([
            inner.get("c", 1u64).wait().unwrap_err(),
            inner.persist_put("c", 2u64, b"").wait().unwrap_err(),
            inner.transact(|_| Ok(())).wait().unwrap_err(),
            inner.sync().wait().unwrap_err(),
            inner.scan("c", ..).iter().next().unwrap().unwrap_err(),
            other_store.close_job("job").wait().unwrap_err(),
        ])
    });
    for error in errors.wait().unwrap() {
        assert!(matches!(error, Error::WouldDeadlock), "{error}");
    }
    // The calls that need no waiting were submitted, and follow the transaction.
    assert_eq!(numbers(job.scan("c", ..)), [1, 2]);
}

pub fn oversize_write_in_a_transaction_is_refused(place: &dyn Fixture) {
    let config = Config::new().payload_limit_bytes(10);
    let (_store, job) = place.open_job_with(config);
    let ticket = job.transact(|tx| {
        tx.persist_put("c", 1u64, [0; 10])?;
        let refused = tx.persist_put("c", 2u64, [0; 11]).unwrap_err();
        assert!(matches!(refused, Error::InvalidArgument { .. }), "{refused}");
        Ok(())
    });
    ticket.wait().unwrap();
    assert_eq!(numbers(job.scan("c", ..)), [1]);
}

pub fn awaited_transaction_returns_its_result(place: &dyn Fixture) {
    let (_store, job) = place.open_job();
    let result = crate::runtime::block_on(async {
        job.transact(|tx| tx.persist_put("c", 1u64, b"")).await?;
        job.sync().await?;
        job.transact(|tx| tx.count("c", ..)).await
    });
    assert_eq!(result.unwrap(), 1);
}

pub fn sync_follows_earlier_writes(place: &dyn Fixture) {
    let (store, job) = place.open_job();
    job.sync().wait().unwrap();
    let tickets: Vec<_> = (0..100u64).map(|n| job.persist_put("c", n, b"")).collect();
    job.sync().wait().unwrap();
    drop(job.persist_put("c", 100u64, b""));
    for ticket in tickets {
        ticket.wait().unwrap();
    }
    drop(job.sync());
    assert_eq!(job.count("c", ..).wait().unwrap(), 101);
    store.close().wait().unwrap();
}
