//! Many threads, many handles, two stores on one root, and a lock held by another connection.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use persist_core::{Config, Error, Job, Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self) -> Persistency {
        self.open_with(Config::default())
    }

    fn open_with(&self, config: Config) -> Persistency {
        Persistency::open_with(Sqlite::at(self.0.path()), config).unwrap()
    }

    fn open_job(&self) -> (Persistency, Job) {
        let store = self.open();
        let job = store.open_job("job").wait().unwrap();
        (store, job)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("job.db")
    }

    /// Returns another connection, which holds the write lock.
    fn lock(&self) -> Connection {
        let holder = Connection::open(self.file()).unwrap();
        holder.execute_batch("BEGIN IMMEDIATE").unwrap();
        holder
    }
}

#[test]
fn sixteen_threads_each_see_their_own_writes_in_order() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open_job();
        let start = Barrier::new(16);
        thread::scope(|scope| {
            for thread in 0..16u64 {
                let (job, start) = (&job, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut last = 0;
                    for n in 1..=200u64 {
                        job.persist_encoded("last", thread, &n);
                        let ticket = job.persist_encoded("all", (thread, n), &n);
                        if n.is_multiple_of(20) {
                            let seen = job.get_as::<u64>("last", thread).wait().unwrap();
                            assert_eq!(seen, Some(n), "a thread sees its own write");
                            let commit = ticket.wait().unwrap().commit;
                            assert!(commit >= last, "{commit} after {last}");
                            last = commit;
                        }
                    }
                });
            }
        });
        store.close().wait().unwrap();
        let (_store, job) = place.open_job();
        for thread in 0..16u64 {
            assert_eq!(job.get_as("last", thread).wait().unwrap(), Some(200u64));
            assert_eq!(job.count("all", (thread, 0u64)..(thread + 1, 0)).wait().unwrap(), 200);
        }
    });
}

#[test]
fn batches_of_sixteen_threads_are_atomic() {
    within_a_minute(|| {
        let place = Place::new();
        let (_store, job) = place.open_job();
        thread::scope(|scope| {
            for thread in 0..16u64 {
                let job = &job;
                scope.spawn(move || {
                    for _ in 0..50 {
                        job.persist(
                            (0..5u64)
                                .map(|row| TxOp::put("c", row, persist_core::payload!(thread))),
                        );
                        let rows = job.scan("c", ..).wait().unwrap();
                        let first: u64 = rows.first().unwrap().decode().unwrap();
                        assert!(rows.iter().all(|row| row.decode() == Ok(first)));
                    }
                });
            }
        });
    });
}

/// A small random generator, so that each thread makes its own choices, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Asserts that an error of an open, close or drop is one that concurrent calls may cause.
fn assert_expected(error: &Error) {
    let known =
        matches!(error, Error::JobNotFound { .. } | Error::Closed { .. } | Error::Busy { .. });
    assert!(known, "{error:?}");
}

#[test]
fn concurrent_opens_and_closes_lose_no_acknowledged_write() {
    within_a_minute(|| {
        let place = Place::new();
        let store = place.open();
        let acknowledged = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for thread in 0..8u64 {
                let (store, acknowledged) = (&store, &acknowledged);
                scope.spawn(move || {
                    let mut dice = Dice(thread);
                    for n in 0..150u64 {
                        let id = ["a", "b"][usize::try_from(dice.roll(2)).unwrap()];
                        match dice.roll(6) {
                            0 => {
                                store
                                    .close_job(id)
                                    .wait()
                                    .unwrap_or_else(|error| assert_expected(&error));
                            }
                            1 => drop(store.open_job(id).wait().unwrap()),
                            _ => match store
                                .open_job(id)
                                .wait()
                                .unwrap()
                                .persist_put("c", (thread, n), b"")
                                .wait()
                            {
                                Ok(_) => acknowledged.lock().unwrap().push((id, thread, n)),
                                Err(error) => assert_expected(&error),
                            },
                        }
                    }
                });
            }
        });
        store.close().wait().unwrap();
        let store = place.open();
        let acknowledged = acknowledged.into_inner().unwrap();
        assert!(acknowledged.len() > 100, "{} writes", acknowledged.len());
        for id in ["a", "b"] {
            store.open_job(id).wait().unwrap();
        }
        for (id, thread, n) in acknowledged {
            assert!(store.exists(id, "c", (thread, n)).wait().unwrap(), "{id} {thread} {n}");
        }
    });
}

#[test]
fn concurrent_opens_closes_and_drops_neither_panic_nor_hang() {
    within_a_minute(|| {
        let place = Place::new();
        let stores = [place.open(), place.open()];
        thread::scope(|scope| {
            for thread in 0..8u64 {
                let store = &stores[usize::try_from(thread % 2).unwrap()];
                scope.spawn(move || {
                    let mut dice = Dice(thread);
                    for n in 0..60u64 {
                        let result = match dice.roll(5) {
                            0 => store.close_job("job").wait(),
                            1 => store.drop_job("job").wait(),
                            2 => store.count("job", "c", ..).wait().map(drop),
                            _ => store
                                .open_job("job")
                                .wait()
                                .and_then(|job| job.persist_put("c", (thread, n), b"").wait())
                                .map(drop),
                        };
                        result.unwrap_or_else(|error| assert_expected(&error));
                    }
                });
            }
        });
        for store in &stores {
            store.close().wait().unwrap();
        }
        // The store still works.
        let (_store, job) = place.open_job();
        job.persist_put("c", "k", b"").wait().unwrap();
    });
}

#[test]
fn handles_dropped_while_others_open_lose_no_write() {
    within_a_minute(|| {
        let place = Place::new();
        thread::scope(|scope| {
            for thread in 0..4u64 {
                let place = &place;
                scope.spawn(move || {
                    for n in 0..25u64 {
                        // The store and the job are dropped together, with the writes still queued.
                        let (_store, job) = place.open_job();
                        for row in 0..20u64 {
                            job.persist_put("c", (thread, n, row), b"");
                        }
                    }
                });
            }
        });
        let (_store, job) = place.open_job();
        assert_eq!(job.count("c", ..).wait().unwrap(), 4 * 25 * 20);
    });
}

#[test]
fn two_stores_of_one_root_see_each_others_commits() {
    within_a_minute(|| {
        let place = Place::new();
        let stores = [place.open_job(), place.open_job()];
        let turn = AtomicU64::new(0);
        thread::scope(|scope| {
            for (me, (_, job)) in (0u64..).zip(&stores) {
                let turn = &turn;
                scope.spawn(move || {
                    for n in 0..100u64 {
                        // First unsynchronized, then in turns, so that each store must see the last write of the other.
                        job.persist_put("unpaced", (me, n), b"");
                    }
                    for n in (me..200).step_by(2) {
                        while turn.load(Ordering::Acquire) < n {
                            thread::yield_now();
                        }
                        let last = job.get_as::<u64>("counter", "k").wait().unwrap();
                        assert_eq!(last, n.checked_sub(1));
                        job.persist_encoded("counter", "k", &n).wait().unwrap();
                        turn.store(n + 1, Ordering::Release);
                    }
                });
            }
        });
        for (_, job) in &stores {
            assert_eq!(job.count("unpaced", ..).wait().unwrap(), 200);
            assert_eq!(job.get_as("counter", "k").wait().unwrap(), Some(199u64));
        }
    });
}

#[test]
fn file_locked_by_another_connection_delays_writes_and_fails_none() {
    within_a_minute(|| {
        let place = Place::new();
        let (store, job) = place.open_job();
        job.persist_put("c", 0u64, b"").wait().unwrap();
        let holder = place.lock();
        let tickets: Vec<_> = (1..=50u64).map(|n| job.persist_put("c", n, b"")).collect();
        // Another store reads while the lock is held: readers don't wait.
        let other = place.open().open_job("job").wait().unwrap();
        assert_eq!(other.count("c", ..).wait().unwrap(), 1);
        holder.execute("INSERT INTO kv VALUES (x'63', x'FF', x'')", []).unwrap();
        holder.execute_batch("COMMIT").unwrap();
        for ticket in tickets {
            ticket.wait().unwrap();
        }
        assert_eq!(job.count("c", ..).wait().unwrap(), 52);
        assert_eq!(other.count("c", ..).wait().unwrap(), 52);
        store.close().wait().unwrap();
    });
}

#[test]
fn repeated_locks_of_another_connection_fail_no_write() {
    within_a_minute(|| {
        let place = Place::new();
        let (_store, job) = place.open_job();
        // SQLite's lock is not fair. The other side takes it at a signal, since otherwise it would nearly always win.
        let (go, signal) = channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let other = Connection::open(place.file()).unwrap();
                other.busy_timeout(Duration::from_secs(30)).unwrap();
                for n in signal {
                    other
                        .execute_batch(&format!(
                            "BEGIN IMMEDIATE; INSERT INTO kv VALUES (x'64', x'{n:04x}', x'00'); COMMIT"
                        ))
                        .unwrap();
                }
            });
            let tickets: Vec<_> = (0..300u64)
                .map(|n| {
                    go.send(n).unwrap();
                    let ticket = job.persist_put("c", n, b"");
                    assert!(job.exists("c", n).wait().unwrap());
                    ticket
                })
                .collect();
            for ticket in tickets {
                ticket.wait().unwrap();
            }
            drop(go);
        });
        assert_eq!(job.count("c", ..).wait().unwrap(), 300);
        assert_eq!(job.count("d", ..).wait().unwrap(), 300);
    });
}

#[test]
fn close_past_its_timeout_returns_busy_and_applies_nothing() {
    within_a_minute(|| {
        let place = Place::new();
        let config = Config::new().close_timeout(Duration::from_millis(50));
        let store = place.open_with(config);
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", 0u64, b"").wait().unwrap();
        let holder = place.lock();
        let signal = job.persist_put("c", 1u64, b"");
        drop(job.persist_put("c", 2u64, b""));
        let end = store.close().wait();
        assert!(matches!(end, Err(Error::Busy { .. })), "{end:?}");
        assert!(matches!(signal.wait(), Err(Error::Busy { .. })));
        holder.execute_batch("ROLLBACK").unwrap();
        drop(holder);
        let (_store, job) = place.open_job();
        assert_eq!(job.count("c", ..).wait().unwrap(), 1, "not applied");
    });
}

#[test]
fn jobs_of_many_threads_are_independent() {
    within_a_minute(|| {
        let place = Place::new();
        let store = place.open();
        let ids: Vec<String> = (0..16).map(|n| format!("tenant/{n}")).collect();
        thread::scope(|scope| {
            for id in &ids {
                let store = &store;
                scope.spawn(move || {
                    let job = store.open_job(id).wait().unwrap();
                    for n in 0..100u64 {
                        job.persist_encoded("c", n, id.as_str());
                    }
                    assert_eq!(job.count("c", ..).wait().unwrap(), 100);
                });
            }
        });
        let rows: HashMap<_, _> =
            ids.iter().map(|id| (id, store.scan(id, "c", ..).wait().unwrap())).collect();
        for (id, rows) in rows {
            assert_eq!(rows.len(), 100);
            assert!(rows.iter().all(|row| row.decode::<&str>() == Ok(id.as_str())));
        }
    });
}
