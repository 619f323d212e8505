//! Which threads may block: all except those that others wait for. These are the workers, threads that commit in place of a worker,
//! and threads that run a callback which a close waits for.

use std::cell::Cell;

use crate::store::base::error::Error;
use crate::store::base::sync::thread_local;

thread_local! {
    /// The number of the worker whose work this thread does; 0 for none. Without a destructor, so that it can be read at the
    /// very end of a thread.
    static WORKER: Cell<u64> = const { Cell::new(0) };
    /// Whether a close waits for what runs on this thread now.
    static AWAITED: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as the one of a worker.
pub(crate) fn mark_worker(number: u64) {
    WORKER.with(|worker| worker.set(number));
}

/// Runs the work of a worker on a thread that waits for it.
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

/// The number of the worker whose work this thread does; 0 for none.
pub(crate) fn current_worker() -> u64 {
    WORKER.with(Cell::get)
}

/// Runs code that a close waits for, and which may therefore not wait for a close.
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

/// Whether a close waits for what runs on this thread now.
#[cfg(not(shuttle))]
pub(crate) fn is_awaited() -> bool {
    AWAITED.with(Cell::get)
}

/// # Errors
///
/// [`Error::WouldDeadlock`] where a call that waits might wait for itself.
pub(crate) fn allowed() -> Result<(), Error> {
    if current_worker() == 0 && !AWAITED.with(Cell::get) {
        Ok(())
    } else {
        Err(Error::WouldDeadlock)
    }
}
