//! Every write is committed once, and the writes of each thread are committed in order.

use shuttle::thread;

use crate::fake::{Fake, KEPT};
use crate::{assert_each_in_order, explore, open, submit};

#[test]
fn writes_of_each_thread_are_committed_once_and_in_order() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let unwaited = thread::spawn({
            let job = job.clone();
            move || submit(&job, 0, 3)
        });
        let waited = thread::spawn({
            let job = job.clone();
            move || {
                let mut before = 0;
                for number in 0..3u64 {
                    let commit = job.persist_put(KEPT, (1u64, number), b"").wait().unwrap().commit;
                    assert!(before < commit, "{before}, then {commit}");
                    before = commit;
                }
            }
        });
        let tickets: Vec<_> =
            (0..3u64).map(|number| job.persist_put(KEPT, (2u64, number), b"")).collect();
        let commits: Vec<u64> =
            tickets.into_iter().map(|ticket| ticket.wait().unwrap().commit).collect();
        assert!(commits.is_sorted(), "{commits:?}");
        unwaited.join().unwrap();
        waited.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[3, 3, 3]);
    });
}

#[test]
fn transactions_and_syncs_keep_their_place_in_the_order() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || {
                drop(job.persist_put(KEPT, (0u64, 0u64), b""));
                let seen = job.transact(|tx| tx.get(KEPT, (0u64, 0u64))).wait().unwrap();
                assert!(seen.is_some());
                drop(job.persist_put(KEPT, (0u64, 1u64), b""));
            }
        });
        drop(job.persist_put(KEPT, (1u64, 0u64), b""));
        job.sync().wait().unwrap();
        assert!(fake.committed().contains(&(1, 0)));
        let before = job.transact(|tx| tx.get(KEPT, (1u64, 1u64)));
        job.persist_put(KEPT, (1u64, 1u64), b"").wait().unwrap();
        assert_eq!(before.wait().unwrap(), None);
        other.join().unwrap();
        store.close().wait().unwrap();
        assert_each_in_order(&fake, &[2, 2]);
    });
}
