//! Awaited reads that the backend starts and completes itself.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, channel};
use std::task::{Context, Poll, Waker};
use std::thread;

use persist_core::codec::Source;
use persist_core::{DecodeError, Error, Job, PayloadDecode, Persistency};
use persist_tests::runtime::{block_on, join_all};
use persist_tests::scripted::{Scripted, StartedRead};
use persist_tests::watchdog::within_a_minute;

/// Opens a job with the rows 1 to 5, whose reads arrive at the receiver.
fn open() -> (Scripted, Persistency, Job, Receiver<StartedRead>) {
    let (sender, reads) = channel();
    let backend = Scripted::starting(sender);
    let store = Persistency::open(backend.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for n in 1..=5u64 {
        job.persist_encoded("c", n, &(n * n));
    }
    job.flush().wait().unwrap();
    (backend, store, job, reads)
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Completes all reads, as they arrive.
fn serve(reads: Receiver<StartedRead>) {
    thread::spawn(move || reads.into_iter().for_each(|read| read()));
}

#[test]
fn awaited_gets_counts_and_ends_are_completed_by_the_backend() {
    within_a_minute(|| {
        let (_backend, _store, job, reads) = open();
        serve(reads);
        block_on(async {
            assert_eq!(job.get_as::<u64>("c", 3u64).await.unwrap(), Some(9));
            assert_eq!(job.get("c", 7u64).await.unwrap(), None);
            assert!(job.get("c", 3u64).map(|row| row.is_some()).await.unwrap());
            assert_eq!(job.count("c", 2u64..).await.unwrap(), 4);
            assert_eq!(job.count("c", 3u64..3).await.unwrap(), 0);
            let last = job.last("c", ..).await.unwrap().unwrap();
            assert_eq!(last.key().decode(), Ok(5u64));
            assert!(job.first("c", 9u64..).await.unwrap().is_none());
            assert_eq!(job.scan("c", ..).limit(3).await.unwrap().len(), 3);
            assert_eq!(job.scan("c", 2u64..).reverse().limit(9).await.unwrap().len(), 4);
            assert!(job.scan("c", 9u64..).limit(9).await.unwrap().is_empty());
            let firsts = job.scan("c", ..).limit(2).rows().map(|rows| rows.len());
            assert_eq!(firsts.await.unwrap(), 2);
            // Reads that a backend can't start run on a thread, as with any backend.
            assert_eq!(job.scan("c", ..).await.unwrap().len(), 5);
            assert!(job.exists("c", 1u64).await.unwrap());
        });
    });
}

#[test]
fn hundred_awaited_reads_wait_at_the_same_time() {
    within_a_minute(|| {
        let (_backend, _store, job, reads) = open();
        // No read is completed before all have been started.
        thread::spawn(move || {
            let all: Vec<StartedRead> = reads.iter().take(100).collect();
            all.into_iter().rev().for_each(|read| read());
        });
        let gets = (0..100u64).map(|n| job.get_as::<u64>("c", n % 5 + 1));
        let found = block_on(join_all(gets));
        for (n, found) in (0..100u64).zip(found) {
            assert_eq!(found.unwrap(), Some((n % 5 + 1).pow(2)));
        }
    });
}

#[test]
fn started_read_sees_earlier_writes() {
    within_a_minute(|| {
        let (backend, _store, job, reads) = open();
        let release = backend.hold();
        job.persist_encoded("c", 1u64, &7u64);
        let mut get = pin!(job.get_as::<u64>("c", 1u64).into_future());
        assert!(poll(&mut get).is_pending());
        assert!(reads.try_recv().is_err(), "the read waits for the write");
        release.send(()).unwrap();
        serve(reads);
        assert_eq!(block_on(get).unwrap(), Some(7));
    });
}

#[test]
fn blocking_reads_are_not_started() {
    let (_backend, _store, job, reads) = open();
    assert_eq!(job.get_as::<u64>("c", 2u64).wait().unwrap(), Some(4));
    assert_eq!(job.count("c", ..).wait().unwrap(), 5);
    assert!(job.last("c", ..).wait().unwrap().is_some());
    assert!(reads.try_recv().is_err());
}

#[test]
fn read_dropped_by_the_backend_returns_an_error() {
    let (_backend, _store, job, reads) = open();
    let mut get = pin!(job.get("c", 1u64).into_future());
    assert!(poll(&mut get).is_pending());
    drop(reads.recv().unwrap());
    let Poll::Ready(Err(Error::Panicked { message, .. })) = poll(&mut get) else { panic!() };
    assert_eq!(message, "the backend dropped a read that it had started");
}

#[test]
fn read_whose_future_is_gone_is_completed_without_effect() {
    let (_backend, store, job, reads) = open();
    let mut get = pin!(job.get("c", 1u64).into_future());
    assert!(poll(&mut get).is_pending());
    let read = reads.recv().unwrap();
    {
        let mut dropped = Box::pin(job.count("c", ..).into_future());
        assert!(poll(&mut dropped).is_pending());
    }
    reads.recv().unwrap()();
    store.close().wait().unwrap();
    // The memory backend, which is asked after the close, reports that.
    read();
    assert!(matches!(poll(&mut get), Poll::Ready(Err(Error::Closed { .. }))));
}

#[test]
fn panic_while_a_started_read_is_decoded_is_its_result() {
    #[derive(Debug)]
    struct Panics;
    impl<'de> PayloadDecode<'de> for Panics {
        fn decode_payload(_: &mut Source<'de>) -> Result<Self, DecodeError> {
            panic!("on purpose")
        }
    }
    let (_backend, _store, job, reads) = open();
    let mut get = pin!(job.get_as::<Panics>("c", 1u64).into_future());
    assert!(poll(&mut get).is_pending());
    reads.recv().unwrap()();
    assert!(matches!(poll(&mut get), Poll::Ready(Err(Error::Panicked { .. }))));
}
