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

/// The fate of a group: pending, then resolved once and for all. Its tickets share it, so a write
/// costs no allocation for being waited for.
#[derive(Debug)]
pub(crate) struct GroupCommit {
    state: Mutex<State>,
    resolved: Condvar,
    failures: Arc<Failures>,
    place: Place,
    helper: Weak<dyn Help>,
}

/// The worker of a job, as seen by the callers that wait for its commits.
pub(crate) trait Help: fmt::Debug + Send + Sync {
    /// Called before a caller blocks. If the worker is idle, commits the open group on this thread, since waking the worker takes
    /// longer than most commits. Otherwise makes sure that the worker commits it.
    fn help(&self);

    /// Called when a future begins to wait. Makes sure that the worker commits the open group.
    fn rouse(&self);
}

#[derive(Debug)]
enum State {
    Pending(Wakers),
    Resolved(Fate),
}

#[derive(Debug)]
struct Fate {
    /// The group's number among those taken from the queue.
    number: u64,
    sequence: u64,
    outcomes: Vec<Outcome>,
    /// The numbers of the failed batches in the ledger.
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

    /// Settles the group, the `number`-th that was taken from the queue: `sequence` is the number of its commit. Failures are entered
    /// and logged here, whether or not a caller waits for them.
    pub(crate) fn resolve(&self, number: u64, sequence: u64, outcomes: Vec<Outcome>) {
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

    /// Blocks until the group is settled, and helps with it.
    ///
    /// # Errors
    ///
    /// As for [`process::check`], unless the group was settled before.
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

    /// Asks to be woken when the group is settled, unless it is.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub(crate) fn poll(&self, slot: &mut Option<usize>, waker: &Waker) -> Poll<Result<(), Error>> {
        // A waker is cloned and dropped without the lock: both may run anything.
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

    /// Takes back the wish to be woken.
    pub(crate) fn forget(&self, slot: Option<usize>) {
        let Some(slot) = slot else { return };
        let forgotten = match &mut *self.state.lock() {
            State::Pending(wakers) => wakers.clear(slot),
            State::Resolved(_) => None,
        };
        // Without the lock.
        drop(forgotten);
    }

    /// The group's number among those taken from the queue. None while it is pending.
    pub(crate) fn number(&self) -> Option<u64> {
        match &*self.state.lock() {
            State::Resolved(fate) => Some(fate.number),
            State::Pending(_) => None,
        }
    }

    pub(crate) fn is_resolved(&self) -> bool {
        matches!(*self.state.lock(), State::Resolved(_))
    }

    /// Shows the outcome of a batch to the holder of its ticket. `None` while it is pending.
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
