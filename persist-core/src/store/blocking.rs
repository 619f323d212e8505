//! Which threads may block: all but the workers, for whom the others wait, and who runs code that a close waits for.

use std::cell::Cell;

use super::Error;
use super::sync::thread_local;

thread_local! {
    /// The number of the worker that runs on this thread; 0 for none. Without a destructor, so that it
    /// can be read at the very end of a thread.
    static WORKER: Cell<u64> = const { Cell::new(0) };
    /// Whether a close waits for what runs on this thread now.
    static AWAITED: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as the one of a worker.
pub(super) fn mark_worker(number: u64) {
    WORKER.with(|worker| worker.set(number));
}

/// The number of the worker on this thread; 0 for none.
pub(super) fn current_worker() -> u64 {
    WORKER.with(Cell::get)
}

/// Runs code for which a close waits, and which so may wait for none.
pub(super) fn awaited<T>(run: impl FnOnce() -> T) -> T {
    /// Puts back what was, also after a panic.
    struct Before(bool);

    impl Drop for Before {
        fn drop(&mut self) {
            AWAITED.with(|awaited| awaited.set(self.0));
        }
    }

    let _before = Before(AWAITED.with(|awaited| awaited.replace(true)));
    run()
}

/// # Errors
///
/// [`Error::WouldDeadlock`] where a call that waits might wait for itself.
pub(super) fn allowed() -> Result<(), Error> {
    if current_worker() == 0 && !AWAITED.with(Cell::get) {
        Ok(())
    } else {
        Err(Error::WouldDeadlock)
    }
}
