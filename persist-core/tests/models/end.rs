//! Writes that were submitted before the end are committed, and no thread waits forever.

use std::time::Duration;

use persist_core::{Config, Error};
use shuttle::thread;

use crate::fake::{Fake, KEPT, PANICS, PANICS_AFTERWARDS};
use crate::{assert_each_in_order, explore, open, open_with};

#[test]
fn close_commits_submitted_writes_and_refuses_later_ones() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let waiting = thread::spawn({
            let (fake, job) = (fake.clone(), job.clone());
            move || {
                for number in 0..2u64 {
                    let written = job.persist_put(KEPT, (0u64, number), b"").wait();
                    let committed = fake.committed().contains(&(0, number));
                    match written {
                        Ok(_) => assert!(committed),
                        Err(Error::Closed { .. }) => assert!(!committed),
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        });
        let unwaited = thread::spawn({
            let job = job.clone();
            move || [0u64, 1].map(|number| job.persist_put(KEPT, (1u64, number), b""))
        });
        drop(job.persist_put(KEPT, (2u64, 0u64), b""));
        // The close may report a refused write whose ticket was not waited for yet.
        let _ = store.close().wait();
        let at_the_end = fake.committed();
        assert!(at_the_end.contains(&(2, 0)));
        waiting.join().unwrap();
        for (number, ticket) in (0u64..).zip(unwaited.join().unwrap()) {
            assert_eq!(ticket.wait().is_ok(), at_the_end.contains(&(1, number)));
        }
        assert_eq!(fake.committed(), at_the_end);
    });
}

#[test]
fn concurrent_closes_wait_for_one_end() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        drop(job.persist_put(KEPT, (0u64, 0u64), b""));
        let other = thread::spawn({
            let store = store.clone();
            move || store.close_job("job").wait()
        });
        store.close().wait().unwrap();
        match other.join().unwrap() {
            Ok(()) => assert_each_in_order(&fake, &[1]),
            Err(error) => assert!(
                matches!(error, Error::JobNotFound { .. } | Error::Closed { .. }),
                "{error}"
            ),
        }
        // The other close may be the one that waits.
        fake.await_commits(1);
    });
}

#[test]
fn open_after_the_drop_of_the_last_handle_finds_its_writes() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let other = thread::spawn({
            let job = job.clone();
            move || drop(job.persist_put(KEPT, (0u64, 0u64), b""))
        });
        drop(job.persist_put(KEPT, (1u64, 0u64), b""));
        drop((store, job));
        other.join().unwrap();
        let (store, job) = open(&fake);
        assert_eq!(job.count(KEPT, ..).wait().unwrap(), 2);
        store.close().wait().unwrap();
    });
}

#[test]
fn panic_of_the_writer_leaves_no_caller_waiting() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let panicking = thread::spawn({
            let job = job.clone();
            move || job.persist_put(PANICS, (0u64, 0u64), b"").wait().unwrap_err()
        });
        let written = job.persist_put(KEPT, (1u64, 0u64), b"").wait();
        assert_eq!(written.is_ok(), fake.committed().contains(&(1, 0)));
        let error = panicking.join().unwrap();
        assert!(matches!(error, Error::Panicked { .. }), "{error}");
        let refused = job.persist_put(KEPT, (1u64, 1u64), b"").wait();
        assert!(matches!(refused, Err(Error::Failed { .. })), "{refused:?}");
        store.close().wait().expect("the tickets have reported the failure");
    });
}

#[test]
fn panic_of_the_engine_leaves_no_caller_waiting() {
    explore(|| {
        let fake = Fake::default();
        let config = Config::new().snapshot_timeout(Duration::from_nanos(1));
        let (store, job) = open_with(&fake, config);
        let (result, other) = job
            .read(|_| {
                // The thread that commits this write also ends the snapshot.
                let ticket = job.persist_put(PANICS_AFTERWARDS, (1u64, 0u64), b"");
                let other = thread::spawn({
                    let job = job.clone();
                    move || job.persist_put(KEPT, (0u64, 0u64), b"").wait()
                });
                Ok::<_, Error>((ticket.wait(), other))
            })
            .wait()
            .unwrap();
        assert!(matches!(result, Err(Error::Unknown { .. })), "{result:?}");
        match other.join().unwrap() {
            Ok(_) => assert!(fake.committed().contains(&(0, 0))),
            Err(Error::Closed { .. } | Error::Panicked { .. }) => {
                assert!(!fake.committed().contains(&(0, 0)));
            }
            // It was in the same group.
            Err(error) => assert!(matches!(error, Error::Unknown { .. }), "{error}"),
        }
        let refused = job.persist_put(KEPT, (1u64, 1u64), b"").wait();
        assert!(matches!(refused, Err(Error::Closed { .. })), "{refused:?}");
        // The worker ends by itself. Opening the rows again waits for it.
        let (again, _job) = open(&fake);
        again.close().wait().unwrap();
        let _ = store.close().wait();
    });
}
