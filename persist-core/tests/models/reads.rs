//! A read sees all writes that were submitted before it.

use std::future::IntoFuture;

use shuttle::future::block_on;
use shuttle::thread;

use crate::fake::{Fake, KEPT};
use crate::{explore, open};

#[test]
fn read_sees_earlier_writes() {
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
fn read_sees_earlier_writes_of_another_thread() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let submitted = thread::spawn({
            let job = job.clone();
            move || drop(job.persist_put(KEPT, (0u64, 0u64), b""))
        });
        let committing = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (1u64, 0u64), b"").wait().unwrap()
        });
        submitted.join().unwrap();
        assert!(job.exists(KEPT, (0u64, 0u64)).wait().unwrap());
        committing.join().unwrap();
        store.close().wait().unwrap();
    });
}

#[test]
fn awaited_read_sees_earlier_writes() {
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
        // The read runs on the pool, whose thread ends with the store.
        let rows = block_on(job.scan(KEPT, ..).into_future()).unwrap();
        assert!(!rows.is_empty());
        other.join().unwrap();
        block_on(store.close().into_future()).unwrap();
    });
}

#[test]
fn read_that_the_backend_completes_sees_earlier_writes() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || {
                for number in 0..2u64 {
                    drop(job.persist_put(KEPT, (0u64, number), b""));
                    let got = block_on(job.get(KEPT, (0u64, number)).into_future());
                    assert!(got.unwrap().is_some());
                }
            }
        });
        drop(job.persist_put(KEPT, (1u64, 0u64), b""));
        assert!(block_on(job.get(KEPT, (1u64, 0u64)).into_future()).unwrap().is_some());
        assert!(block_on(job.count(KEPT, ..).into_future()).unwrap() >= 1);
        other.join().unwrap();
        store.close().wait().unwrap();
    });
}
