//! A watchdog, so that a hang fails its test instead of hanging the run.

use std::io::{Write, stderr};
use std::panic::resume_unwind;
use std::process::abort;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs `body` on a thread of its own and returns its result.
///
/// # Panics
///
/// If `body` panics, or has not ended after a minute.
pub fn within_a_minute<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    let (ended, end) = channel();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let body = thread::Builder::new()
        .name(name)
        .spawn(move || {
            let result = body();
            // If it came too late, there is no receiver any more.
            let _ = ended.send(());
            result
        })
        .expect("a thread starts");
    match end.recv_timeout(LIMIT) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            body.join().unwrap_or_else(|panic| resume_unwind(panic))
        }
        Err(RecvTimeoutError::Timeout) => panic!("still running after {LIMIT:?}"),
    }
}

static IS_ALIVE: AtomicBool = AtomicBool::new(true);
static WATCHDOG: Once = Once::new();

/// Reports progress of a test. After the first call the process ends if there is no call for one to two minutes. For
/// tests of many cases or many threads, none of which can be left behind.
pub fn alive() {
    IS_ALIVE.store(true, Relaxed);
    WATCHDOG.call_once(|| {
        thread::spawn(|| {
            while IS_ALIVE.swap(false, Relaxed) {
                thread::sleep(LIMIT);
            }
            // Not with `eprintln!`, whose output the harness captures until a test ends.
            let _ = writeln!(stderr(), "no test has made progress for {LIMIT:?}: something hangs");
            abort();
        });
    });
}
