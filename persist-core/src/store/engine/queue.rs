//! The queue of a job: its unresolved writes, in the order in which they were submitted.
//!
//! Callers append batches to the open group, which is at the end of the queue. The thread that holds the committer takes the whole
//! group, commits it, and resolves it. Work other than a batch (a transaction, a sync, a step of a compaction) ends the open group
//! and is taken by itself. A write goes through these states, only in this order:
//!
//! 1. Pending: the write is in the open group, or in the work before it. The caller puts it there (`queue/submission.rs`).
//! 2. In flight: the worker, or a caller in its place, has taken the write. At most one group is in flight, since there is one
//!    committer.
//! 3. Resolved: the write's [`GroupCommit`] has the outcome. This acknowledges the write.
//!
//! One lock guards the state (`queue/pending.rs`). It is held only for appending, taking and bookkeeping, never while the backend
//! works, a caller is woken, or capacity is released.

mod pending;
mod submission;

use std::mem;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::store::base::contained;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::base::sync::{Condvar, Mutex};
use crate::store::engine::capacity::Capacity;
use crate::store::engine::failures::Failures;
use crate::store::engine::filter::About;
use crate::store::engine::group_commit::{GroupCommit, Help};
use crate::store::engine::queue::pending::{Pending, Rest, State, Unresolved};
use crate::store::engine::wakers::Wakers;
use crate::store::port::closing::Closing;
use crate::store::port::write::Outcome;

pub(crate) use self::pending::Taken;

/// The unresolved writes of a job, in the order in which they were submitted.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Whether the queue is open and everything is resolved. A read checks it first, and takes the lock only if it is `false`.
    /// It is written while the state is locked.
    at_rest: AtomicBool,
    /// Wakes the worker if it is dozing or asleep.
    work: Condvar,
    capacity: Capacity,
    failures: Arc<Failures>,
    place: Place,
    close: Closing,
    helper: Weak<dyn Help>,
}

/// The time for which a dozing worker waits before it looks for work again, and how often it looks without success before it falls
/// asleep. Waking a thread costs as much as a commit, so the worker is not woken for each write of a series. In a model it falls
/// asleep sooner.
const DOZE: Duration = Duration::from_millis(1);
const DOZES: u32 = if cfg!(shuttle) { 1 } else { 50 };

/// The end of the writes that were submitted when a flush began.
#[derive(Debug)]
pub(crate) struct FlushPoint {
    /// The newest unresolved group, and the number of its batches at that time.
    pub(crate) newest: Option<(Arc<GroupCommit>, usize)>,
    /// The number of failures that were entered before the flush.
    entered: u64,
}

impl FlushPoint {
    /// Removes and returns the first failure before the flush that no ticket has reported. Call it once the newest group is
    /// resolved.
    pub(crate) fn strike_first(&self, failures: &Failures) -> Option<Error> {
        let newest = self.newest.as_ref();
        let end = newest.and_then(|(commit, len)| Some((commit.number()?, *len)));
        failures.strike_first(self.entered, end)
    }
}

impl Queue {
    pub(crate) fn new(
        place: Place,
        capacity: Capacity,
        close: Closing,
        helper: Weak<dyn Help>,
    ) -> Self {
        let failures = Arc::new(Failures::default());
        let commit = GroupCommit::new(place.clone(), Arc::clone(&failures), Weak::clone(&helper));
        Self {
            state: Mutex::new(State::new(Arc::new(commit))),
            at_rest: AtomicBool::new(true),
            work: Condvar::new(),
            capacity,
            failures,
            place,
            close,
            helper,
        }
    }

    pub(crate) fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    pub(crate) fn failures(&self) -> &Arc<Failures> {
        &self.failures
    }

    /// Returns the number of the newest commit.
    pub(crate) fn sequence(&self) -> u64 {
        self.state.lock().sequence
    }

    /// Returns the newest unresolved commit that may write the keys that a read asks for. Once that commit is resolved, so are all
    /// commits before it.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(crate) fn unresolved<'a>(
        &self,
        about: impl FnOnce() -> About<'a>,
    ) -> Result<Option<Arc<GroupCommit>>, Error> {
        if self.at_rest.load(Ordering::Acquire) {
            return Ok(None);
        }
        self.check_open()?;
        let wanted = about().hashed();
        Ok(self.state.lock().newest_touching(&wanted))
    }

    /// Returns the end of the writes submitted so far, for a flush.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(crate) fn flush_point(&self) -> Result<FlushPoint, Error> {
        let state = self.state.lock();
        if !state.is_open {
            return Err(self.closed());
        }
        let newest = if state.group.is_empty() {
            let unresolved = state.before.back().map(|pending| &pending.unresolved);
            let newest = unresolved.or(state.in_flight.as_ref());
            newest.map(|unresolved| (Arc::clone(&unresolved.commit), usize::MAX))
        } else {
            Some((Arc::clone(&state.commit), state.group.len()))
        };
        Ok(FlushPoint { newest, entered: self.failures.entered() })
    }

    /// Checks that the queue accepts writes.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.state.lock().is_open { Ok(()) } else { Err(self.closed()) }
    }

    /// Stops accepting writes. The worker commits the pending ones and ends. If another process holds the lock, the worker retries
    /// until the deadline, or without limit if there is none. Returns the wakers of the callers that waited for capacity; the
    /// caller wakes them without holding a lock.
    #[must_use]
    pub(crate) fn drain(&self, deadline: Option<Instant>) -> Vec<Waker> {
        {
            let mut state = self.state.lock();
            if state.is_open {
                state.is_open = false;
                self.close.set(deadline);
                self.note_rest(&state);
            }
            state.rest = Rest::Awake;
        }
        self.close.call_back();
        self.work.notify_one();
        self.capacity.close(&self.closed())
    }

    /// Waits while there is nothing to take: dozing at first, then asleep. Returns `false` once the queue is closed and empty. Only
    /// the worker calls it.
    pub(crate) fn await_work(&self) -> bool {
        let mut state = self.state.lock();
        let mut taken = state.taken;
        let mut dozes = 0;
        while !state.has_work() {
            if !state.is_open {
                return false;
            }
            if dozes < DOZES {
                state.rest = Rest::Dozing;
                self.work.wait_for(&mut state, DOZE);
                dozes += 1;
            } else {
                state.rest = Rest::Asleep;
                self.work.wait(&mut state);
            }
            // If callers committed in place of the worker meanwhile, more writes are likely, so the worker goes on dozing.
            if mem::replace(&mut taken, state.taken) != state.taken {
                dozes = 0;
            }
        }
        state.rest = Rest::Awake;
        true
    }

    /// Takes the next work: all batches of a group, or other work by itself. Only a thread that holds the committer calls it.
    pub(crate) fn take(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        let pending = match state.before.pop_front() {
            Some(pending) => pending,
            None if state.group.is_empty() => return None,
            None => state.take_group(self.new_commit()),
        };
        Some(state.take(pending))
    }

    /// Takes the open group for a caller that commits in place of the worker, and holds the committer. Returns `None` if the worker
    /// is awake, or if there is work before the group: such work, a transaction's closure for example, runs on the worker only.
    pub(crate) fn take_from_resting_worker(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        if state.rest == Rest::Awake || !state.before.is_empty() || state.group.is_empty() {
            return None;
        }
        let group = state.take_group(self.new_commit());
        Some(state.take(group))
    }

    /// Wakes the worker if it is dozing or asleep and there is something to take.
    pub(crate) fn rouse_worker(&self) {
        let mut state = self.state.lock();
        if state.rest != Rest::Awake && state.has_work() {
            state.rest = Rest::Awake;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Acknowledges the writes that [`take`](Self::take) returned, with one outcome for each: numbers the commit, stores the outcomes,
    /// wakes the callers that wait for them, and releases the capacity.
    pub(crate) fn resolve(&self, taken: &Taken, outcomes: Vec<Outcome>) {
        let committed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Committed { .. }));
        let sequence = {
            let mut state = self.state.lock();
            state.sequence += u64::from(committed);
            state.sequence
        };
        taken.commit.resolve(taken.number, sequence, outcomes);
        // The group stays in flight until its outcomes are stored: a read that finds the queue at rest must see all writes, and a
        // flush that finds nothing unresolved must find all failures.
        let cost = {
            let mut state = self.state.lock();
            let cost = state.in_flight.take().map_or(0, |Unresolved { cost, touched, .. }| {
                state.reuse(touched);
                cost
            });
            self.note_rest(&state);
            cost
        };
        self.capacity.release(cost);
    }

    /// Resolves everything after the committing thread has panicked, so that no caller waits forever, and lets the worker end.
    ///
    /// The outcome of the group in flight is unknown. Pending writes were not applied.
    pub(crate) fn abandon(&self, error: &Error) {
        let (in_flight, waiting, taken, sequence) = {
            let mut state = self.state.lock();
            state.is_open = false;
            self.close.set(Some(Instant::now()));
            state.rest = Rest::Awake;
            self.note_rest(&state);
            let mut waiting = mem::take(&mut state.before);
            let group = state.take_group(self.new_commit());
            waiting.push_back(group);
            (state.in_flight.take(), waiting, state.taken, state.sequence)
        };
        self.close.call_back();
        self.work.notify_one();
        Wakers::wake_each(self.capacity.close(&self.closed()));
        let mut cost: usize = waiting.iter().map(|pending| pending.unresolved.cost).sum();
        if let Some(Unresolved { commit, len, cost: in_flight_cost, .. }) = in_flight {
            cost += in_flight_cost;
            if !commit.is_resolved() {
                commit.resolve(taken, sequence, vec![self.unknown(); len]);
            }
        }
        for (Pending { work, unresolved: Unresolved { commit, len, .. } }, number) in
            waiting.into_iter().zip(taken + 1..)
        {
            commit.resolve(number, sequence, vec![Outcome::NotApplied(error.clone()); len]);
            // This may be a closure that has not run. It holds values of the caller, whose drop may panic.
            contained::discard(work);
        }
        self.capacity.release(cost);
    }

    /// Updates `at_rest`. Every change of the state that may affect it is followed by this call, with the state still locked.
    fn note_rest(&self, state: &State) {
        let at_rest = state.is_open && state.is_idle();
        self.at_rest.store(at_rest, Ordering::Release);
    }

    fn unknown(&self) -> Outcome {
        Outcome::Unknown(Error::Unknown { place: self.place.clone(), source: None })
    }

    fn new_commit(&self) -> Arc<GroupCommit> {
        let failures = Arc::clone(&self.failures);
        Arc::new(GroupCommit::new(self.place.clone(), failures, Weak::clone(&self.helper)))
    }

    fn closed(&self) -> Error {
        Error::Closed { what: self.place.to_string() }
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;
    use crate::store::base::op::TxOp;
    use crate::store::engine::capacity::TotalCapacity;

    #[derive(Debug)]
    struct NoHelper;

    impl Help for NoHelper {
        fn help(&self) {}

        fn rouse(&self) {}
    }

    fn queue() -> Arc<Queue> {
        let capacity = Capacity::new(Arc::new(TotalCapacity::new(1 << 20)), 1 << 20);
        let helper = Weak::<NoHelper>::new() as Weak<dyn Help>;
        Arc::new(Queue::new(Place::new("job", None), capacity, Closing::default(), helper))
    }

    #[test]
    fn queue_without_batches_has_nothing_to_take() {
        let queue = queue();
        assert!(queue.take().is_none());
        queue.submit(&[TxOp::put("c", "k", b"v").as_op()]).unwrap();
        assert!(queue.take().is_some());
        assert!(queue.take().is_none());
    }

    #[test]
    fn filter_of_a_resolved_group_is_kept_for_a_later_one() {
        let queue = queue();
        queue.submit(&[TxOp::put("c", "k", b"v").as_op()]).unwrap();
        let taken = queue.take().unwrap();
        assert!(queue.state.lock().spare.is_none());
        queue.resolve(&taken, vec![Outcome::Committed { removed: 0 }]);
        assert!(queue.state.lock().spare.is_some());
    }

    #[test]
    fn rouse_ends_a_rest_of_the_worker_only_if_there_is_work() {
        let queue = queue();
        let rest_after_rouse = |rest| {
            queue.state.lock().rest = rest;
            queue.rouse_worker();
            queue.state.lock().rest
        };
        assert_eq!(rest_after_rouse(Rest::Dozing), Rest::Dozing);
        assert_eq!(rest_after_rouse(Rest::Asleep), Rest::Asleep);
        queue.submit(&[TxOp::put("c", "k", b"v").as_op()]).unwrap();
        assert_eq!(rest_after_rouse(Rest::Dozing), Rest::Awake);
        assert_eq!(rest_after_rouse(Rest::Asleep), Rest::Awake);
    }
}
