//! Which threads may block: all but the workers, for whom the others wait.

use std::cell::Cell;

use super::Error;

thread_local! {
    /// The number of the worker that runs on this thread; 0 for none. Without a destructor, so that it
    /// can be read at the very end of a thread.
    static WORKER: Cell<u64> = const { Cell::new(0) };
}

/// Marks this thread as the one of a worker.
pub(super) fn mark_worker(number: u64) {
    WORKER.set(number);
}

/// The number of the worker on this thread; 0 for none.
pub(super) fn current_worker() -> u64 {
    WORKER.get()
}

/// # Errors
///
/// [`Error::WouldDeadlock`] on a worker's thread, where a call that waits might wait for itself.
pub(super) fn allowed() -> Result<(), Error> {
    if current_worker() == 0 { Ok(()) } else { Err(Error::WouldDeadlock) }
}
