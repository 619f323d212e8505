//! Futures that are dropped at each of their waits: submitted writes are committed, and the job is not affected
//! otherwise. Also tasks that move between threads.

use std::future::{Future, IntoFuture};
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use persist_core::{Error, Job, Memory, Persistency, TxOp};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;

struct Woken(Sender<()>);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        // The future may have been dropped.
        let _ = self.0.send(());
    }
}

/// Polls a future up to `times` times, each time after it was woken. Returns whether it has completed.
fn completes_within(mut future: Boxed<'_>, times: usize) -> bool {
    let (sender, woken): (_, Receiver<()>) = channel();
    let waker = Waker::from(Arc::new(Woken(sender)));
    for time in 0..times {
        if time > 0 {
            woken.recv().expect("a pending future is woken");
        }
        if let Poll::Ready(ended) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            ended.unwrap();
            return true;
        }
    }
    false
}

/// Drops a future after no poll, one poll, two polls and so on, until it completes.
fn drop_at_each_poll<'a>(mut begin: impl FnMut(usize) -> Boxed<'a>) {
    let ends = (0..1_000).find(|&times| completes_within(begin(times), times)).unwrap();
    assert!(ends > 0, "a future does nothing before it is polled");
}

fn boxed<'a, T, F>(future: F) -> Boxed<'a>
where
    F: IntoFuture<Output = Result<T, Error>>,
    F::IntoFuture: Send + 'a,
{
    let future = future.into_future();
    Box::pin(async move { future.await.map(drop) })
}

/// Runs a test on each backend, and checks that the job still works and has the rows that were there before.
fn on_both(body: fn(&Persistency, &Job, &Path)) {
    within_a_minute(move || {
        let root = tempfile::tempdir().unwrap();
        let sqlite = Persistency::open(Sqlite::at(root.path().join("store"))).unwrap();
        for store in [Persistency::open(Memory::new()).unwrap(), sqlite] {
            let job = store.open_job("job").wait().unwrap();
            for n in 0..500u64 {
                job.persist_put("rows", n, [7; 1_000]);
            }
            body(&store, &job, root.path());
            assert_eq!(job.count("rows", ..).wait().unwrap(), 500);
            job.persist_put("after", "k", b"1").wait().unwrap();
            assert_eq!(job.get("after", "k").wait().unwrap().as_deref(), Some(&b"1"[..]));
            store.close().wait().unwrap();
        }
    });
}

#[test]
fn writes_dropped_at_any_poll_are_committed() {
    on_both(|_, job, _| {
        drop_at_each_poll(|n| boxed(job.persist_put("put", n as u64, b"")));
        drop_at_each_poll(|n| boxed(job.persist([TxOp::put("batch", n as u64, b"")])));
        drop_at_each_poll(|_| boxed(job.delete_acked("rows", 1_000u64)));
        drop_at_each_poll(|n| {
            boxed(job.transact(move |tx| tx.persist_put("transaction", n as u64, b"")))
        });
        drop_at_each_poll(|_| boxed(job.sync()));
        for category in ["put", "batch", "transaction"] {
            let keys = job.scan(category, ..).wait().unwrap();
            // The write of every future, polled or not.
            let expected: Vec<u64> = (0..keys.len() as u64).collect();
            let found: Vec<u64> = keys.iter().map(|row| row.key().decode().unwrap()).collect();
            assert_eq!(found, expected);
            assert!(found.len() > 1);
        }
    });
}

#[test]
fn reads_dropped_at_any_poll_leave_the_job_usable() {
    on_both(|_, job, _| {
        drop_at_each_poll(|_| boxed(job.get("rows", 1u64)));
        drop_at_each_poll(|_| boxed(job.get("rows", 1u64).offload()));
        drop_at_each_poll(|_| boxed(job.get_many("rows", [1u64, 2])));
        drop_at_each_poll(|_| boxed(job.count("rows", ..)));
        drop_at_each_poll(|_| boxed(job.scan("rows", ..)));
        drop_at_each_poll(|_| boxed(job.categories()));
        drop_at_each_poll(|_| boxed(job.read(|view| view.count("rows", ..))));
        drop_at_each_poll(|_| boxed(job.stats()));
    });
}

#[test]
fn reads_of_pending_writes_dropped_at_any_poll_leave_the_job_usable() {
    on_both(|_, job, _| {
        drop_at_each_poll(|n| {
            job.persist_put("pending", n as u64, b"");
            boxed(job.get("pending", n as u64))
        });
        drop_at_each_poll(|n| {
            job.persist_put("pending", n as u64, b"");
            boxed(job.scan("pending", ..))
        });
    });
}

#[test]
fn streams_dropped_at_any_poll_leave_the_job_usable() {
    on_both(|_, job, _| {
        drop_at_each_poll(|_| {
            let mut stream = job.scan("rows", ..).stream();
            Box::pin(async move {
                let mut rows = 0;
                while let Some(row) = stream.next().await {
                    row?;
                    rows += 1;
                }
                assert_eq!(rows, 500);
                Ok(())
            })
        });
    });
}

#[test]
fn reservations_dropped_at_any_poll_release_their_capacity() {
    on_both(|_, job, _| {
        drop_at_each_poll(|_| {
            Box::pin(async {
                let permit = job.reserve(1_000).await?;
                permit.persist_put("reserved", "k", b"").await.map(drop)
            })
        });
        // The capacity of the last commit is released soon after it.
        while job.stats().wait().unwrap().queue_bytes > 0 {
            thread::yield_now();
        }
    });
}

#[test]
fn housekeeping_dropped_at_any_poll_leaves_the_job_usable() {
    on_both(|_, job, root| {
        drop_at_each_poll(|_| boxed(job.check()));
        drop_at_each_poll(|_| boxed(job.compact()));
        if job.stats().wait().unwrap().storage.unwrap().file_bytes > 0 {
            drop_at_each_poll(|n| boxed(job.backup_to(root.join(format!("copy-{n}.db")))));
        }
    });
}

#[test]
fn opening_and_closing_dropped_at_any_poll_leave_the_store_usable() {
    on_both(|store, _, _| {
        drop_at_each_poll(|_| boxed(store.open_job("other")));
        let other = store.open_job("other").wait().unwrap();
        other.persist_put("c", "k", b"1");
        drop_at_each_poll(|_| {
            // A close that has begun continues without its future.
            Box::pin(async {
                match store.close_job("other").await {
                    Err(Error::JobNotFound { .. }) => Ok(()),
                    ended => ended,
                }
            })
        });
        let again = store.open_job("other").wait().unwrap();
        assert!(again.exists("c", "k").wait().unwrap());
        drop((other, again));
        drop_at_each_poll(|_| {
            Box::pin(async {
                match store.drop_job("other").await {
                    Err(Error::JobNotFound { .. }) => Ok(()),
                    ended => ended,
                }
            })
        });
        assert!(!store.stored_job_ids().wait().unwrap().contains(&"other".to_owned()));
    });
}

#[test]
fn tasks_that_move_between_threads_read_their_own_writes() {
    const TASKS: u64 = 16;
    const WRITES: u64 = 50;

    /// A queue of woken tasks, for the next free thread.
    struct ReadyQueue(Sender<Arc<Task>>);
    struct Task {
        future: Mutex<Option<Boxed<'static>>>,
        turns: Mutex<ReadyQueue>,
    }
    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            let turns = self.turns.lock().unwrap().0.clone();
            // The threads have ended once all tasks have completed.
            let _ = turns.send(self);
        }
    }

    on_both(|_, job, _| {
        let (turns, taken) = channel::<Arc<Task>>();
        let (ended, ends) = channel();
        for task in 0..TASKS {
            let (job, ended) = (job.clone(), ended.clone());
            let future: Boxed<'static> = Box::pin(async move {
                for n in 0..WRITES {
                    job.persist_encoded("moving", task, &n);
                    assert_eq!(job.get_as::<u64>("moving", task).await?, Some(n));
                    job.persist_put("moved", (task, n), b"").await?;
                    assert_eq!(job.scan_prefix("moved", task).await?.len() as u64, n + 1);
                }
                ended.send(()).unwrap();
                Ok(())
            });
            let turns = turns.clone();
            let task =
                Task { future: Mutex::new(Some(future)), turns: Mutex::new(ReadyQueue(turns)) };
            Arc::new(task).wake();
        }
        drop(turns);
        let taken = Arc::new(Mutex::new(taken));
        for _ in 0..4 {
            let taken = Arc::clone(&taken);
            thread::spawn(move || {
                loop {
                    let Ok(task) = taken.lock().unwrap().recv() else { return };
                    let mut future = task.future.lock().unwrap();
                    let waker = Waker::from(Arc::clone(&task));
                    if let Some(running) = &mut *future
                        && pin!(running).poll(&mut Context::from_waker(&waker)).is_ready()
                    {
                        *future = None;
                    }
                }
            });
        }
        for _ in 0..TASKS {
            ends.recv().expect("every task completes");
        }
        drop(ended);
        assert_eq!(job.count("moved", ..).wait().unwrap(), TASKS * WRITES);
    });
}
