//! Reads during a stalled commit: they wait for the writes to the keys that they read, and for nothing else.

use std::fmt::Debug;
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::task::{Context, Waker};

use persist_core::{Error, Job, Persistency, TxOp};
use persist_tests::runtime::block_on;
use persist_tests::scripted::{Answer, Scripted};
use persist_tests::watchdog::within_a_minute;

/// Runs a test with an empty job whose write of `"first"` in `"c"` is stalled in its commit.
fn with_stalled_commit(body: impl FnOnce(Scripted, Job, Box<dyn FnOnce()>) + Send + 'static) {
    within_a_minute(|| {
        let backend = Scripted::new();
        let store = Persistency::open(backend.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let release = backend.occupy(&job);
        body(backend, job, Box::new(move || release.send(()).unwrap()));
        store.close().wait().unwrap();
    });
}

/// Asserts that a read waits until `release`, and returns `expected`.
fn assert_waits<T: PartialEq + Debug, F>(read: F, release: impl FnOnce(), expected: &T)
where
    F: IntoFuture<Output = Result<T, Error>>,
{
    let mut read = pin!(read.into_future());
    assert!(read.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    release();
    assert_eq!(block_on(read).unwrap(), *expected);
}

/// Returns a category that no pending write seems to touch. The filter of pending writes has 64 bits for categories, so
/// a read of an untouched category waits, too, if the two share a bit; which ones do differs in each process.
fn untouched_category(job: &Job) -> String {
    let is_read_at_once = |category: &String| {
        let mut read = pin!(job.first(category, ..).into_future());
        read.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    };
    let mut categories = (0..100).map(|number| format!("untouched {number}"));
    categories
        .find(is_read_at_once)
        .expect("one of 100 categories shares no bit with a touched one")
}

#[test]
fn read_of_untouched_keys_does_not_wait() {
    with_stalled_commit(|_backend, job, release| {
        job.persist([TxOp::put("c", 1u64, b"1"), TxOp::delete("c", 2u64)]);
        drop(job.sync());
        job.persist_put("d", 1u64, b"1");
        let e = &untouched_category(&job);
        // Each of these would wait forever if it waited for the commit.
        assert_eq!(job.get("c", 3u64).wait().unwrap(), None);
        assert_eq!(job.get_as::<u64>("c", "second").wait().unwrap(), None);
        assert!(!job.exists(e, 1u64).wait().unwrap());
        assert_eq!(job.get_many("c", [3u64, 4, 5]).wait().unwrap(), [None, None, None]);
        assert_eq!(block_on(job.get("d", 2u64)).unwrap(), None);
        assert_eq!(block_on(job.get("d", 2u64).offload()).unwrap(), None);
        assert_eq!(job.count(e, ..).wait().unwrap(), 0);
        assert!(job.scan(e, ..).wait().unwrap().is_empty());
        assert!(job.scan_prefix(e, "a").iter().next().is_none());
        assert!(job.first(e, ..).wait().unwrap().is_none());
        release();
    });
}

#[test]
fn read_waits_for_the_running_commit() {
    with_stalled_commit(|_backend, job, release| {
        assert_waits(job.get("c", "first"), release, &Some(b"".to_vec()));
    });
}

#[test]
fn read_waits_for_the_open_group() {
    with_stalled_commit(|_backend, job, release| {
        job.persist_put("d", 1u64, b"1");
        assert_waits(job.get("d", 1u64), release, &Some(b"1".to_vec()));
    });
}

#[test]
fn read_waits_for_a_pending_delete() {
    with_stalled_commit(|_backend, job, release| {
        job.persist_delete("d", 1u64);
        assert_waits(job.exists("d", 1u64), release, &false);
    });
}

#[test]
fn read_of_many_keys_waits_if_one_has_a_pending_write() {
    with_stalled_commit(|_backend, job, release| {
        job.persist_put("d", 2u64, b"2");
        assert_waits(
            job.get_many("d", [1u64, 2, 3]),
            release,
            &vec![None, Some(b"2".to_vec()), None],
        );
    });
}

#[test]
fn pending_range_delete_delays_reads_of_its_category_only() {
    with_stalled_commit(|_backend, job, release| {
        job.persist_delete_prefix("d", 1u64);
        job.persist_delete_range("e", 1u64..2);
        assert_eq!(job.get(untouched_category(&job), 9u64).wait().unwrap(), None);
        let mut in_e = pin!(job.get("e", 9u64).into_future());
        assert!(in_e.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_waits(job.get("d", 9u64), release, &None);
        assert_eq!(block_on(in_e).unwrap(), None);
    });
}

#[test]
fn pending_transaction_delays_every_read() {
    with_stalled_commit(|_backend, job, release| {
        drop(job.transact(|tx| tx.persist_put("e", 1u64, b"1")));
        assert_waits(job.get("d", 9u64), release, &None);
        assert_eq!(job.get("e", 1u64).wait().unwrap(), Some(b"1".to_vec()));
    });
}

#[test]
fn counts_and_scans_wait_for_writes_to_their_category() {
    with_stalled_commit(|_backend, job, release| {
        job.persist_put("d", 1u64, b"1");
        let mut scan = pin!(job.scan("d", 7u64..8).into_future());
        assert!(scan.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_waits(job.count("d", ..), release, &1);
        assert!(block_on(scan).unwrap().is_empty());
    });
}

#[test]
fn views_and_category_lists_wait_for_all_writes() {
    with_stalled_commit(|_backend, job, release| {
        let mut view = pin!(job.read(|at| at.exists("other", 1u64)).into_future());
        assert!(view.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_waits(job.categories(), release, &vec![b"c".to_vec()]);
        assert!(!block_on(view).unwrap());
    });
}

#[test]
fn read_waits_for_the_newest_group_with_its_key_and_no_later_one() {
    with_stalled_commit(|backend, job, release| {
        backend.then(Answer::Apply);
        let second = backend.hold();
        backend.then(Answer::Apply);
        let third = backend.hold();
        job.persist_put("d", 1u64, b"1");
        drop(job.sync());
        job.persist_put("d", 2u64, b"2");
        assert_waits(job.get("c", "first"), release, &Some(b"".to_vec()));
        assert_waits(job.get("d", 1u64), || second.send(()).unwrap(), &Some(b"1".to_vec()));
        assert_waits(job.get("d", 2u64), || third.send(()).unwrap(), &Some(b"2".to_vec()));
    });
}

#[test]
fn read_finds_its_key_in_any_of_many_pending_groups() {
    with_stalled_commit(|_backend, job, release| {
        for n in 0..100u64 {
            job.persist_put("d", n, n.to_be_bytes());
            drop(job.sync());
        }
        job.persist_put("d", 100u64, 100u64.to_be_bytes());
        let reads = [0u64, 7, 15, 16, 17, 18, 50, 99, 100];
        let mut pending: Vec<_> =
            reads.iter().map(|&n| (n, Box::pin(job.get("d", n).into_future()))).collect();
        let mut context = Context::from_waker(Waker::noop());
        for (n, read) in &mut pending {
            assert!(read.as_mut().poll(&mut context).is_pending(), "{n}");
        }
        release();
        for (n, read) in pending {
            assert_eq!(block_on(read).unwrap(), Some(n.to_be_bytes().to_vec()), "{n}");
        }
    });
}
