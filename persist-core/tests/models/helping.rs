//! Who waits commits while the worker rests, and the worker what nobody waits for.

use shuttle::thread;

use crate::fake::{Fake, KEPT};
use crate::{assert_each_in_order, explore, open, submit};

#[test]
fn two_who_wait_and_a_worker_that_rests_commit_all_once() {
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
fn what_nobody_waits_for_is_committed_while_another_helps() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let helping = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap()
        });
        submit(&job, 1, 2);
        fake.await_commits(3);
        drop(job.persist_put(KEPT, (1u64, 2u64), b""));
        fake.await_commits(4);
        helping.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1, 3]);
    });
}

#[test]
fn what_the_worker_has_to_do_itself_wakes_it() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let helping = thread::spawn({
            let job = job.clone();
            move || job.persist_put(KEPT, (0u64, 0u64), b"").wait().unwrap()
        });
        for _ in 0..2 {
            job.transact(|_| Ok(())).wait().unwrap();
        }
        helping.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[1]);
    });
}
