//! Futures that are dropped, at each of the points where they wait: what was submitted is written, and nothing else has
//! happened to the job. And tasks that move from thread to thread.

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
        // The future may be gone by then.
        let _ = self.0.send(());
    }
}

/// Polls so often at most, each time when it was woken; says whether it has ended.
fn polled(mut future: Boxed<'_>, times: usize) -> bool {
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

/// A future as it is dropped after none, one, two … polls, until it ends.
fn dropped_everywhere<'a>(mut begin: impl FnMut(usize) -> Boxed<'a>) {
    let ends = (0..1_000).find(|&times| polled(begin(times), times)).unwrap();
    assert!(ends > 0, "nothing runs before it is polled");
}

fn boxed<'a, T, F>(future: F) -> Boxed<'a>
where
    F: IntoFuture<Output = Result<T, Error>>,
    F::IntoFuture: Send + 'a,
{
    let future = future.into_future();
    Box::pin(async move { future.await.map(drop) })
}

/// Runs a test on each backend; it leaves the job as a working one that has these rows beside those of the test.
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
fn writes() {
    on_both(|_, job, _| {
        dropped_everywhere(|n| boxed(job.persist_put("put", n as u64, b"")));
        dropped_everywhere(|n| boxed(job.persist([TxOp::put("batch", n as u64, b"")])));
        dropped_everywhere(|_| boxed(job.delete_acked("rows", 1_000u64)));
        dropped_everywhere(|n| {
            boxed(job.transact(move |tx| tx.persist_put("transaction", n as u64, b"")))
        });
        dropped_everywhere(|_| boxed(job.sync()));
        for category in ["put", "batch", "transaction"] {
            let keys = job.scan(category, ..).wait().unwrap();
            // Of each that was begun, whether it was polled or not.
            let expected: Vec<u64> = (0..keys.len() as u64).collect();
            let found: Vec<u64> = keys.iter().map(|row| row.key().decode().unwrap()).collect();
            assert_eq!(found, expected);
            assert!(found.len() > 1);
        }
    });
}

#[test]
fn reads() {
    on_both(|_, job, _| {
        dropped_everywhere(|_| boxed(job.get("rows", 1u64)));
        dropped_everywhere(|_| boxed(job.get("rows", 1u64).offload()));
        dropped_everywhere(|_| boxed(job.get_many("rows", [1u64, 2])));
        dropped_everywhere(|_| boxed(job.count("rows", ..)));
        dropped_everywhere(|_| boxed(job.scan("rows", ..)));
        dropped_everywhere(|_| boxed(job.categories()));
        dropped_everywhere(|_| boxed(job.read(|view| view.count("rows", ..))));
        dropped_everywhere(|_| boxed(job.stats()));
    });
}

#[test]
fn reads_of_what_is_on_its_way() {
    on_both(|_, job, _| {
        dropped_everywhere(|n| {
            job.persist_put("pending", n as u64, b"");
            boxed(job.get("pending", n as u64))
        });
        dropped_everywhere(|n| {
            job.persist_put("pending", n as u64, b"");
            boxed(job.scan("pending", ..))
        });
    });
}

#[test]
fn streams() {
    on_both(|_, job, _| {
        dropped_everywhere(|_| {
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
fn reservations() {
    on_both(|_, job, _| {
        dropped_everywhere(|_| {
            Box::pin(async {
                let permit = job.reserve(1_000).await?;
                permit.persist_put("reserved", "k", b"").await.map(drop)
            })
        });
        // The room of what was committed last is given back soon.
        while job.stats().wait().unwrap().queue_bytes > 0 {
            thread::yield_now();
        }
    });
}

#[test]
fn housekeeping() {
    on_both(|_, job, root| {
        dropped_everywhere(|_| boxed(job.check()));
        dropped_everywhere(|_| boxed(job.compact()));
        if job.stats().wait().unwrap().storage.file_bytes > 0 {
            dropped_everywhere(|n| boxed(job.backup_to(root.join(format!("copy-{n}.db")))));
        }
    });
}

#[test]
fn opening_and_closing() {
    on_both(|store, _, _| {
        dropped_everywhere(|_| boxed(store.open_job("other")));
        let other = store.open_job("other").wait().unwrap();
        other.persist_put("c", "k", b"1");
        dropped_everywhere(|_| {
            // A close that is under way goes on without who asked for it.
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
        dropped_everywhere(|_| {
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
fn tasks_that_move_from_thread_to_thread_read_what_they_wrote() {
    const TASKS: u64 = 16;
    const WRITES: u64 = 50;

    /// Tasks whose turn it is, for whichever thread comes first.
    struct Turns(Sender<Arc<Task>>);
    struct Task {
        future: Mutex<Option<Boxed<'static>>>,
        turns: Mutex<Turns>,
    }
    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            let turns = self.turns.lock().unwrap().0.clone();
            // Nobody takes turns any more once all have ended.
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
            let task = Task { future: Mutex::new(Some(future)), turns: Mutex::new(Turns(turns)) };
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
            ends.recv().expect("a task has not failed");
        }
        drop(ended);
        assert_eq!(job.count("moved", ..).wait().unwrap(), TASKS * WRITES);
    });
}
