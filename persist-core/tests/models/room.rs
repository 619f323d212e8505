//! A queue with capacity for one write: the other writes wait in the line.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use persist_core::{Config, Error, Persistency, TryError, TxOp};
use shuttle::future::block_on;
use shuttle::sync::Barrier;
use shuttle::thread;

use crate::fake::{Fake, KEPT, REFUSED};
use crate::{assert_each_in_order, explore, open_with, submit};

fn one_write() -> Config {
    Config { queue_limit_bytes: 1, ..Config::default() }
}

#[test]
fn all_who_wait_for_room_get_it() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let others = [0u64, 1].map(|producer| {
            let job = job.clone();
            thread::spawn(move || submit(&job, producer, 2))
        });
        submit(&job, 2, 2);
        fake.await_commits(6);
        for other in others {
            other.join().unwrap();
        }
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2, 2]);
    });
}

#[test]
fn all_who_await_room_get_it_and_who_gives_up_holds_nobody_up() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let awaiting = thread::spawn({
            let job = job.clone();
            move || {
                for number in 0..2u64 {
                    let permit = block_on(job.reserve(0).into_future()).unwrap();
                    drop(permit.persist_put(KEPT, (0u64, number), b""));
                }
            }
        });
        let leaving = thread::spawn({
            let job = job.clone();
            move || {
                let mut reserving = Box::pin(job.reserve(0).into_future());
                let _ = reserving.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                drop(reserving);
                drop(job.reserve(0).wait().unwrap());
            }
        });
        submit(&job, 1, 2);
        awaiting.join().unwrap();
        leaving.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2]);
    });
}

#[test]
fn all_get_room_for_whom_there_is_some() {
    explore(|| {
        /// The capacity of a permit for no bytes.
        const PERMIT: usize = 1_152;
        let fake = Fake::default();
        let (store, job) =
            open_with(&fake, Config { queue_limit_bytes: 2 * PERMIT, ..Config::default() });
        let whole = job.reserve(PERMIT).wait().unwrap();
        let both_have = Arc::new(Barrier::new(2));
        let waiting = thread::spawn({
            let (job, both_have) = (job.clone(), Arc::clone(&both_have));
            move || {
                let _permit = job.reserve(0).wait().unwrap();
                both_have.wait();
            }
        });
        let awaiting = thread::spawn({
            let job = job.clone();
            move || {
                let _permit = block_on(job.reserve(0).into_future()).unwrap();
                both_have.wait();
            }
        });
        drop(whole);
        waiting.join().unwrap();
        awaiting.join().unwrap();
        store.close().wait().unwrap();
    });
}

fn put(producer: u64, number: u64) -> [TxOp; 1] {
    [TxOp::put(KEPT, (producer, number), b"")]
}

#[test]
fn submissions_of_blocking_and_awaiting_callers_are_all_committed_in_their_order() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let awaiting = thread::spawn({
            let job = job.clone();
            move || {
                for number in 0..2u64 {
                    drop(block_on(job.submit(put(0, number)).into_future()).unwrap());
                }
            }
        });
        let blocking = thread::spawn({
            let job = job.clone();
            move || submit(&job, 1, 2)
        });
        // Two at once, both in the line or enqueued before either is awaited.
        let mut first = job.submit(put(2, 0)).into_future();
        let mut second = job.submit(put(2, 1)).into_future();
        let mut context = Context::from_waker(Waker::noop());
        let first_done = Pin::new(&mut first).poll(&mut context).is_ready();
        let second_done = Pin::new(&mut second).poll(&mut context).is_ready();
        if !second_done {
            drop(block_on(second).unwrap());
        }
        if !first_done {
            drop(block_on(first).unwrap());
        }
        awaiting.join().unwrap();
        blocking.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2, 2]);
    });
}

#[test]
fn a_waiting_submission_is_not_overtaken_while_another_thread_enqueues_it() {
    explore(|| {
        let fake = Fake::default();
        // With capacity for two writes of 148 bytes, so that only the line keeps the second from overtaking the first.
        let config = Config { queue_limit_bytes: 300, ..Config::default() };
        let (store, job) = open_with(&fake, config);
        let whole = job.reserve(0).wait().unwrap();
        let mut first = job.submit(put(0, 0)).into_future();
        assert!(Pin::new(&mut first).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let freeing = thread::spawn(move || drop(whole));
        for number in 1..3u64 {
            job.persist_put(KEPT, (0u64, number), b"");
        }
        freeing.join().unwrap();
        drop(first);
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[3]);
    });
}

#[test]
fn futures_that_nobody_polls_again_delay_no_other_write() {
    explore(|| {
        let fake = Fake::default();
        // With capacity for a granted reservation and a write.
        let config = Config { queue_limit_bytes: 2_000, ..Config::default() };
        let (store, job) = open_with(&fake, config);
        let whole = job.reserve(700).wait().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut submission = job.submit(put(0, 0)).into_future();
        let mut reservation = job.reserve(0).into_future();
        let _ = Pin::new(&mut reservation).poll(&mut context);
        let _ = Pin::new(&mut submission).poll(&mut context);
        let other = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap()
        });
        drop(whole);
        other.join().unwrap();
        fake.await_commits(2);
        drop((submission, reservation));
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1, 1]);
    });
}

#[test]
fn a_cancelled_submission_is_either_returned_or_committed() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let cancelling = [0u64, 1].map(|producer| {
            let (fake, job) = (fake.clone(), job.clone());
            thread::spawn(move || {
                let mut future = job.submit(put(producer, 0)).into_future();
                let polled = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()));
                if let Poll::Ready(ticket) = polled {
                    ticket.unwrap().wait().unwrap();
                    return;
                }
                match future.cancel() {
                    Ok(ops) => {
                        assert_eq!(ops, put(producer, 0));
                        assert!(!fake.committed().contains(&(producer, 0)));
                    }
                    Err(ticket) => drop(ticket.wait().unwrap()),
                }
            })
        });
        submit(&job, 2, 2);
        for producer in cancelling {
            producer.join().unwrap();
        }
        store.close().wait().unwrap();
        let committed = fake.committed();
        assert!(committed.iter().filter(|write| write.0 == 2).eq(&[(2, 0), (2, 1)]));
    });
}

#[test]
fn the_capacity_of_cancelled_and_dropped_futures_is_released() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let dropping = thread::spawn({
            let job = job.clone();
            move || {
                let mut context = Context::from_waker(Waker::noop());
                let mut reservation = job.reserve(0).into_future();
                let _ = Pin::new(&mut reservation).poll(&mut context);
                let mut submission = job.submit(put(0, 0)).into_future();
                let _ = Pin::new(&mut submission).poll(&mut context);
                drop(reservation);
                drop(submission);
            }
        });
        submit(&job, 1, 2);
        dropping.join().unwrap();
        // Each needs the queue to itself.
        drop(job.reserve(0).wait().unwrap());
        job.persist_put(KEPT, (2u64, 0u64), b"").wait().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn a_close_completes_every_submission_that_waits() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let submitting = [0u64, 1].map(|producer| {
            let (fake, job) = (fake.clone(), job.clone());
            thread::spawn(move || match block_on(job.submit(put(producer, 0)).into_future()) {
                Ok(ticket) => {
                    ticket.wait().unwrap();
                    assert!(fake.committed().contains(&(producer, 0)));
                }
                Err(TryError { error, ops, .. }) => {
                    assert!(matches!(error, Error::Closed { .. }), "{error}");
                    assert_eq!(ops, put(producer, 0));
                    assert!(!fake.committed().contains(&(producer, 0)));
                }
            })
        });
        drop(job.persist_put(KEPT, (2u64, 0u64), b""));
        store.close().wait().unwrap();
        assert!(fake.committed().contains(&(2, 0)));
        for producer in submitting {
            producer.join().unwrap();
        }
    });
}

#[test]
fn a_flush_covers_what_was_submitted_before() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, Config::default());
        let other = thread::spawn({
            let (fake, job) = (fake.clone(), job.clone());
            move || {
                drop(job.persist_put(REFUSED, (0u64, 0u64), b""));
                submit(&job, 0, 1);
                // That of this thread, or none if the other flush has it.
                let flushed = job.flush().wait();
                assert!(matches!(flushed, Ok(()) | Err(Error::DiskFull { .. })), "{flushed:?}");
                assert!(fake.committed().contains(&(0, 0)));
                flushed.is_err()
            }
        });
        submit(&job, 1, 1);
        let flushed = block_on(job.flush().into_future()).is_err();
        assert!(fake.committed().contains(&(1, 0)));
        let other_flushed = other.join().unwrap();
        assert!(flushed != other_flushed, "the failure is reported once");
        store.close().wait().unwrap();
    });
}

#[test]
fn the_jobs_of_a_store_wait_for_each_others_room() {
    explore(|| {
        let fake = Fake::default();
        let config = Config { total_queue_limit_bytes: 1, ..Config::default() };
        let store = Persistency::open_with(fake.clone(), config).unwrap();
        let jobs = ["first", "second"].map(|id| store.open_job(id).wait().unwrap());
        let producers = [0u64, 1].map(|producer| {
            let job = jobs[usize::from(producer == 1)].clone();
            thread::spawn(move || submit(&job, producer, 2))
        });
        for producer in producers {
            producer.join().unwrap();
        }
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2]);
    });
}

#[test]
fn capacity_of_all_jobs_goes_to_the_job_that_waits_for_it() {
    explore(|| {
        let fake = Fake::default();
        let config = Config { total_queue_limit_bytes: 1, ..Config::default() };
        let store = Persistency::open_with(fake.clone(), config).unwrap();
        let [first, second] = ["first", "second"].map(|id| store.open_job(id).wait().unwrap());
        let whole = first.reserve(0).wait().unwrap();
        let mut waiting = second.submit(put(0, 0)).into_future();
        assert!(Pin::new(&mut waiting).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let freeing = thread::spawn(move || drop(whole));
        if first.try_persist_put(KEPT, (1u64, 0u64), b"").is_ok() {
            // There was capacity for this write only once the other one had been committed.
            assert_eq!(second.stats().wait().unwrap().commits, 1);
        }
        freeing.join().unwrap();
        drop(block_on(waiting).unwrap());
        store.close().wait().unwrap();
    });
}

#[test]
fn a_close_frees_all_who_wait_for_room() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let blocked = [0u64, 1].map(|producer| {
            let (fake, job) = (fake.clone(), job.clone());
            thread::spawn(move || {
                let written = job.persist_put(KEPT, (producer, 0u64), b"").wait();
                let committed = fake.committed().contains(&(producer, 0));
                match written {
                    Ok(_) => assert!(committed),
                    Err(Error::Closed { .. }) => assert!(!committed),
                    Err(error) => panic!("{error}"),
                }
            })
        });
        let reserving = thread::spawn({
            let job = job.clone();
            move || match block_on(job.reserve(0).into_future()) {
                Ok(permit) => drop(permit),
                Err(error) => assert!(matches!(error, Error::Closed { .. }), "{error}"),
            }
        });
        drop(job.persist_put(KEPT, (2u64, 0u64), b""));
        // It may report a refused write whose ticket has not been asked yet.
        let _ = store.close().wait();
        assert!(fake.committed().contains(&(2, 0)));
        for producer in blocked {
            producer.join().unwrap();
        }
        reserving.join().unwrap();
    });
}

#[test]
fn a_close_frees_who_waits_for_room_that_nobody_gives_back() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let permit = job.reserve(0).wait().unwrap();
        let blocked = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait()
        });
        // It may report a refused write whose ticket has not been asked yet.
        let _ = store.close().wait();
        let refused = blocked.join().unwrap();
        assert!(matches!(refused, Err(Error::Closed { .. })), "{refused:?}");
        drop(permit);
    });
}
