//! In a queue with room for one write the others wait for their turn.

use std::future::IntoFuture;
use std::sync::Arc;
use std::task::{Context, Waker};

use persist_core::{Config, Error, Persistency};
use shuttle::future::block_on;
use shuttle::sync::Barrier;
use shuttle::thread;

use crate::fake::{Fake, KEPT};
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
        /// What a permit for no bytes takes.
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
        // What it tells is a write that was refused and whose ticket has not yet been asked.
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
        // What it tells is a write that was refused and whose ticket has not yet been asked.
        let _ = store.close().wait();
        let refused = blocked.join().unwrap();
        assert!(matches!(refused, Err(Error::Closed { .. })), "{refused:?}");
        drop(permit);
    });
}
