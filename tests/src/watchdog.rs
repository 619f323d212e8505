//! A hang fails its test instead of hanging the run.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs `body` on a thread of its own and gives what it gives.
///
/// # Panics
///
/// As `body` does, or if it has not ended after a minute.
pub fn within_a_minute<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> T {
    let (ended, end) = channel();
    let name = thread::current().name().unwrap_or("test").to_owned();
    let body = thread::Builder::new()
        .name(name)
        .spawn(move || {
            let result = body();
            // Nobody listens any more if it came too late.
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
