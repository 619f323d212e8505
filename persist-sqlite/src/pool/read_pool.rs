//! The pool of connections for reads: a few slots, each behind a lock of its own, so that threads that read at the same time don't wait
//! for one another.
//!
//! A slot is empty, free (it has a connection and is not locked), or in use (locked by the thread that reads). A thread never waits
//! for a slot, except in [`ReadPool::close`].

use std::array;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};

use crate::pool::read_connection::ReadConnection;

/// The number of slots. Connections beyond that are closed after use.
const SLOTS: usize = 4;

type Slot = Mutex<Option<ReadConnection>>;

#[derive(Default)]
pub(crate) struct ReadPool([Slot; SLOTS]);

impl ReadPool {
    /// Locks a free slot, or an empty one if none is free, in which the caller may open a connection. The search begins at this
    /// thread's own slot, so a thread that reads again usually finds the connection that it used before.
    pub(crate) fn free(&self) -> Option<MutexGuard<'_, Option<ReadConnection>>> {
        self.find(Option::is_some).or_else(|| self.empty())
    }

    /// Locks an empty slot.
    pub(crate) fn empty(&self) -> Option<MutexGuard<'_, Option<ReadConnection>>> {
        self.find(Option::is_none)
    }

    /// Takes a free connection out of the pool.
    pub(crate) fn take(&self) -> Option<ReadConnection> {
        self.find(Option::is_some)?.take()
    }

    /// Takes all free connections out of the pool.
    pub(crate) fn take_unused(&self) -> [Option<ReadConnection>; SLOTS] {
        array::from_fn(|slot| self.0[slot].try_lock()?.take())
    }

    /// Returns the number of connections, free or in use.
    pub(crate) fn count(&self) -> usize {
        let has_connection =
            |slot: &&Slot| slot.try_lock().is_none_or(|connection| connection.is_some());
        self.0.iter().filter(has_connection).count()
    }

    /// Closes all connections, each once it is no longer in use.
    pub(crate) fn close(&self) {
        for slot in &self.0 {
            let connection = slot.lock().take();
            drop(connection);
        }
    }

    fn find(
        &self,
        suits: impl Fn(&Option<ReadConnection>) -> bool,
    ) -> Option<MutexGuard<'_, Option<ReadConnection>>> {
        let first = first_slot();
        (0..SLOTS)
            .filter_map(|after| self.0[(first + after) % SLOTS].try_lock())
            .find(|connection| suits(connection))
    }
}

/// Returns the slot that this thread tries first. It differs from thread to thread, so that concurrent readers don't write to the same
/// memory.
fn first_slot() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static FIRST: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SLOTS;
    }
    FIRST.with(|&first| first)
}
