use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::failures::Failures;
use super::filter::{About, Filter, Touched, Wanted};
use super::group_commit::GroupCommit;
use super::port::{Group, Op, Outcome};
use super::room::Room;
use super::sync::atomic::{AtomicBool, Ordering};
use super::sync::{Condvar, Mutex};
use super::work::Work;
use super::worker::Worker;
use super::{Error, Place, contained, process};

/// What waits to be written to a job, in the order submitted, and who waits for it.
///
/// Callers append to the group at its end; who commits takes the whole group and resolves it. What is no plain
/// batch ends the group before it, and is taken by itself.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Whether it is open and all is resolved, so that a read need not lock it. Written with the state locked.
    at_rest: AtomicBool,
    work: Condvar,
    room: Room,
    failures: Arc<Failures>,
    place: Place,
    worker: Weak<Worker>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// What comes before the group at the end.
    before: VecDeque<Pending>,
    /// The group at the end, to which batches are appended.
    group: Group,
    commit: Arc<GroupCommit>,
    /// What the group takes of the queue's room.
    cost: usize,
    /// What the group touches.
    filter: Filter,
    /// A cleared one, for the next group.
    spare: Option<Filter>,
    /// What is being committed.
    in_flight: Option<Unresolved>,
    /// The number of the last commit.
    sequence: u64,
    /// How often something was taken.
    taken: u64,
    /// Whether the worker rests.
    rest: Rest,
}

/// What the worker does while there is nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Awake,
    /// It looks again soon, and is woken only by who waits.
    Dozing,
    /// It has to be woken.
    Asleep,
}

/// How long the worker dozes before it looks again, and how often it does so in vain before it falls asleep. To wake it
/// costs as much as a commit, so it isn't done for each write of a series. In a model it falls asleep sooner.
const DOZE: Duration = Duration::from_millis(1);
const DOZES: u32 = if cfg!(shuttle) { 1 } else { 50 };

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing more is taken in; what is there is written. Another process's lock is waited for until the deadline, or without
    /// limit if there is none.
    Draining {
        deadline: Option<Instant>,
    },
}

#[derive(Debug)]
struct Pending {
    work: Work,
    unresolved: Unresolved,
}

/// What there is to know of work until it is resolved.
#[derive(Debug)]
struct Unresolved {
    commit: Arc<GroupCommit>,
    /// What it takes of the queue's room.
    cost: usize,
    /// What a read has to wait for it to see.
    touched: Touched,
}

/// What was taken, and has to be resolved.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) work: Work,
    commit: Arc<GroupCommit>,
}

/// What an operation takes of the room beside its bytes.
pub(super) const OPERATION_COST: usize = 128;

/// What a group takes of the room at most, unless it is a single batch. A larger one gains little, even with random keys,
/// and all its callers would wait for all of it.
const GROUP_BYTES: usize = 8 << 20;

/// Of how many that wait before the group at the end it is known what they touch; those behind pass for touching
/// anything. So there are few filters, and a read looks at few, however often something ends a group.
const KNOWN_BEFORE: usize = 16;

impl Queue {
    pub(super) fn new(place: Place, room: Room, worker: Weak<Worker>) -> Self {
        let failures = Arc::new(Failures::default());
        let state = State {
            phase: Phase::Open,
            before: VecDeque::new(),
            group: Group::default(),
            commit: Arc::new(GroupCommit::new(
                place.clone(),
                Arc::clone(&failures),
                worker.clone(),
            )),
            cost: 0,
            filter: Filter::default(),
            spare: None,
            in_flight: None,
            sequence: 0,
            taken: 0,
            rest: Rest::Awake,
        };
        Self {
            state: Mutex::new(state),
            at_rest: AtomicBool::new(true),
            work: Condvar::new(),
            room,
            failures,
            place,
            worker,
        }
    }

    /// Whether waiting for room makes sense.
    ///
    /// # Errors
    ///
    /// As for [`check_open`](Self::check_open) and [`process::check`].
    pub(super) fn check_worth_waiting(&self) -> Result<(), Error> {
        process::check(&self.place)?;
        self.check_open()
    }

    pub(super) fn failures(&self) -> &Arc<Failures> {
        &self.failures
    }

    /// Appends a batch; gives its group and its index there. Blocks while there is no room.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::WouldDeadlock`] without room on a worker's thread.
    pub(super) fn submit(&self, batch: &[Op<'_>]) -> Result<(Arc<GroupCommit>, usize), Error> {
        let cost = cost_of(batch);
        self.room.take(cost, || self.check_worth_waiting())?;
        self.enter_batch(batch, cost)
    }

    /// As [`submit`](Self::submit), but fails where that would block.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`], [`Error::Closed`].
    pub(super) fn try_submit(&self, batch: &[Op<'_>]) -> Result<(Arc<GroupCommit>, usize), Error> {
        let cost = cost_of(batch);
        if !self.room.try_take(cost) {
            self.check_open()?;
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        self.enter_batch(batch, cost)
    }

    /// As [`try_submit`](Self::try_submit), where room for `reserved` is taken already. It is given back in any case.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if it costs more than was reserved and there is no room for the rest; [`Error::Closed`].
    pub(super) fn submit_reserved(
        &self,
        batch: &[Op<'_>],
        reserved: usize,
    ) -> Result<(Arc<GroupCommit>, usize), Error> {
        let cost = cost_of(batch);
        if cost <= reserved {
            self.room.give_back(reserved - cost);
        } else if !self.room.try_take(cost - reserved) {
            self.room.give_back(reserved);
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        self.enter_batch(batch, cost)
    }

    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    /// Appends a batch for which room is taken.
    fn enter_batch(
        &self,
        batch: &[Op<'_>],
        cost: usize,
    ) -> Result<(Arc<GroupCommit>, usize), Error> {
        self.enter(cost, |state| {
            if !state.group.is_empty() && state.cost + cost > GROUP_BYTES {
                let group = state.take_group(self.new_commit());
                state.put_before(group);
            }
            state.group.push(batch);
            for op in batch {
                state.filter.add(op);
            }
            state.cost += cost;
            (Arc::clone(&state.commit), state.group.len() - 1)
        })
    }

    /// Appends what is no plain batch. Blocks while there is no room.
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    pub(super) fn submit_alone(&self, work: Work) -> Result<Arc<GroupCommit>, Error> {
        self.room.take(OPERATION_COST, || self.check_worth_waiting())?;
        self.enter(OPERATION_COST, |state| {
            if !state.group.is_empty() {
                let group = state.take_group(self.new_commit());
                state.put_before(group);
            }
            let commit = self.new_commit();
            let touched = match work {
                Work::Sync | Work::Compact(_) => Touched::Nothing,
                Work::Group(_) | Work::Transact(_) => Touched::Anything,
            };
            let unresolved =
                Unresolved { commit: Arc::clone(&commit), cost: OPERATION_COST, touched };
            state.put_before(Pending { work, unresolved });
            commit
        })
    }

    /// Appends what room is taken for, and wakes the worker if it sleeps.
    fn enter<T>(&self, cost: usize, append: impl FnOnce(&mut State) -> T) -> Result<T, Error> {
        let mut state = self.state.lock();
        if state.phase != Phase::Open {
            drop(state);
            self.room.give_back(cost);
            return Err(self.closed());
        }
        let appended = append(&mut state);
        self.note_rest(&state);
        let asleep = state.rest == Rest::Asleep;
        if asleep {
            state.rest = Rest::Awake;
        }
        drop(state);
        if asleep {
            self.work.notify_one();
        }
        Ok(appended)
    }

    /// The number of the last commit.
    pub(super) fn sequence(&self) -> u64 {
        self.state.lock().sequence
    }

    /// The newest commit that isn't resolved and may touch what a read is about. Those before it are resolved
    /// before it.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(super) fn unresolved<'a>(
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

    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.state.lock().phase == Phase::Open { Ok(()) } else { Err(self.closed()) }
    }

    /// Takes nothing more in. The worker writes what is there and ends. Without a deadline it waits for another process's lock
    /// without limit.
    pub(super) fn drain(&self, deadline: Option<Instant>) {
        {
            let mut state = self.state.lock();
            if state.phase == Phase::Open {
                state.phase = Phase::Draining { deadline };
                self.note_rest(&state);
            }
            state.rest = Rest::Awake;
        }
        self.work.notify_one();
        self.room.rouse();
    }

    /// Whether a close has waited long enough for another process's lock.
    pub(super) fn is_overdue(&self) -> bool {
        match self.state.lock().phase {
            Phase::Open => false,
            Phase::Draining { deadline } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }

    /// For the worker: rests while there is nothing to do. `false` is the end.
    pub(super) fn await_work(&self) -> bool {
        let mut state = self.state.lock();
        let mut taken = state.taken;
        let mut dozes = 0;
        while !state.has_work() {
            if state.phase != Phase::Open {
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
            // By others, who may go on.
            if mem::replace(&mut taken, state.taken) != state.taken {
                dozes = 0;
            }
        }
        state.rest = Rest::Awake;
        true
    }

    /// Takes what comes next, of batches all that are there. Who takes has the committer.
    pub(super) fn take(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        let pending = match state.before.pop_front() {
            Some(pending) => pending,
            None if state.group.is_empty() => return None,
            None => state.take_group(self.new_commit()),
        };
        Some(state.take(pending))
    }

    /// As [`take`](Self::take), for who isn't the worker: only plain batches, and only while the worker rests.
    pub(super) fn take_from_resting_worker(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        if state.rest == Rest::Awake || !state.before.is_empty() || state.group.is_empty() {
            return None;
        }
        let group = state.take_group(self.new_commit());
        Some(state.take(group))
    }

    /// Ends the worker's rest if there is something to do.
    pub(super) fn rouse_worker(&self) {
        let mut state = self.state.lock();
        if state.rest != Rest::Awake && state.has_work() {
            state.rest = Rest::Awake;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Ends what [`take`](Self::take) began: numbers the commit, tells all who wait, makes room.
    pub(super) fn resolve(&self, taken: &Taken, outcomes: Vec<Outcome>) {
        let committed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Committed { .. }));
        let sequence = {
            let mut state = self.state.lock();
            state.sequence += u64::from(committed);
            state.sequence
        };
        taken.commit.resolve(sequence, outcomes);
        let cost = {
            let mut state = self.state.lock();
            let cost = state.in_flight.take().map_or(0, |Unresolved { cost, touched, .. }| {
                state.reuse(touched);
                cost
            });
            self.note_rest(&state);
            cost
        };
        self.room.give_back(cost);
    }

    /// Ends all that waits, after who commits has panicked: nothing is left hanging, and the worker ends.
    pub(super) fn abandon(&self, error: &Error) {
        let (in_flight, waiting, sequence) = {
            let mut state = self.state.lock();
            state.phase = Phase::Draining { deadline: Some(Instant::now()) };
            state.rest = Rest::Awake;
            self.note_rest(&state);
            let mut waiting = mem::take(&mut state.before);
            let group = state.take_group(self.new_commit());
            waiting.push_back(group);
            (state.in_flight.take(), waiting, state.sequence)
        };
        self.work.notify_one();
        let mut cost: usize = waiting.iter().map(|pending| pending.unresolved.cost).sum();
        if let Some(Unresolved { commit, cost: in_flight_cost, .. }) = in_flight {
            cost += in_flight_cost;
            if !commit.is_resolved() {
                // Without outcomes each of its tickets tells that its own is unknown.
                commit.resolve(sequence, Vec::new());
            }
        }
        for Pending { work, unresolved } in waiting {
            unresolved
                .commit
                .resolve(sequence, vec![Outcome::NotApplied(error.clone()); work.len()]);
            // A closure that hasn't run is dropped here, with all that it holds.
            contained::discard(work);
        }
        self.room.give_back(cost);
    }

    /// After every change of the state that may end its rest or begin it.
    fn note_rest(&self, state: &State) {
        let at_rest = state.phase == Phase::Open && state.is_idle();
        self.at_rest.store(at_rest, Ordering::Release);
    }

    fn new_commit(&self) -> Arc<GroupCommit> {
        let failures = Arc::clone(&self.failures);
        Arc::new(GroupCommit::new(self.place.clone(), failures, self.worker.clone()))
    }

    fn closed(&self) -> Error {
        Error::Closed { what: self.place.to_string() }
    }
}

impl State {
    /// Takes the group at the end; the next one has this commit.
    fn take_group(&mut self, next: Arc<GroupCommit>) -> Pending {
        let filter = self.spare.take().unwrap_or_default();
        let unresolved = Unresolved {
            commit: mem::replace(&mut self.commit, next),
            cost: mem::take(&mut self.cost),
            touched: Touched::Known(mem::replace(&mut self.filter, filter)),
        };
        Pending { work: Work::Group(mem::take(&mut self.group)), unresolved }
    }

    fn put_before(&mut self, mut pending: Pending) {
        if self.before.len() >= KNOWN_BEFORE {
            let known = mem::replace(&mut pending.unresolved.touched, Touched::Anything);
            self.reuse(known);
        }
        self.before.push_back(pending);
    }

    /// Keeps a filter that has done its work.
    fn reuse(&mut self, touched: Touched) {
        if let Touched::Known(mut filter) = touched
            && self.spare.is_none()
        {
            filter.clear();
            self.spare = Some(filter);
        }
    }

    /// Whether there is something to take.
    fn has_work(&self) -> bool {
        !self.group.is_empty() || !self.before.is_empty()
    }

    /// Notes that something was taken.
    fn take(&mut self, Pending { work, unresolved }: Pending) -> Taken {
        let commit = Arc::clone(&unresolved.commit);
        self.in_flight = Some(unresolved);
        self.taken += 1;
        Taken { work, commit }
    }

    /// Whether all is resolved.
    fn is_idle(&self) -> bool {
        !self.has_work() && self.in_flight.is_none()
    }

    fn newest_touching(&self, wanted: &Wanted) -> Option<Arc<GroupCommit>> {
        if !self.group.is_empty() && self.filter.may_touch(wanted) {
            return Some(Arc::clone(&self.commit));
        }
        let before = self.before.iter().map(|pending| &pending.unresolved);
        let mut oldest_first = self.in_flight.iter().chain(before);
        let touching = oldest_first.rfind(|unresolved| unresolved.touched.may_touch(wanted))?;
        Some(Arc::clone(&touching.commit))
    }
}

fn cost_of(batch: &[Op<'_>]) -> usize {
    batch.iter().map(op_cost).fold(0, usize::saturating_add)
}

fn op_cost(op: &Op<'_>) -> usize {
    OPERATION_COST + op.parts().map(<[u8]>::len).iter().sum::<usize>()
}
