//! The commit of a group, through which its outcomes reach the callers.
//!
//! It has two states, both guarded by one lock: pending, with the wakers of the futures that wait; and resolved, with the outcomes.
//! The thread that took the group from the queue resolves it, once; after a panic, the thread that abandons the queue does. The lock
//! is not held while a caller is woken, or a waker is cloned or dropped.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};

use crate::store::base::error::{Error, Place};
use crate::store::base::reports::Committed;
use crate::store::base::sync::{Condvar, Mutex};
use crate::store::base::{contained, process};
use crate::store::engine::failures::Failures;
use crate::store::engine::wakers::Wakers;
use crate::store::port::write::Outcome;

/// The commit of a group. All tickets of the group share it, so waiting for a write needs no allocation of its own.
#[derive(Debug)]
pub(crate) struct GroupCommit {
    state: Mutex<State>,
    resolved: Condvar,
    failures: Arc<Failures>,
    place: Place,
    helper: Weak<dyn Help>,
}

/// The worker of a job, as seen by callers that wait for its commits.
pub(crate) trait Help: fmt::Debug + Send + Sync {
    /// Commits the open group on this thread if the worker is idle, since waking the worker takes longer than most commits.
    /// Otherwise makes sure that the worker commits it. Called before a caller blocks.
    fn help(&self);

    /// Makes sure that the worker commits the open group. Called when a future begins to wait.
    fn rouse(&self);
}

#[derive(Debug)]
enum State {
    /// The outcomes are not known yet. These futures wait for them.
    Pending(Wakers),
    Resolved(Fate),
}

/// The result of a resolved group.
#[derive(Debug)]
struct Fate {
    /// The group's number among all that were taken from the queue.
    number: u64,
    /// The number of the commit.
    sequence: u64,
    /// The outcomes of the batches, in their order.
    outcomes: Vec<Outcome>,
    /// The numbers under which the failed batches were entered in [`Failures`], by their index.
    entries: HashMap<usize, u64>,
}

impl GroupCommit {
    pub(crate) fn new(place: Place, failures: Arc<Failures>, helper: Weak<dyn Help>) -> Self {
        Self {
            state: Mutex::new(State::Pending(Wakers::default())),
            resolved: Condvar::new(),
            failures,
            place,
            helper,
        }
    }

    /// Resolves the group. `number` is its number among all that were taken from the queue, and `sequence` the number of its
    /// commit. Failures are entered and logged here, whether or not a caller waits for them.
    pub(crate) fn resolve(&self, number: u64, sequence: u64, outcomes: Vec<Outcome>) {
        // Failures are entered before the group is resolved, so that a caller that finds it resolved finds them too.
        let mut entries = HashMap::new();
        let mut first = None;
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Outcome::NotApplied(error) | Outcome::Unknown(error) = outcome {
                entries.insert(index, self.failures.enter(error.clone(), Some((number, index))));
                first.get_or_insert_with(|| error.clone());
            }
        }
        let failed = entries.len();
        let before = {
            let mut state = self.state.lock();
            std::mem::replace(
                &mut *state,
                State::Resolved(Fate { number, sequence, outcomes, entries }),
            )
        };
        self.resolved.notify_all();
        if let State::Pending(wakers) = before {
            wakers.wake();
        }
        if let Some(error) = first {
            contained::log(|| {
                tracing::error!(place = %self.place, %error, failed, "writes of a group failed");
            });
        }
    }

    /// Blocks until the group is resolved. If the worker is idle, this thread commits the open group.
    ///
    /// # Errors
    ///
    /// As for [`process::check`], unless the group is resolved already.
    pub(crate) fn wait(&self) -> Result<(), Error> {
        if self.is_resolved() {
            return Ok(());
        }
        process::check(&self.place)?;
        if let Some(helper) = self.helper.upgrade() {
            helper.help();
        }
        let mut state = self.state.lock();
        while matches!(*state, State::Pending(_)) {
            self.resolved.wait(&mut state);
        }
        Ok(())
    }

    /// Returns `Ready` if the group is resolved. Otherwise `waker` is woken when that happens. `slot` is the future's slot among
    /// the wakers, which the first call sets.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub(crate) fn poll(&self, slot: &mut Option<usize>, waker: &Waker) -> Poll<Result<(), Error>> {
        // A waker is cloned and dropped without the lock held, since both may run any code.
        let waker = waker.clone();
        let replaced = match &mut *self.state.lock() {
            State::Resolved(_) => return Poll::Ready(Ok(())),
            State::Pending(wakers) => wakers.set(slot, waker),
        };
        drop(replaced);
        process::check(&self.place)?;
        if let Some(helper) = self.helper.upgrade() {
            helper.rouse();
        }
        Poll::Pending
    }

    /// Removes the waker of a future that no longer waits.
    pub(crate) fn forget(&self, slot: Option<usize>) {
        let Some(slot) = slot else { return };
        let forgotten = match &mut *self.state.lock() {
            State::Pending(wakers) => wakers.clear(slot),
            State::Resolved(_) => None,
        };
        // The lock is released by now: the drop of a waker may run any code.
        drop(forgotten);
    }

    /// Returns the group's number among all that were taken from the queue, or `None` while the group is pending.
    pub(crate) fn number(&self) -> Option<u64> {
        match &*self.state.lock() {
            State::Resolved(fate) => Some(fate.number),
            State::Pending(_) => None,
        }
    }

    pub(crate) fn is_resolved(&self) -> bool {
        matches!(*self.state.lock(), State::Resolved(_))
    }

    /// Returns the outcome of a batch to the holder of its ticket, or `None` while the group is pending. A failure counts as
    /// reported from then on.
    pub(crate) fn show(&self, index: usize) -> Option<Result<Committed, Error>> {
        let state = self.state.lock();
        let State::Resolved(fate) = &*state else { return None };
        if let Some(&number) = fate.entries.get(&index) {
            self.failures.strike(number);
        }
        Some(match fate.outcomes.get(index) {
            Some(Outcome::Committed { removed }) => {
                Ok(Committed { commit: fate.sequence, removed: *removed })
            }
            Some(Outcome::NotApplied(error) | Outcome::Unknown(error)) => Err(error.clone()),
            None => Err(Error::Unknown { place: self.place.clone(), source: None }),
        })
    }
}
