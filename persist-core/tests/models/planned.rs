//! Groups that the engine plans, and functions that a backend registers.

use std::time::Duration;

use persist_core::port::{Backend, Category, Commit, Group, Op, OpenOptions, OpenedJob, Stop};
use persist_core::{Memory, Persistency};
use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicBool, Ordering};
use shuttle::sync::{Condvar, Mutex};
use shuttle::thread;

use crate::fake::Fake;
use crate::{explore, open};

/// The row with the number of the last batch, as the engine keeps it.
const LAST_BATCH: (Category<'_>, &[u8]) = (Category::system(b"batches"), b"last");

/// Writes the first system row, as another process may do at any time.
fn begin_numbers(memory: &Memory) {
    let OpenedJob { mut writer, .. } = memory.open_job("job", &OpenOptions::default()).unwrap();
    let (category, key) = LAST_BATCH;
    let payload = &0u64.to_be_bytes();
    let commit = writer.commit(&Group::planned(&[Op::Put { category, key, payload }]));
    assert!(matches!(commit, Commit::Resolved(_)));
    writer.close().unwrap();
}

fn last_batch(memory: &Memory) -> u64 {
    let OpenedJob { reader, .. } = memory.open_job("job", &OpenOptions::default()).unwrap();
    let (category, key) = LAST_BATCH;
    let last = reader.get(category, key).unwrap().unwrap();
    u64::from_be_bytes(last.try_into().unwrap())
}

#[test]
fn each_committed_batch_takes_one_number() {
    explore(|| {
        let memory = Memory::new();
        begin_numbers(&memory);
        let store = Persistency::open(memory.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let writers: Vec<_> = (0..2u64)
            .map(|producer| {
                let job = job.clone();
                thread::spawn(move || {
                    job.persist_put("c", (producer, 0u64), b"");
                    job.transact(move |tx| tx.persist_put("c", (producer, 1u64), b""))
                        .wait()
                        .unwrap();
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(job.count("c", ..).wait().unwrap(), 4);
        store.close().wait().unwrap();
        assert_eq!(last_batch(&memory), 4);
    });
}

#[test]
fn batches_after_the_first_system_row_take_numbers() {
    explore(|| {
        let memory = Memory::new();
        let store = Persistency::open(memory.clone()).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let other = memory.clone();
        let beginning = thread::spawn(move || begin_numbers(&other));
        job.persist_put("c", 1u64, b"").wait().unwrap();
        beginning.join().unwrap();
        job.persist_put("c", 2u64, b"").wait().unwrap();
        store.close().wait().unwrap();
        assert!(matches!(last_batch(&memory), 1 | 2));
    });
}

#[test]
fn registered_function_is_called_unless_it_is_dropped_before() {
    explore(|| {
        let stop = Stop::new();
        let called = Arc::new(AtomicBool::new(false));
        let setting = {
            let stop = stop.clone();
            thread::spawn(move || stop.set())
        };
        let noted = Arc::clone(&called);
        let registration = stop.on_set(move || noted.store(true, Ordering::SeqCst));
        setting.join().unwrap();
        assert!(called.load(Ordering::SeqCst) && stop.is_set());
        drop(registration);

        let stop = Stop::new();
        let gone = Arc::new(AtomicBool::new(false));
        let setting = {
            let stop = stop.clone();
            thread::spawn(move || stop.set())
        };
        let late = Arc::new(AtomicBool::new(false));
        let (dropped, noted) = (Arc::clone(&gone), Arc::clone(&late));
        let registration = stop
            .on_set(move || _ = noted.fetch_or(dropped.load(Ordering::SeqCst), Ordering::SeqCst));
        drop(registration);
        gone.store(true, Ordering::SeqCst);
        setting.join().unwrap();
        assert!(!late.load(Ordering::SeqCst));
    });
}

#[test]
fn close_wakes_a_call_that_has_no_limit() {
    explore(|| {
        let fake = Fake::default();
        let (store, job) = open(&fake);
        let closing = fake.closing();
        let woken = Arc::new((Mutex::new(false), Condvar::new()));
        let waiting = {
            thread::spawn(move || {
                let registered = Arc::clone(&woken);
                let _registration = closing.on_begin(move || {
                    *registered.0.lock().unwrap() = true;
                    registered.1.notify_one();
                });
                let mut begun = woken.0.lock().unwrap();
                while !*begun {
                    begun = woken.1.wait(begun).unwrap();
                }
                drop(begun);
                closing.until(Duration::MAX)
            })
        };
        drop(job);
        store.close().wait().unwrap();
        assert!(waiting.join().unwrap().is_some());
    });
}
