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
    Config::new().queue_limit_bytes(1)
}

#[test]
fn blocking_writers_all_get_capacity() {
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
fn awaited_reservations_are_granted_despite_a_dropped_one() {
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
fn reservations_that_fit_together_are_granted_together() {
    explore(|| {
        /// The capacity of a permit for no bytes.
        const PERMIT: usize = 1_152;
        let fake = Fake::default();
        let (store, job) = open_with(&fake, Config::new().queue_limit_bytes(2 * PERMIT));
        let all_capacity = job.reserve(PERMIT).wait().unwrap();
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
        drop(all_capacity);
        waiting.join().unwrap();
        awaiting.join().unwrap();
        store.close().wait().unwrap();
    });
}

fn put(producer: u64, number: u64) -> [TxOp; 1] {
    [TxOp::put(KEPT, (producer, number), b"")]
}

#[test]
fn blocking_and_awaited_submissions_are_committed_in_order() {
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
        // Two futures: both may be in the line or enqueued before either is awaited.
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
fn waiting_submission_is_not_overtaken_while_another_thread_enqueues_it() {
    explore(|| {
        let fake = Fake::default();
        // Capacity for two writes of 148 bytes, so that only the line prevents the second from overtaking the first.
        let config = Config::new().queue_limit_bytes(300);
        let (store, job) = open_with(&fake, config);
        let all_capacity = job.reserve(0).wait().unwrap();
        let mut first = job.submit(put(0, 0)).into_future();
        assert!(Pin::new(&mut first).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let freeing = thread::spawn(move || drop(all_capacity));
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
fn unpolled_futures_delay_no_other_write() {
    explore(|| {
        let fake = Fake::default();
        // Capacity for a granted reservation and a write.
        let config = Config::new().queue_limit_bytes(2_000);
        let (store, job) = open_with(&fake, config);
        let all_capacity = job.reserve(700).wait().unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut submission = job.submit(put(0, 0)).into_future();
        let mut reservation = job.reserve(0).into_future();
        let _ = Pin::new(&mut reservation).poll(&mut context);
        let _ = Pin::new(&mut submission).poll(&mut context);
        let other = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap()
        });
        drop(all_capacity);
        other.join().unwrap();
        fake.await_commits(2);
        drop((submission, reservation));
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1, 1]);
    });
}

#[test]
fn cancelled_submission_is_returned_or_committed() {
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
fn capacity_of_cancelled_and_dropped_futures_is_released() {
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
        // Each needs the whole queue.
        drop(job.reserve(0).wait().unwrap());
        job.persist_put(KEPT, (2u64, 0u64), b"").wait().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn close_completes_waiting_submissions() {
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
fn flush_covers_earlier_writes() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, Config::default());
        let other = thread::spawn({
            let (fake, job) = (fake.clone(), job.clone());
            move || {
                drop(job.persist_put(REFUSED, (0u64, 0u64), b""));
                submit(&job, 0, 1);
                // The failure of this thread, or none if the other flush reports it.
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
fn jobs_of_a_store_wait_for_capacity_of_others() {
    explore(|| {
        let fake = Fake::default();
        let config = Config::new().total_queue_limit_bytes(1);
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
        let config = Config::new().total_queue_limit_bytes(1);
        let store = Persistency::open_with(fake.clone(), config).unwrap();
        let [first, second] = ["first", "second"].map(|id| store.open_job(id).wait().unwrap());
        let all_capacity = first.reserve(0).wait().unwrap();
        let mut waiting = second.submit(put(0, 0)).into_future();
        assert!(Pin::new(&mut waiting).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let freeing = thread::spawn(move || drop(all_capacity));
        if first.try_persist_put(KEPT, (1u64, 0u64), b"").is_ok() {
            // There was capacity for this write only after the other one had been committed.
            assert_eq!(second.stats().wait().unwrap().commits, 1);
        }
        freeing.join().unwrap();
        drop(block_on(waiting).unwrap());
        store.close().wait().unwrap();
    });
}

#[test]
fn close_wakes_all_callers_that_wait_for_capacity() {
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
        // The close may report a refused write whose ticket was not waited for yet.
        let _ = store.close().wait();
        assert!(fake.committed().contains(&(2, 0)));
        for producer in blocked {
            producer.join().unwrap();
        }
        reserving.join().unwrap();
    });
}

#[test]
fn close_wakes_a_caller_that_waits_for_capacity_of_a_held_permit() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open_with(&fake, one_write());
        let permit = job.reserve(0).wait().unwrap();
        let blocked = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait()
        });
        // The close may report a refused write whose ticket was not waited for yet.
        let _ = store.close().wait();
        let refused = blocked.join().unwrap();
        assert!(matches!(refused, Err(Error::Closed { .. })), "{refused:?}");
        drop(permit);
    });
}
