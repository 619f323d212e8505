//! A read sees what was submitted before it.

use std::future::IntoFuture;

use shuttle::future::block_on;
use shuttle::thread;

use crate::fake::{Fake, KEPT};
use crate::{explore, open};

#[test]
fn a_read_sees_what_was_submitted_before() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || {
                for number in 0..2u64 {
                    drop(job.persist_put(KEPT, (0u64, number), b""));
                    assert!(job.exists(KEPT, (0u64, number)).wait().unwrap());
                }
            }
        });
        for number in 0..2u64 {
            drop(job.persist_put(KEPT, (1u64, number), b""));
            assert!(job.exists(KEPT, (1u64, number)).wait().unwrap());
        }
        assert!(job.count(KEPT, ..).wait().unwrap() >= 2);
        other.join().unwrap();
        assert_eq!(job.count(KEPT, ..).wait().unwrap(), 4);
        store.close().wait().unwrap();
    });
}

#[test]
fn a_read_sees_what_another_has_submitted() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let submitted = thread::spawn({
            let job = job.clone();
            move || drop(job.persist_put(KEPT, (0u64, 0u64), b""))
        });
        let helping = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap()
        });
        submitted.join().unwrap();
        assert!(job.exists(KEPT, (0u64, 0u64)).wait().unwrap());
        helping.join().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn an_awaited_read_sees_what_was_submitted_before() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || {
                drop(job.persist_put(KEPT, (0u64, 0u64), b""));
                assert!(block_on(job.exists(KEPT, (0u64, 0u64)).into_future()).unwrap());
            }
        });
        drop(job.persist_put(KEPT, (1u64, 0u64), b""));
        // On the pool, whose thread ends with the store.
        assert!(block_on(job.count(KEPT, ..).into_future()).unwrap() >= 1);
        other.join().unwrap();
        block_on(store.close().into_future()).unwrap();
    });
}
