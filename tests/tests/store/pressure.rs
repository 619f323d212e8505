//! The options of a caller when the queue is full: to try, or to reserve capacity before writing.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::mpsc::Sender;
use std::task::{Context, Poll, Waker};
use std::thread;

use persist_core::{Config, Error, Job, Permit, Persistency, TryError, TxOp};
use persist_tests::runtime::{block_on, join_all};
use persist_tests::scripted::Scripted;
use persist_tests::watchdog::within_a_minute;

/// Returns a job whose worker is stalled in its first write until something is sent.
fn stalled_job(queue_limit_bytes: usize) -> (Persistency, Job, Sender<()>) {
    let backend = Scripted::new();
    let config = Config::new().queue_limit_bytes(queue_limit_bytes);
    let store = Persistency::open_with(backend.clone(), config).unwrap();
    let job = store.open_job("job").wait().unwrap();
    let release = backend.hold();
    drop(job.persist_put("c", "first", b""));
    while backend.groups().is_empty() {
        thread::yield_now();
    }
    (store, job, release)
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn try_write_into_a_full_queue_returns_its_operations() {
    within_a_minute(|| {
        let (store, job, release) = stalled_job(1_000);
        let mut accepted = 0;
        let refused = loop {
            match job.try_persist_put("c", accepted + 1, [7; 100]) {
                Ok(_) => accepted += 1,
                Err(refused) => break refused,
            }
        };
        assert!((1..9u64).contains(&accepted), "{accepted}");
        assert!(refused.to_string().contains("full"), "{refused}");
        let TryError { error, ops, .. } = refused;
        assert!(matches!(error, Error::QueueFull { .. }), "{error}");
        assert_eq!(ops, [TxOp::put("c", accepted + 1, [7; 100])]);

        while job.try_persist_delete("c", 0u64).is_ok() {}
        for refused in [
            job.try_persist([TxOp::delete("c", 1u64)]).map(drop),
            job.try_persist_encoded("c", 1u64, "text").map(drop),
            job.try_persist_delete("c", 1u64).map(drop),
            job.try_persist_delete_prefix("c", 1u64).map(drop),
            job.try_persist_delete_range("c", ..).map(drop),
            job.try_persist_delete_within("c", 1u64, ..).map(drop),
        ] {
            let TryError { error, ops, .. } = refused.unwrap_err();
            assert!(matches!(error, Error::QueueFull { .. }) && ops.len() == 1, "{error}: {ops:?}");
        }
        release.send(()).unwrap();
        job.persist(ops).wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), accepted + 2);
        assert!(job.last_error().is_none(), "the error of a try is returned to the caller only");
        store.close().wait().unwrap();
    });
}

#[test]
fn try_write_with_free_capacity_is_committed() {
    let (_store, job, release) = stalled_job(1 << 20);
    job.try_persist_put("c", 1u64, b"1").unwrap();
    job.try_persist_encoded("c", 2u64, "two").unwrap();
    job.try_persist([TxOp::put("c", 3u64, b"3"), TxOp::put("d", 4u64, b"4")]).unwrap();
    job.try_persist_delete("c", 1u64).unwrap();
    job.try_persist_delete_prefix("d", 4u64).unwrap();
    let removed = job.try_persist_delete_range("c", 3u64..).unwrap();
    release.send(()).unwrap();
    assert_eq!(
        removed.wait().unwrap().removed,
        2,
        "the third row and the first one, whose key is text"
    );
    assert_eq!(job.count("c", ..).wait().unwrap(), 1);
    assert_eq!(job.count("d", ..).wait().unwrap(), 0);
}

#[test]
fn invalid_try_write_returns_its_error_and_does_not_count_as_a_failure() {
    let (store, job, release) = stalled_job(1 << 20);
    release.send(()).unwrap();
    let refused = job.try_persist_put("c", 1u64, vec![0; (512 << 20) + 1]).unwrap_err();
    assert!(matches!(refused.error, Error::InvalidArgument { .. }), "{refused}");
    assert!(job.last_error().is_none());
    store.close().wait().unwrap();
    let refused = job.try_persist_put("c", 1u64, b"").unwrap_err();
    assert!(matches!(refused.error, Error::Closed { .. }), "{refused}");
}

#[test]
fn permit_writes_into_a_full_queue_without_waiting() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(4_000);
        let permit = job.reserve(100).wait().unwrap();
        while job.try_persist_put("c", 1u64, [0; 100]).is_ok() {}
        let ticket = permit.persist_put("c", 2u64, [0; 100]);
        release.send(()).unwrap();
        ticket.wait().unwrap();
        assert!(job.exists("c", 2u64).wait().unwrap());
    });
}

#[test]
fn permit_refuses_more_bytes_than_it_reserved() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(2_500);
        let permit = job.reserve(100).wait().unwrap();
        while job.try_persist_put("c", 1u64, b"").is_ok() {}
        // The reservation includes a key of usual length. It doesn't include a payload of ten times its bytes.
        let error = permit.persist_put("c", 2u64, [0; 2_000]).wait();
        release.send(()).unwrap();
        assert!(matches!(error, Err(Error::QueueFull { .. })), "{error:?}");
        assert!(!job.exists("c", 2u64).wait().unwrap());
        // With free capacity the larger write is admitted.
        drop(job.reserve(2_200).wait().unwrap());
        let permit = job.reserve(1).wait().unwrap();
        permit.persist_put("c", 3u64, [0; 2_000]).wait().unwrap();
    });
}

#[test]
fn dropped_permit_releases_its_capacity() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(3_000);
        for _ in 0..1_000 {
            drop(job.reserve(1_000).wait().unwrap());
        }
        let empty = job.reserve(1_000).wait().unwrap();
        assert_eq!(empty.persist([]).wait().unwrap().commit, 0);
        job.try_persist_put("c", 1u64, [0; 1_000]).unwrap();
        release.send(()).unwrap();
    });
}

#[test]
fn reservation_is_pending_until_there_is_capacity() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(2_000);
        while job.try_persist_put("c", 1u64, [0; 100]).is_ok() {}
        let mut waiting = pin!(job.reserve(500).into_future());
        assert!(poll_once(waiting.as_mut()).is_pending());
        assert!(poll_once(waiting.as_mut()).is_pending());
        release.send(()).unwrap();
        let permit: Permit = block_on(waiting).unwrap();
        block_on(permit.persist_encoded("c", 2u64, "text")).unwrap();
        assert_eq!(job.get_as::<String>("c", 2u64).wait().unwrap().as_deref(), Some("text"));
    });
}

#[test]
fn dropped_reservation_passes_its_turn_to_the_next() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(2_000);
        while job.try_persist_put("c", 1u64, [0; 100]).is_ok() {}
        let mut last = pin!(job.reserve(500).into_future());
        {
            let mut first = Box::pin(job.reserve(500).into_future());
            let mut second = Box::pin(job.reserve(500).into_future());
            assert!(poll_once(first.as_mut()).is_pending());
            assert!(poll_once(second.as_mut()).is_pending());
            assert!(poll_once(last.as_mut()).is_pending());
            // In another order.
            drop(second);
            drop(first);
        }
        release.send(()).unwrap();
        drop(block_on(last).unwrap());
        job.persist_put("c", 2u64, b"").wait().unwrap();
    });
}

#[test]
fn write_that_fits_does_not_overtake_a_waiting_reservation() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(4_000);
        // It fits only into an empty queue.
        let mut large = pin!(job.reserve(2_800).into_future());
        assert!(poll_once(large.as_mut()).is_pending());
        let refused = job.try_persist_put("c", 2u64, b"").unwrap_err();
        assert!(matches!(refused.error, Error::QueueFull { .. }), "{refused}");
        release.send(()).unwrap();
        drop(block_on(large).unwrap());
        job.persist_put("c", 2u64, b"").wait().unwrap();
    });
}

#[test]
fn close_completes_pending_reservations_with_closed() {
    within_a_minute(|| {
        let (store, job, release) = stalled_job(2_000);
        while job.try_persist_put("c", 1u64, [0; 100]).is_ok() {}
        let mut waiting = pin!(job.reserve(500).into_future());
        assert!(poll_once(waiting.as_mut()).is_pending());
        let closer = thread::spawn(move || store.close().wait());
        let end = block_on(waiting);
        assert!(matches!(end, Err(Error::Closed { .. })), "{end:?}");
        release.send(()).unwrap();
        closer.join().unwrap().unwrap();
        assert!(matches!(job.reserve(1).wait(), Err(Error::Closed { .. })));
    });
}

#[test]
fn permits_of_many_tasks_pass_through_a_small_queue() {
    within_a_minute(|| {
        let (_store, job, release) = stalled_job(5_000);
        release.send(()).unwrap();
        let tasks = (0..64u64).map(|task| {
            let job = job.clone();
            async move {
                for n in 0..20u64 {
                    let permit = job.reserve(300).await.unwrap();
                    // Some of the permits are not used.
                    if n % 5 != 4 {
                        permit.persist_put("c", (task, n), [0; 300]);
                    }
                }
            }
        });
        block_on(join_all(tasks.map(Box::pin)));
        assert_eq!(job.count("c", ..).wait().unwrap(), 64 * 16 + 1);
    });
}
