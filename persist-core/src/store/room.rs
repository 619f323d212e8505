//! Room in the queues: what bounds memory, and holds the callers back when the disk is slow.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use super::sync::{Condvar, Mutex, MutexGuard};
use super::wakers::Wakers;
use super::{Error, blocking};

/// The room of all jobs of a store.
#[derive(Debug)]
pub(super) struct TotalRoom {
    state: Mutex<Total>,
    freed: Condvar,
    limit: usize,
}

#[derive(Debug, Default)]
struct Total {
    used: usize,
    /// The futures that wait for room, of all jobs.
    wakers: Wakers,
}

/// The room of one job. What it has changes only under the lock of the total.
#[derive(Debug)]
pub(super) struct Room {
    total: Arc<TotalRoom>,
    used: AtomicUsize,
    limit: usize,
    /// Who has to wait draws a number and is served in that order, so that a large batch gets its turn.
    next_turn: AtomicU64,
    serving: AtomicU64,
    /// The numbers of those who went away before their turn.
    left: Mutex<BTreeSet<u64>>,
}

/// A future's place among those who wait.
#[derive(Debug, Default)]
pub(super) struct Turn {
    number: Option<u64>,
    slot: Option<usize>,
}

impl TotalRoom {
    pub(super) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), freed: Condvar::new(), limit }
    }

    /// Lets all who wait look again.
    fn rouse(&self, total: MutexGuard<'_, Total>) {
        let wakers = total.wakers.all();
        self.freed.notify_all();
        drop(total);
        Wakers::wake_each(wakers);
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
            left: Mutex::default(),
        }
    }

    /// Takes room for `cost` bytes, if there is some and nobody waits for it; says whether.
    pub(super) fn try_take(&self, cost: usize) -> bool {
        let mut total = self.total.state.lock();
        let free = self.serving() == self.next_turn() && self.fits(cost, &total);
        if free {
            self.book(cost, &mut total);
        }
        free
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
        if self.try_take(cost) {
            return Ok(());
        }
        blocking::allowed()?;
        let mut total = self.total.state.lock();
        let turn = self.draw();
        while self.serving() != turn || !self.fits(cost, &total) {
            if let Err(error) = check() {
                self.leave(turn);
                self.total.rouse(total);
                return Err(error);
            }
            self.total.freed.wait(&mut total);
        }
        self.book(cost, &mut total);
        self.serve_next();
        self.total.rouse(total);
        Ok(())
    }

    /// As [`take`](Self::take), for a future.
    pub(super) fn poll_take(
        &self,
        cost: usize,
        turn: &mut Turn,
        waker: &Waker,
        check: impl Fn() -> Result<(), Error>,
    ) -> Poll<Result<(), Error>> {
        let mut total = self.total.state.lock();
        let number = match turn.number {
            Some(number) => number,
            None if self.serving() == self.next_turn() && self.fits(cost, &total) => {
                self.book(cost, &mut total);
                return Poll::Ready(Ok(()));
            }
            None => *turn.number.insert(self.draw()),
        };
        if let Err(error) = check() {
            drop(total);
            self.forget(turn);
            return Poll::Ready(Err(error));
        }
        if self.serving() != number || !self.fits(cost, &total) {
            total.wakers.set(&mut turn.slot, waker);
            return Poll::Pending;
        }
        self.book(cost, &mut total);
        self.serve_next();
        turn.number = None;
        if let Some(slot) = turn.slot.take() {
            total.wakers.clear(slot);
        }
        self.total.rouse(total);
        Poll::Ready(Ok(()))
    }

    /// Takes a future's place back, if it still has one.
    pub(super) fn forget(&self, turn: &mut Turn) {
        let mut total = self.total.state.lock();
        if let Some(slot) = turn.slot.take() {
            total.wakers.clear(slot);
        }
        if let Some(number) = turn.number.take() {
            self.leave(number);
            self.total.rouse(total);
        }
    }

    /// Gives room back, once what took it is resolved.
    pub(super) fn give_back(&self, cost: usize) {
        let mut total = self.total.state.lock();
        total.used -= cost;
        self.used.fetch_sub(cost, Ordering::Relaxed);
        self.total.rouse(total);
    }

    /// What is taken, in bytes.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// How much may be taken, in bytes.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Lets all who wait look again whether waiting makes sense.
    pub(super) fn rouse(&self) {
        self.total.rouse(self.total.state.lock());
    }

    /// A batch larger than the queue goes in alone. The total is checked before it is passed, not
    /// after, so that no batch is too large for it. A cost that can't be added to the total without overflow waits until less is
    /// used.
    fn fits(&self, cost: usize, total: &Total) -> bool {
        let used = self.used();
        (used == 0 || used.saturating_add(cost) <= self.limit)
            && total.used < self.total.limit
            && total.used.checked_add(cost).is_some()
    }

    fn book(&self, cost: usize, total: &mut Total) {
        total.used += cost;
        self.used.fetch_add(cost, Ordering::Relaxed);
    }

    fn draw(&self) -> u64 {
        self.next_turn.fetch_add(1, Ordering::Relaxed)
    }

    fn leave(&self, turn: u64) {
        if self.serving() == turn {
            self.serve_next();
        } else {
            self.left.lock().insert(turn);
        }
    }

    fn serve_next(&self) {
        let mut left = self.left.lock();
        let mut next = self.serving() + 1;
        while left.remove(&next) {
            next += 1;
        }
        self.serving.store(next, Ordering::Relaxed);
    }

    fn serving(&self) -> u64 {
        self.serving.load(Ordering::Relaxed)
    }

    fn next_turn(&self) -> u64 {
        self.next_turn.load(Ordering::Relaxed)
    }
}
