//! The connections that a job keeps for its next reads: a few, each behind a lock of its own, so that threads that read at
//! once don't wait for each other.

use std::array;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::pool::read_connection::Reading;

/// How many are kept. What is opened beyond is closed after use.
const KEPT: usize = 4;

/// Locked while it is used; empty before it was needed.
type Slot = Mutex<Option<Reading>>;

#[derive(Default)]
pub(crate) struct Kept([Slot; KEPT]);

impl Kept {
    /// A slot that nobody uses: with a connection, if there is one, and by preference the one that this thread had
    /// before.
    pub(crate) fn free(&self) -> Option<MutexGuard<'_, Option<Reading>>> {
        self.find(Option::is_some).or_else(|| self.empty())
    }

    /// A slot without a connection.
    pub(crate) fn empty(&self) -> Option<MutexGuard<'_, Option<Reading>>> {
        self.find(Option::is_none)
    }

    /// A connection that nobody uses, to be kept no longer.
    pub(crate) fn take(&self) -> Option<Reading> {
        self.find(Option::is_some)?.take()
    }

    /// All connections that nobody uses, to be kept no longer.
    pub(crate) fn take_unused(&self) -> [Option<Reading>; KEPT] {
        array::from_fn(|slot| self.0[slot].try_lock()?.take())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        let is_there = |slot: &&Slot| slot.try_lock().is_none_or(|connection| connection.is_some());
        self.0.iter().filter(is_there).count()
    }

    /// Closes all, each once it is no longer used.
    pub(crate) fn close(&self) {
        for slot in &self.0 {
            let connection = slot.lock().take();
            drop(connection);
        }
    }

    fn find(
        &self,
        suits: impl Fn(&Option<Reading>) -> bool,
    ) -> Option<MutexGuard<'_, Option<Reading>>> {
        let first = first_slot();
        (0..KEPT)
            .filter_map(|after| self.0[(first + after) % KEPT].try_lock())
            .find(|connection| suits(connection))
    }
}

/// Where this thread looks first.
fn first_slot() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static FIRST: usize = THREADS.fetch_add(1, Ordering::Relaxed) % KEPT;
    }
    FIRST.with(|&first| first)
}
