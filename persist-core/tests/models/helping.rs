//! A waiting caller commits while the worker is idle, and the worker commits the writes that no caller waits for.

use shuttle::thread;

use crate::fake::{Fake, KEPT};
use crate::{assert_each_in_order, explore, open, submit};

#[test]
fn two_waiting_callers_and_an_idle_worker_commit_each_write_once() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || {
                for number in 0..2u64 {
                    job.persist_put(KEPT, (0u64, number), b"").wait().unwrap();
                }
            }
        });
        for number in 0..2u64 {
            job.persist_put(KEPT, (1u64, number), b"").wait().unwrap();
        }
        other.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2]);
    });
}

#[test]
fn unwaited_writes_are_committed_while_a_caller_commits() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let committing = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap()
        });
        submit(&job, 1, 2);
        fake.await_commits(3);
        drop(job.persist_put(KEPT, (1u64, 2u64), b""));
        fake.await_commits(4);
        committing.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1, 3]);
    });
}

#[test]
fn transaction_wakes_the_worker() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let committing = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap()
        });
        for _ in 0..2 {
            job.transact(|_| Ok(())).wait().unwrap();
        }
        committing.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1]);
    });
}
