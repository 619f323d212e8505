//! A ticket reports the outcome of its own write, once it is known.

use std::future::IntoFuture;
use std::pin::pin;
use std::task::{Context, Waker};

use persist_core::Error;
use shuttle::future::block_on;
use shuttle::thread;

use crate::fake::{Fake, KEPT, REFUSED};
use crate::{assert_each_in_order, explore, open};

#[test]
fn write_is_committed_when_its_wait_returns() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let (fake, job) = (fake.clone(), job.clone());
            move || {
                job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap();
                assert!(fake.committed().contains(&(0, 0)));
            }
        });
        job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap();
        assert!(fake.committed().contains(&(1, 0)));
        other.join().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn awaiting_caller_is_woken() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let awaiting = thread::spawn({
            let (fake, job) = (fake.clone(), job.clone());
            move || {
                for number in 0..2u64 {
                    block_on(job.persist_put(KEPT, (0u64, number), b"").into_future()).unwrap();
                    assert!(fake.committed().contains(&(0, number)));
                }
            }
        });
        block_on(job.persist_put(KEPT, (1u64, 0u64), b"").into_future()).unwrap();
        assert!(fake.committed().contains(&(1, 0)));
        awaiting.join().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn dropped_ticket_and_future_do_not_cancel_their_writes() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let leaving = thread::spawn({
            let job = job.clone();
            move || {
                drop(job.persist_put(KEPT, (0u64, 0u64), b""));
                let mut dropped = Box::pin(job.persist_put(KEPT, (0u64, 1u64), b"").into_future());
                let _ = dropped.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                drop(dropped);
            }
        });
        let mut polled = pin!(job.persist_put(KEPT, (1u64, 0u64), b"").into_future());
        // Polled with one waker first and then with another: the last one is woken.
        let _ = polled.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        block_on(polled).unwrap();
        leaving.join().unwrap();
        fake.await_commits(3);
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 1]);
    });
}

#[test]
fn failure_is_reported_by_its_own_ticket() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let refused = thread::spawn({
            let job = job.clone();
            move || {
                let result = job.persist_put(REFUSED, (0u64, 0u64), b"").wait();
                assert!(matches!(result, Err(Error::DiskFull { .. })), "{result:?}");
            }
        });
        job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap();
        block_on(job.persist_put(KEPT, (1u64, 1u64), b"").into_future()).unwrap();
        refused.join().unwrap();
        store.close().wait().expect("its ticket has reported the failure");
        assert_each_in_order(&fake, &[0, 2]);
    });
}

#[test]
fn failure_reported_by_no_ticket_is_reported_by_the_close() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap()
        });
        drop(job.persist_put(REFUSED, (1u64, 0u64), b""));
        other.join().unwrap();
        assert!(matches!(store.close().wait(), Err(Error::DiskFull { .. })));
        assert_each_in_order(&fake, &[1, 0]);
    });
}
