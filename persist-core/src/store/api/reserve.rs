use std::future::{Future, IntoFuture};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::store::api::open_job::Handle;
use crate::store::api::permit::Permit;
use crate::store::base::error::Error;
use crate::store::base::op::{OPERATION_COST, Op, TxOp, cost_of};
use crate::store::engine::turn::Turn;

/// The bytes that a reservation includes for a category and a key of usual length.
const KEY_BYTES: usize = 1_024;

/// A request for capacity in a job's queue: returned by [`Job::reserve`](crate::Job::reserve) and
/// [`Job::reserve_for`](crate::Job::reserve_for).
#[must_use = "nothing is reserved until `.wait()` or `.await`"]
#[derive(Debug)]
pub struct Reserve<'job> {
    handle: Handle<'job>,
    /// The bytes of capacity, or the reason why they cannot be reserved.
    cost: Result<usize, Error>,
}

impl<'job> Reserve<'job> {
    /// Returns a request for the capacity of a payload of `bytes` bytes.
    pub(crate) fn bytes(handle: Handle<'job>, bytes: usize) -> Self {
        let checked = handle.job().and_then(|job| job.limits.check_reservation(bytes));
        let cost = checked.map(|()| bytes.saturating_add(OPERATION_COST + KEY_BYTES));
        Self { handle, cost }
    }

    /// Returns a request for the capacity of a batch.
    pub(crate) fn batch(handle: Handle<'job>, ops: &[TxOp]) -> Self {
        let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
        let checked = handle.job().and_then(|job| job.check(&batch));
        let cost = checked.map(|()| cost_of(batch.into_iter()));
        Self { handle, cost }
    }

    /// Returns the same request without the borrow of its job. It keeps the job open.
    pub fn into_owned(self) -> Reserve<'static> {
        Reserve { handle: self.handle.into_owned(), cost: self.cost }
    }

    /// Blocks until there is capacity. Callers that wait for capacity, blocking or not, are served in one order.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`], [`Error::Closed`]; [`Error::InvalidArgument`] for more bytes than
    /// [`Config::payload_limit_bytes`](crate::Config::payload_limit_bytes); [`Error::WouldDeadlock`] on a worker's thread;
    /// [`Error::OtherProcess`] in a forked child that would have to wait for its parent.
    pub fn wait(self) -> Result<Permit, Error> {
        let (job, cost) = (self.handle.job()?, self.cost?);
        if let Some(turn) = job.reserve(cost)? {
            turn.wait().map_err(|refused| refused.error)?;
        }
        Ok(Permit::new(Arc::clone(job), cost))
    }
}

impl<'job> IntoFuture for Reserve<'job> {
    type Output = Result<Permit, Error>;
    type IntoFuture = ReserveFuture<'job>;

    fn into_future(self) -> ReserveFuture<'job> {
        ReserveFuture { handle: self.handle, state: State::New(self.cost) }
    }
}

/// A [`Reserve`] that is awaited.
///
/// If there is no capacity at the first poll, the reservation gets a place at the end of the job's waiting line. From
/// then on it needs no further poll: the thread that releases capacity grants it, and the line moves on. Once it is
/// granted, the future owns the capacity, as a [`Permit`] does, until it is polled or dropped. The future of
/// [`Job::submit`](crate::Job::submit) owns none.
///
/// Dropping the future leaves the line, or releases the capacity.
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct ReserveFuture<'job> {
    handle: Handle<'job>,
    state: State,
}

#[derive(Debug)]
enum State {
    New(Result<usize, Error>),
    InLine(Turn, usize),
    Ended,
}

impl Future for ReserveFuture<'_> {
    type Output = Result<Permit, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { handle, state } = self.get_mut();
        let job = handle.job()?;
        let (mut turn, cost) = match mem::replace(state, State::Ended) {
            State::New(cost) => {
                let cost = cost?;
                match job.reserve(cost)? {
                    Some(turn) => (turn, cost),
                    None => return Poll::Ready(Ok(Permit::new(Arc::clone(job), cost))),
                }
            }
            State::InLine(turn, cost) => (turn, cost),
            State::Ended => return Poll::Pending,
        };
        match turn.poll(context.waker()) {
            Poll::Ready(Ok(_)) => Poll::Ready(Ok(Permit::new(Arc::clone(job), cost))),
            Poll::Ready(Err(refused)) => Poll::Ready(Err(refused.error)),
            Poll::Pending => {
                *state = State::InLine(turn, cost);
                Poll::Pending
            }
        }
    }
}
