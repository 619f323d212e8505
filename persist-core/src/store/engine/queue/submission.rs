//! Submission: the calls that append writes to a queue.
//!
//! A write takes capacity before it takes the queue's lock. If there is not enough, both a blocking call and an awaited one become
//! an entry of the waiting line (`capacity.rs`), and the thread that serves the entry appends the write. If the queue is closed
//! when the write is to be appended, its capacity is released again.

use std::sync::Arc;

use crate::store::base::error::{Error, Place};
use crate::store::base::op::{OPERATION_COST, Op, TxOp, cost_of};
use crate::store::base::process;
use crate::store::engine::capacity::{Admit, Capacity};
use crate::store::engine::filter::Touched;
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::queue::Queue;
use crate::store::engine::queue::pending::{Pending, Rest, State, Unresolved};
use crate::store::engine::turn::{Started, Turn};
use crate::store::engine::waiting::{Entered, Granted, Purpose, Refused};
use crate::store::engine::work::Work;

/// The maximum capacity that a group takes, in bytes, unless it is a single batch. A larger group gains little, even with random
/// keys, and each of its callers would wait for the whole group.
const GROUP_BYTES: usize = 8 << 20;

impl Queue {
    /// Appends a batch, and returns its group and its index in the group. Blocks while there is not enough capacity.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; [`Error::WouldDeadlock`] on a worker's thread, if there is not enough capacity.
    pub(crate) fn submit(self: &Arc<Self>, batch: &[Op<'_>]) -> Result<Entered, Error> {
        let cost = cost_of(batch.iter().copied());
        if self.capacity.try_take(cost) {
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
        if !self.capacity.try_take(cost) {
            self.check_open()?;
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        self.enter_batch(batch, cost)
    }

    /// Appends a batch for which the caller has taken `reserved` bytes of capacity. They are used for the batch or released, also
    /// after an error.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if the batch costs more than `reserved` and there is no capacity for the difference;
    /// [`Error::Closed`].
    pub(crate) fn submit_reserved(
        &self,
        batch: &[Op<'_>],
        reserved: usize,
    ) -> Result<Entered, Error> {
        let cost = cost_of(batch.iter().copied());
        self.adjust(reserved, cost)?;
        self.enter_batch(batch, cost)
    }

    /// Appends work other than a batch, as [`submit_reserved`](Self::submit_reserved) does.
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

    /// Releases reserved capacity that a write does not need, or takes the capacity that it needs in addition.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] if there is not enough. The reserved capacity is released then.
    fn adjust(&self, reserved: usize, cost: usize) -> Result<(), Error> {
        if cost <= reserved {
            self.capacity.release(reserved - cost);
        } else if !self.capacity.try_take(cost - reserved) {
            self.capacity.release(reserved);
            return Err(Error::QueueFull { place: self.place.clone() });
        }
        Ok(())
    }

    /// Appends a write if there is enough capacity and no other caller waits for capacity. Otherwise the write becomes an entry of
    /// the waiting line.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], with `purpose`.
    pub(crate) fn enter_or_line_up(self: &Arc<Self>, purpose: Purpose) -> Result<Started, Refused> {
        let cost = purpose.cost();
        if !self.capacity.try_take(cost) {
            return self.line_up(purpose).map(Started::InLine);
        }
        let entered = self.admit(purpose, cost).inspect_err(|_| self.capacity.release(cost));
        entered.and_then(Granted::into_entered).map(Started::Entered)
    }

    /// Takes `cost` bytes of capacity and returns `None`, or returns a place in the waiting line.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub(crate) fn reserve_or_line_up(self: &Arc<Self>, cost: usize) -> Result<Option<Turn>, Error> {
        if self.capacity.try_take(cost) {
            return Ok(None);
        }
        self.line_up(Purpose::Capacity(cost)).map(Some).map_err(|refused| refused.error)
    }

    /// Waits in the line until the thread that releases capacity has appended the write. It is cold, since callers rarely wait.
    #[cold]
    fn wait_in_line(self: &Arc<Self>, purpose: impl FnOnce() -> Purpose) -> Result<Entered, Error> {
        self.check_open()?;
        let entered = self.line_up(purpose()).and_then(Turn::wait).and_then(Granted::into_entered);
        entered.map_err(|refused| refused.error)
    }

    fn line_up(self: &Arc<Self>, purpose: Purpose) -> Result<Turn, Refused> {
        if let Err(error) = process::check(&self.place) {
            return Err(Refused::new(error, purpose));
        }
        let queue = Arc::clone(self) as Arc<dyn Admit>;
        let turn = Turn::line_up(queue, purpose)
            .map_err(|purpose| Refused::new(self.closed(), purpose))?;
        // The caller waits until the worker has written enough, so a dozing worker must not doze on.
        self.rouse_worker();
        Ok(turn)
    }

    /// Appends a batch for which capacity was taken. Releases the capacity if the queue is closed.
    fn enter_batch(&self, batch: &[Op<'_>], cost: usize) -> Result<Entered, Error> {
        self.enter((), |(), state| self.append_batch(state, batch, cost)).map_err(|()| {
            self.capacity.release(cost);
            self.closed()
        })
    }

    fn append_batch(&self, state: &mut State, batch: &[Op<'_>], cost: usize) -> Entered {
        // The sum cannot overflow: both are part of the capacity taken, whose sum was checked.
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

    /// Appends work other than a batch. Blocks while there is not enough capacity.
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    pub(crate) fn submit_alone(self: &Arc<Self>, work: Work) -> Result<Entered, Error> {
        if self.capacity.try_take(OPERATION_COST) {
            return self.enter_alone(work);
        }
        self.wait_in_line(|| Purpose::Alone(work))
    }

    /// Appends work other than a batch, for which capacity was taken. Releases the capacity if the queue is closed.
    fn enter_alone(&self, work: Work) -> Result<Entered, Error> {
        match self.enter(work, |work, state| self.append_alone(state, work)) {
            Ok(commit) => Ok((commit, 0)),
            Err(_work) => {
                self.capacity.release(OPERATION_COST);
                Err(self.closed())
            }
        }
    }

    fn append_alone(&self, state: &mut State, work: Work) -> Arc<GroupCommit> {
        // Batches submitted earlier are committed earlier, so the open group ends here.
        if !state.group.is_empty() {
            let group = state.take_group(self.new_commit());
            state.put_before(group);
        }
        let commit = self.new_commit();
        // The keys that a transaction's closure will write are not known.
        let touched = match work {
            Work::Sync | Work::Compact(_) => Touched::Nothing,
            Work::Group(_) | Work::Planned(_) | Work::Transact(_) => Touched::Anything,
        };
        let unresolved =
            Unresolved { commit: Arc::clone(&commit), len: 1, cost: OPERATION_COST, touched };
        state.put_before(Pending { work, unresolved });
        commit
    }

    /// Calls `append` with `what` and the locked state, then wakes the worker if it is asleep. A dozing worker is not woken, since
    /// it looks for work by itself.
    ///
    /// # Errors
    ///
    /// Returns `what` once the close has begun.
    fn enter<W, T>(&self, what: W, append: impl FnOnce(W, &mut State) -> T) -> Result<T, W> {
        let mut state = self.state.lock();
        if !state.is_open {
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
}

impl Admit for Queue {
    fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    fn place(&self) -> &Place {
        &self.place
    }

    fn admit(&self, purpose: Purpose, cost: usize) -> Result<Granted, Refused> {
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
}
