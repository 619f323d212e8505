//! The rule for blocking calls: a thread may block unless other threads wait for it. They wait for workers, for threads that commit
//! in place of a worker, and for threads that run a callback which delays a close.

use std::cell::Cell;

use crate::store::base::error::Error;
use crate::store::base::sync::thread_local;

thread_local! {
    /// The number of the worker whose work this thread does; 0 for none. The value has no destructor, so that it can be read at
    /// the very end of a thread.
    static WORKER: Cell<u64> = const { Cell::new(0) };
    /// Whether a close waits for the code that this thread runs now.
    static AWAITED: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as the thread of the worker with this number; 0 removes the mark.
pub(crate) fn mark_worker(number: u64) {
    WORKER.with(|worker| worker.set(number));
}

/// Runs the work of a worker on the calling thread, which would otherwise wait for that work.
pub(crate) fn in_place_of_worker<T>(number: u64, run: impl FnOnce() -> T) -> T {
    /// Restores the number, also after a panic.
    struct Before(u64);

    impl Drop for Before {
        fn drop(&mut self) {
            mark_worker(self.0);
        }
    }

    let _before = Before(WORKER.with(|worker| worker.replace(number)));
    run()
}

/// Returns the number of the worker whose work this thread does; 0 for none.
pub(crate) fn current_worker() -> u64 {
    WORKER.with(Cell::get)
}

/// Runs code that a close waits for. Blocking calls in it are refused, since they might wait for that close.
pub(crate) fn awaited<T>(run: impl FnOnce() -> T) -> T {
    /// Restores the flag, also after a panic.
    struct Before(bool);

    impl Drop for Before {
        fn drop(&mut self) {
            AWAITED.with(|awaited| awaited.set(self.0));
        }
    }

    let _before = Before(AWAITED.with(|awaited| awaited.replace(true)));
    run()
}

/// Returns whether a close waits for the code that this thread runs now.
#[cfg(not(shuttle))]
pub(crate) fn is_awaited() -> bool {
    AWAITED.with(Cell::get)
}

/// Checks that this thread may block.
///
/// # Errors
///
/// [`Error::WouldDeadlock`] if other threads wait for this one, so a blocking call might wait for itself.
pub(crate) fn allowed() -> Result<(), Error> {
    if current_worker() == 0 && !AWAITED.with(Cell::get) {
        Ok(())
    } else {
        Err(Error::WouldDeadlock)
    }
}
