//! The process that has the threads of all stores.
//!
//! After a `fork`, the child has a copy of its parent's memory, but none of its threads. So the child must not wait for them. It must
//! not start threads of its own either: `parking_lot` keeps all waiting threads in one table, the parent's threads remain in the
//! child's copy of it, and the system reuses their stacks for new threads.

use std::fmt;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::base::error::Error;

/// The id of the process that has the threads, in the upper 32 bits, and the number of threads, in the lower 32 bits. In a forked
/// child, the number stays as it was at the fork.
static THREADS: AtomicU64 = AtomicU64::new(0);

/// One counted thread of a store. It is created before the thread starts, and dropped when the thread has ended.
pub(crate) struct Counted(());

impl Counted {
    /// Counts a thread that is about to start.
    ///
    /// # Errors
    ///
    /// As for [`check`].
    pub(crate) fn new(what: &dyn fmt::Display) -> Result<Self, Error> {
        let counted = THREADS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |threads| {
            may_use(threads).then(|| (u64::from(process::id()) << 32) + number(threads) + 1)
        });
        counted.map(|_| Self(())).map_err(|_| refusal(what))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        THREADS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Checks that this process may wait for a thread of a store. This costs a system call, so a write that doesn't wait skips it.
///
/// # Errors
///
/// [`Error::OtherProcess`] in a process that was forked while there were such threads.
pub(crate) fn check(what: &dyn fmt::Display) -> Result<(), Error> {
    if is_usable() { Ok(()) } else { Err(refusal(what)) }
}

/// Returns whether this process may wait for threads of stores.
pub(crate) fn is_usable() -> bool {
    may_use(THREADS.load(Ordering::SeqCst))
}

/// Returns whether this process has threads of stores.
#[cfg(not(shuttle))]
pub(crate) fn has_threads() -> bool {
    let threads = THREADS.load(Ordering::SeqCst);
    number(threads) > 0 && may_use(threads)
}

fn may_use(threads: u64) -> bool {
    number(threads) == 0 || threads >> 32 == u64::from(process::id())
}

fn number(threads: u64) -> u64 {
    threads & u64::from(u32::MAX)
}

fn refusal(what: &dyn fmt::Display) -> Error {
    Error::OtherProcess { what: what.to_string() }
}
