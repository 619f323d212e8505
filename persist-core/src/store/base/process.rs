//! Which process has the threads of all stores.
//!
//! After a `fork` the child has a copy of its parent's memory, but none of its threads. So it must not wait for them. It must not
//! start threads of its own either: `parking_lot` keeps all threads that wait in one table, in which those of the parent
//! remain, and the system gives their stacks to new threads.

use std::fmt;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::base::error::Error;

/// The id of the process that has the threads, shifted by 32 bits, and how many of them there are. In a forked child the
/// number stays what it was at the fork.
static THREADS: AtomicU64 = AtomicU64::new(0);

/// A thread of a store, from before it starts until it has ended.
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

/// For a call that is about to wait for a thread of a store. It costs a system call, so a write that doesn't wait leaves it out.
///
/// # Errors
///
/// [`Error::OtherProcess`] in a process that was forked while there were such threads.
pub(crate) fn check(what: &dyn fmt::Display) -> Result<(), Error> {
    if is_usable() { Ok(()) } else { Err(refusal(what)) }
}

/// Whether waiting for threads of stores makes sense in this process.
pub(crate) fn is_usable() -> bool {
    may_use(THREADS.load(Ordering::SeqCst))
}

/// Whether this process has threads of stores.
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
