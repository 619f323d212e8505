use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::store::api::open_job::Started;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::{OPERATION_COST, Op, TxOp, cost_of};
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::base::sync::{Condvar, Mutex};
use crate::store::base::{contained, process};
use crate::store::engine::failures::Failures;
use crate::store::engine::filter::{About, Filter, Touched, Wanted};
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::room::{Room, Turn};
use crate::store::engine::waiting::{Entered, Granted, Purpose, Refused};
use crate::store::engine::wakers::Wakers;
use crate::store::engine::work::Work;
use crate::store::engine::worker::Worker;
use crate::store::port::group::Group;
use crate::store::port::write::Outcome;

/// The pending writes of a job, in the order submitted.
///
/// Callers append batches to the open group at its end; the thread that commits takes the whole group and resolves it. Work
/// other than a batch ends the group before it, and is taken by itself.
#[derive(Debug)]
pub(crate) struct Queue {
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
    /// The capacity that the group takes.
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
    /// How many outcomes it will have.
    len: usize,
    /// The capacity that it takes.
    cost: usize,
    /// What a read has to wait for it to see.
    touched: Touched,
}

/// The end of the writes that were submitted when a flush began.
#[derive(Debug)]
pub(crate) struct FlushPoint {
    /// The newest group that was not resolved, and how many of its batches were there.
    pub(crate) newest: Option<(Arc<GroupCommit>, usize)>,
    /// How many failures were entered.
    entered: u64,
}

impl FlushPoint {
    /// Strikes off and returns the first failure before the flush that no ticket has reported, once the group is resolved.
    pub(crate) fn strike_first(&self, failures: &Failures) -> Option<Error> {
        let newest = self.newest.as_ref();
        let end = newest.and_then(|(commit, len)| Some((commit.number()?, *len)));
        failures.strike_first(self.entered, end)
    }
}

/// Work that was taken from the queue and has to be resolved.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) work: Work,
    number: u64,
    commit: Arc<GroupCommit>,
}

/// The capacity that a group takes at most, unless it is a single batch. A larger group gains little, even with random keys,
/// and all its callers would wait for all of it.
const GROUP_BYTES: usize = 8 << 20;

/// Of how many that wait before the group at the end it is known what they touch; those behind pass for touching
/// anything. So there are few filters, and a read looks at few, however often something ends a group.
const KNOWN_BEFORE: usize = 16;

impl Queue {
    pub(crate) fn new(place: Place, room: Room, worker: Weak<Worker>) -> Self {
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

    pub(crate) fn failures(&self) -> &Arc<Failures> {
        &self.failures
    }

    /// Appends a batch, and returns its group and its index there. Blocks while there is no capacity.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::WouldDeadlock`] without capacity on a worker's thread.
    pub(crate) fn submit(&self, batch: &[Op<'_>]) -> Result<Entered, Error> {
        let cost = cost_of(batch.iter().copied());
        if self.room.try_take(cost) {
            return self.enter_batch(batch, cost);
        }
        self.wait_in_line(|| Purpose::Batch(batch.iter().map(TxOp::from_op).collect()))
    }

    /// Appends a batch as [`submit`](Self::submit) does, but fails instead of blocking.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`], [`Error::Closed`].
    pub(crate) fn try_submit(&self, batch: &[Op<'_>]) -> Result<Entered, Error> {
        let cost = cost_of(batch.iter().copied());
        if !self.room.try_take(cost) {
            self.check_open()?;
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        self.enter_batch(batch, cost)
    }

    /// Appends a batch for which `reserved` bytes of capacity are taken. It takes them over or releases them.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if the batch costs more and there is no capacity for the rest; [`Error::Closed`].
    pub(crate) fn submit_reserved(
        &self,
        batch: &[Op<'_>],
        reserved: usize,
    ) -> Result<Entered, Error> {
        let cost = cost_of(batch.iter().copied());
        self.adjust(reserved, cost)?;
        self.enter_batch(batch, cost)
    }

    /// Appends other work than a batch, as [`submit_reserved`](Self::submit_reserved) does.
    ///
    /// # Errors
    ///
    /// As for [`submit_reserved`](Self::submit_reserved).
    pub(crate) fn submit_alone_reserved(
        &self,
        work: Work,
        reserved: usize,
    ) -> Result<Entered, Error> {
        self.adjust(reserved, OPERATION_COST)?;
        self.enter_alone(work)
    }

    /// Turns capacity that was reserved into what a write costs.
    fn adjust(&self, reserved: usize, cost: usize) -> Result<(), Error> {
        if cost <= reserved {
            self.room.give_back(reserved - cost);
        } else if !self.room.try_take(cost - reserved) {
            self.room.give_back(reserved);
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        Ok(())
    }

    /// Appends a write if there is capacity and no other caller waits for it. Otherwise the write becomes an entry of the waiting
    /// line.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], with `purpose`.
    pub(crate) fn enter_or_line_up(&self, purpose: Purpose) -> Result<Started, Refused> {
        let cost = purpose.cost();
        if !self.room.try_take(cost) {
            return self.line_up(purpose).map(Started::InLine);
        }
        let entered = self.enter_waiting(purpose, cost).inspect_err(|_| self.room.give_back(cost));
        entered.and_then(Granted::into_entered).map(Started::Entered)
    }

    /// Takes `cost` bytes of capacity, or returns a place in the line.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub(crate) fn reserve_or_line_up(&self, cost: usize) -> Result<Option<Turn>, Error> {
        if self.room.try_take(cost) {
            return Ok(None);
        }
        self.line_up(Purpose::Capacity(cost)).map(Some).map_err(|refused| refused.error)
    }

    /// Waits in the line until the thread that frees capacity has appended the write. It is cold, since callers rarely wait.
    #[cold]
    fn wait_in_line(&self, purpose: impl FnOnce() -> Purpose) -> Result<Entered, Error> {
        self.check_open()?;
        let entered = self.line_up(purpose()).and_then(Turn::wait).and_then(Granted::into_entered);
        entered.map_err(|refused| refused.error)
    }

    fn line_up(&self, purpose: Purpose) -> Result<Turn, Refused> {
        if let Err(error) = process::check(&self.place) {
            return Err(Refused::new(error, purpose));
        }
        let Some(worker) = self.worker.upgrade() else {
            return Err(Refused::new(self.closed(), purpose));
        };
        let turn = Turn::line_up(worker, purpose)
            .map_err(|purpose| Refused::new(self.closed(), purpose))?;
        // A dozing worker is woken for callers that wait.
        self.rouse_worker();
        Ok(turn)
    }

    /// Appends the write of an entry, for which capacity is taken. If it is refused, the caller releases the capacity.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], with `purpose`.
    pub(crate) fn enter_waiting(&self, purpose: Purpose, cost: usize) -> Result<Granted, Refused> {
        match purpose {
            Purpose::Capacity(_) => Ok(Granted::Capacity),
            Purpose::Batch(ops) => {
                let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
                let entered = self.enter((), |(), state| self.append_batch(state, &batch, cost));
                match entered {
                    Ok(entered) => Ok(Granted::Entered(entered)),
                    Err(()) => Err(Refused::new(self.closed(), Purpose::Batch(ops))),
                }
            }
            Purpose::Alone(work) => {
                let entered = self.enter(work, |work, state| self.append_alone(state, work));
                match entered {
                    Ok(commit) => Ok(Granted::Entered((commit, 0))),
                    Err(work) => Err(Refused::new(self.closed(), Purpose::Alone(work))),
                }
            }
        }
    }

    pub(crate) fn room(&self) -> &Room {
        &self.room
    }

    /// Appends a batch for which capacity is taken.
    fn enter_batch(&self, batch: &[Op<'_>], cost: usize) -> Result<Entered, Error> {
        self.enter((), |(), state| self.append_batch(state, batch, cost)).map_err(|()| {
            self.room.give_back(cost);
            self.closed()
        })
    }

    fn append_batch(&self, state: &mut State, batch: &[Op<'_>], cost: usize) -> Entered {
        // No sum of costs overflows, since each is part of the capacity taken, whose sum is checked.
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
    }

    /// Appends other work than a batch. Blocks while there is no capacity.
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    pub(crate) fn submit_alone(&self, work: Work) -> Result<Entered, Error> {
        if self.room.try_take(OPERATION_COST) {
            return self.enter_alone(work);
        }
        self.wait_in_line(|| Purpose::Alone(work))
    }

    /// Appends other work than a batch, for which capacity is taken.
    fn enter_alone(&self, work: Work) -> Result<Entered, Error> {
        match self.enter(work, |work, state| self.append_alone(state, work)) {
            Ok(commit) => Ok((commit, 0)),
            Err(_work) => {
                self.room.give_back(OPERATION_COST);
                Err(self.closed())
            }
        }
    }

    fn append_alone(&self, state: &mut State, work: Work) -> Arc<GroupCommit> {
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
            Unresolved { commit: Arc::clone(&commit), len: 1, cost: OPERATION_COST, touched };
        state.put_before(Pending { work, unresolved });
        commit
    }

    /// Calls `append` with `what` and the state, and wakes the worker if it is asleep. Once the close has begun, returns `what`.
    fn enter<W, T>(&self, what: W, append: impl FnOnce(W, &mut State) -> T) -> Result<T, W> {
        let mut state = self.state.lock();
        if state.phase != Phase::Open {
            return Err(what);
        }
        let appended = append(what, &mut state);
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
    pub(crate) fn sequence(&self) -> u64 {
        self.state.lock().sequence
    }

    /// The newest commit that isn't resolved and may touch what a read is about. Those before it are resolved
    /// before it.
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

    /// Notes what a flush waits for.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(crate) fn flush_point(&self) -> Result<FlushPoint, Error> {
        let state = self.state.lock();
        if state.phase != Phase::Open {
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

    /// # Errors
    ///
    /// [`Error::Closed`] once the close has begun.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.state.lock().phase == Phase::Open { Ok(()) } else { Err(self.closed()) }
    }

    /// Takes nothing more in. The worker writes what is there and ends. Without a deadline it waits for another process's lock
    /// without limit. Returns the wakers of callers that waited for capacity, to be woken without a lock held.
    #[must_use]
    pub(crate) fn drain(&self, deadline: Option<Instant>) -> Vec<Waker> {
        {
            let mut state = self.state.lock();
            if state.phase == Phase::Open {
                state.phase = Phase::Draining { deadline };
                self.note_rest(&state);
            }
            state.rest = Rest::Awake;
        }
        self.work.notify_one();
        self.room.close(&self.closed())
    }

    /// Whether a close has waited long enough for another process's lock.
    pub(crate) fn is_overdue(&self) -> bool {
        match self.state.lock().phase {
            Phase::Open => false,
            Phase::Draining { deadline } => {
                deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }

    /// For the worker: rests while there is nothing to do. `false` is the end.
    pub(crate) fn await_work(&self) -> bool {
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
    pub(crate) fn take(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        let pending = match state.before.pop_front() {
            Some(pending) => pending,
            None if state.group.is_empty() => return None,
            None => state.take_group(self.new_commit()),
        };
        Some(state.take(pending))
    }

    /// As [`take`](Self::take), for who isn't the worker: only plain batches, and only while the worker rests.
    pub(crate) fn take_from_resting_worker(&self) -> Option<Taken> {
        let mut state = self.state.lock();
        if state.rest == Rest::Awake || !state.before.is_empty() || state.group.is_empty() {
            return None;
        }
        let group = state.take_group(self.new_commit());
        Some(state.take(group))
    }

    /// Ends the worker's rest if there is something to do.
    pub(crate) fn rouse_worker(&self) {
        let mut state = self.state.lock();
        if state.rest != Rest::Awake && state.has_work() {
            state.rest = Rest::Awake;
            drop(state);
            self.work.notify_one();
        }
    }

    /// Ends what [`take`](Self::take) began: numbers the commit, tells all who wait, makes room.
    pub(crate) fn resolve(&self, taken: &Taken, mut outcomes: Vec<Outcome>) {
        // If a backend reports too few outcomes, the others are unknown. They are entered as failures, since their tickets may be dropped.
        let len = taken.work.len();
        if outcomes.len() < len {
            outcomes.resize(len, self.unknown());
        }
        let committed = outcomes.iter().any(|outcome| matches!(outcome, Outcome::Committed { .. }));
        let sequence = {
            let mut state = self.state.lock();
            state.sequence += u64::from(committed);
            state.sequence
        };
        taken.commit.resolve(taken.number, sequence, outcomes);
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
    pub(crate) fn abandon(&self, error: &Error) {
        let (in_flight, waiting, taken, sequence) = {
            let mut state = self.state.lock();
            state.phase = Phase::Draining { deadline: Some(Instant::now()) };
            state.rest = Rest::Awake;
            self.note_rest(&state);
            let mut waiting = mem::take(&mut state.before);
            let group = state.take_group(self.new_commit());
            waiting.push_back(group);
            (state.in_flight.take(), waiting, state.taken, state.sequence)
        };
        self.work.notify_one();
        Wakers::wake_each(self.room.close(&self.closed()));
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

    fn unknown(&self) -> Outcome {
        Outcome::Unknown(Error::Unknown { place: self.place.clone(), source: None })
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
            len: self.group.len(),
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
        Taken { work, number: self.taken, commit }
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
