use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::store::base::error::Error;
use crate::store::base::op::{OPERATION_COST, TxOp, cost_of};
use crate::store::base::sync::{Condvar, Mutex};
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::work::Work;

/// An entry of a waiting line: a write or a reservation, and the caller that waits for it.
///
/// Its states are those listed in `capacity.rs`. Its lock guards them, and is held for bookkeeping only.
#[derive(Debug)]
pub(crate) struct Waiting {
    cost: usize,
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Debug)]
struct State {
    /// `None` once a thread serves or refuses the entry, or the caller has left the line.
    purpose: Option<Purpose>,
    waker: Option<Waker>,
    /// `None` before the entry is settled, and after the caller has taken the outcome.
    outcome: Option<Result<Granted, Refused>>,
}

/// The purpose for which a caller waits for capacity.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// A reservation of this many bytes, for a later write.
    Capacity(usize),
    /// A batch. It owns its operations, so that they can be returned if the batch is refused.
    Batch(Vec<TxOp>),
    /// Any other work.
    Alone(Work),
}

/// The result of an entry that was served.
#[derive(Debug)]
pub(crate) enum Granted {
    Capacity,
    Entered(Entered),
}

/// A write in the queue: its group, and its index in the group.
pub(crate) type Entered = (Arc<GroupCommit>, usize);

impl Granted {
    /// Returns the write.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a reservation, which has no write.
    pub(crate) fn into_entered(self) -> Result<Entered, Refused> {
        match self {
            Self::Entered(entered) => Ok(entered),
            Self::Capacity => {
                let error = Error::invalid_argument("a reservation is not a write");
                Err(Refused::new(error, Purpose::Capacity(0)))
            }
        }
    }
}

/// A write that was not enqueued, and the error that explains it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: Error,
    purpose: Box<Purpose>,
}

impl Refused {
    pub(crate) fn new(error: Error, purpose: Purpose) -> Self {
        Self { error, purpose: Box::new(purpose) }
    }

    /// Returns the error and the refused operations.
    pub(crate) fn into_parts(self) -> (Error, Vec<TxOp>) {
        (self.error, self.purpose.into_ops())
    }
}

impl Purpose {
    /// Returns the number of bytes of capacity that this takes.
    pub(crate) fn cost(&self) -> usize {
        match self {
            Self::Capacity(cost) => *cost,
            Self::Batch(ops) => cost_of(ops.iter().map(TxOp::as_op)),
            Self::Alone(_) => OPERATION_COST,
        }
    }

    /// Returns the operations of a batch. Other purposes have none.
    pub(crate) fn into_ops(self) -> Vec<TxOp> {
        match self {
            Self::Batch(ops) => ops,
            Self::Capacity(_) | Self::Alone(_) => Vec::new(),
        }
    }
}

impl Waiting {
    pub(crate) fn new(purpose: Purpose) -> Self {
        let cost = purpose.cost();
        let state = State { purpose: Some(purpose), waker: None, outcome: None };
        Self { cost, state: Mutex::new(state), settled: Condvar::new() }
    }

    pub(crate) fn cost(&self) -> usize {
        self.cost
    }

    /// Takes the purpose. Only one thread gets it: either a thread that must settle the entry, or the caller that leaves the line.
    pub(crate) fn begin(&self) -> Option<Purpose> {
        self.state.lock().purpose.take()
    }

    /// Stores the outcome and unblocks the caller. Returns the caller's waker, if it has one, to be woken without a lock held.
    pub(crate) fn settle(&self, outcome: Result<Granted, Refused>) -> Option<Waker> {
        let mut state = self.state.lock();
        state.outcome = Some(outcome);
        let waker = state.waker.take();
        drop(state);
        self.settled.notify_all();
        waker
    }

    /// Blocks until the entry is settled, and takes the outcome. It can be taken only once.
    pub(crate) fn wait(&self) -> Result<Granted, Refused> {
        let mut state = self.state.lock();
        loop {
            match state.outcome.take() {
                Some(outcome) => return outcome,
                None => self.settled.wait(&mut state),
            }
        }
    }

    /// Takes the outcome if the entry is settled. Otherwise stores the waker for that moment.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<Granted, Refused>> {
        // A waker is cloned and dropped without the lock held, since both may run any code.
        let waker = waker.clone();
        let mut state = self.state.lock();
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome);
        }
        let replaced = state.waker.replace(waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}
