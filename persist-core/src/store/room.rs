//! Room in the queues: what bounds memory, and holds the callers back when the disk is slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};

use super::{Error, blocking};

/// The room of all jobs of a store.
#[derive(Debug)]
pub(super) struct TotalRoom {
    used: Mutex<usize>,
    freed: Condvar,
    limit: usize,
}

/// The room of one job. Its counters change only under the lock of the total.
#[derive(Debug)]
pub(super) struct Room {
    total: Arc<TotalRoom>,
    used: AtomicUsize,
    limit: usize,
    /// Who has to wait draws a number and is served in that order, so that a large batch gets its turn.
    next_turn: AtomicU64,
    serving: AtomicU64,
}

impl TotalRoom {
    pub(super) fn new(limit: usize) -> Self {
        Self { used: Mutex::new(0), freed: Condvar::new(), limit }
    }
}

impl Room {
    pub(super) fn new(total: Arc<TotalRoom>, limit: usize) -> Self {
        Self {
            total,
            used: AtomicUsize::new(0),
            limit,
            next_turn: AtomicU64::new(0),
            serving: AtomicU64::new(0),
        }
    }

    /// Takes room for `cost` bytes, blocking while there is none. `check` says whether waiting still
    /// makes sense.
    ///
    /// # Errors
    ///
    /// That of `check`, or [`Error::WouldDeadlock`] where nobody may wait.
    pub(super) fn take(
        &self,
        cost: usize,
        check: impl Fn() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut total = self.total.used.lock();
        if self.serving() == self.next_turn.load(Ordering::Relaxed) && self.fits(cost, *total) {
            *total += cost;
            self.used.fetch_add(cost, Ordering::Relaxed);
            return Ok(());
        }
        blocking::allowed()?;
        let turn = self.next_turn.fetch_add(1, Ordering::Relaxed);
        while self.serving() != turn || !self.fits(cost, *total) {
            if let Err(error) = check() {
                return self.leave(turn, error);
            }
            self.total.freed.wait(&mut total);
        }
        *total += cost;
        self.used.fetch_add(cost, Ordering::Relaxed);
        self.serving.fetch_add(1, Ordering::Relaxed);
        self.total.freed.notify_all();
        Ok(())
    }

    /// Gives room back, once what took it is resolved.
    pub(super) fn give_back(&self, cost: usize) {
        let mut total = self.total.used.lock();
        *total -= cost;
        self.used.fetch_sub(cost, Ordering::Relaxed);
        self.total.freed.notify_all();
    }

    /// Lets all who wait look again whether waiting makes sense.
    pub(super) fn rouse(&self) {
        let _total = self.total.used.lock();
        self.total.freed.notify_all();
    }

    /// A batch larger than the queue goes in alone. The total is checked before it is passed, not
    /// after, so that no batch is too large for it.
    fn fits(&self, cost: usize, total: usize) -> bool {
        let used = self.used.load(Ordering::Relaxed);
        (used == 0 || used.saturating_add(cost) <= self.limit) && total < self.total.limit
    }

    /// Waiting makes no sense for any who wait at this job, and never will again.
    fn leave(&self, turn: u64, error: Error) -> Result<(), Error> {
        if self.serving() == turn {
            self.serving.fetch_add(1, Ordering::Relaxed);
        }
        Err(error)
    }

    fn serving(&self) -> u64 {
        self.serving.load(Ordering::Relaxed)
    }
}
