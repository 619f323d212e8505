//! A program that writes 100,000 rows, waits for none of them, and ends in one of several ways: `ends <root> <way>`.

use std::error::Error;
use std::future::IntoFuture;
use std::mem;
use std::pin::pin;
use std::process;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake, Waker};
use std::thread;

use persist_core::{Config, Job, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::runtime::block_on;

const ROWS: u64 = 100_000;

static KEPT: OnceLock<(Persistency, Job)> = OnceLock::new();

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let root = Sqlite::at(arguments.next().ok_or("which root?")?);
    let way = arguments.next().ok_or("usage: ends <root> <way>")?;
    // A queue large enough for all rows, so that many are still queued at the end.
    let config = Config::new().queue_limit_bytes(64 << 20);
    let store = if way == "singleton" {
        Persistency::instance_with(root, config)?
    } else {
        Persistency::open_with(root, config)?
    };
    let job = store.open_job("job").wait()?;
    for n in 0..ROWS {
        job.persist_put("c", n, n.to_be_bytes());
    }
    match &*way {
        "main" | "singleton" => Ok(()),
        "error" => Err("an error returned by main".into()),
        "exit" => process::exit(0),
        "exit_of_a_thread" => {
            let exiting = thread::spawn(|| process::exit(0));
            exiting.join().map_err(|_| "the thread came back".into())
        }
        "exit_on_a_worker" => exit_on_a_worker(&store),
        "panic" => panic!("a panic that unwinds main"),
        "forget" => {
            mem::forget((store, job));
            Ok(())
        }
        "static" => {
            KEPT.get_or_init(|| (store, job));
            Ok(())
        }
        "task" => {
            block_on(async move { drop((job, store)) });
            Ok(())
        }
        _ => Err("an unknown way to end".into()),
    }
}

/// Ends the process in a waker that the worker of another job calls.
fn exit_on_a_worker(store: &Persistency) -> Result<(), Box<dyn Error>> {
    struct Exit;
    impl Wake for Exit {
        fn wake(self: Arc<Self>) {
            process::exit(0);
        }
    }
    let other = store.open_job("other").wait()?;
    let waker = Waker::from(Arc::new(Exit));
    loop {
        let mut ticket = pin!(other.persist_put("c", 0u64, b"").into_future());
        // A write that is done before it is polled calls no waker. The next one does.
        if ticket.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            loop {
                thread::park();
            }
        }
    }
}
