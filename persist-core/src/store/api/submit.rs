//! Submission that waits for capacity without blocking a thread.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::store::api::open_job::Handle;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::api::try_error::TryError;
use crate::store::base::error::Error;
use crate::store::base::op::TxOp;
use crate::store::engine::turn::{Started, Turn};
use crate::store::engine::waiting::{Entered, Granted, Purpose, Refused};

/// A write that has not been submitted: returned by [`Job::submit`](crate::Job::submit) and its other forms.
///
/// Nothing happens until [`wait`](Self::wait), or until the first poll of `.await`. The result is the write's
/// [`Ticket`]. At that time the write is enqueued, as it is after a call that blocks.
///
/// ```
/// use persist_core::{Error, Job, Memory, Persistency, TxOp};
///
/// async fn log(job: &Job, seq: u64, line: &str) -> Result<u64, Error> {
///     let ops = [TxOp::put("log", seq, line.as_bytes())];
///     // Waits while the queue is full, without blocking a thread.
///     let ticket = job.submit(ops).await?;
///     // Waits for the commit.
///     Ok(ticket.await?.commit)
/// }
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.submit([TxOp::put("log", 1u64, b"line")]).wait()?; // or blocks
/// # Ok::<(), Error>(())
/// ```
#[must_use = "nothing is submitted until `.wait()` or `.await`"]
pub struct Submit<'job, T, E = Error> {
    handle: Handle<'job>,
    purpose: Purpose,
    value: Value<T, E>,
}

impl<'job, T, E> Submit<'job, T, E> {
    pub(crate) fn new(handle: Handle<'job>, purpose: Purpose, value: Value<T, E>) -> Self {
        Self { handle, purpose, value }
    }

    /// Returns the same request without the borrow of its job. It keeps the job open.
    pub fn into_owned(self) -> Submit<'static, T, E> {
        let Self { handle, purpose, value } = self;
        Submit { handle: handle.into_owned(), purpose, value }
    }

    /// Blocks until the write is enqueued. Callers that wait for capacity, blocking or not, are served in one order.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`] or [`Error::Closed`]; [`Error::InvalidArgument`] for a part that is too long;
    /// [`Error::WouldDeadlock`] on a worker's thread; [`Error::OtherProcess`] in a forked child that would have to wait
    /// for its parent. In each case nothing was submitted, the error returns the operations, and no failure is kept.
    pub fn wait(self) -> Result<Ticket<T, E>, TryError> {
        let Self { handle, purpose, value } = self;
        match start(&handle, purpose)? {
            Started::Done(committed) => Ok(Ticket::done(committed, value)),
            Started::Entered(entered) => Ok(ticket(entered, value)),
            Started::InLine(turn) => served(turn.wait(), value),
        }
    }
}

fn start(handle: &Handle<'_>, purpose: Purpose) -> Result<Started, TryError> {
    match handle.job() {
        Ok(job) => Ok(job.start(purpose)?),
        Err(error) => Err(Refused::new(error, purpose).into()),
    }
}

fn ticket<T, E>((commit, index): Entered, value: Value<T, E>) -> Ticket<T, E> {
    Ticket::submitted(commit, index, value)
}

/// Returns the ticket of a write that waited in the line.
fn served<T, E>(
    outcome: Result<Granted, Refused>,
    value: Value<T, E>,
) -> Result<Ticket<T, E>, TryError> {
    Ok(ticket(outcome.and_then(Granted::into_entered)?, value))
}

impl<T, E> fmt::Debug for Submit<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl<'job, T, E> IntoFuture for Submit<'job, T, E> {
    type Output = Result<Ticket<T, E>, TryError>;
    type IntoFuture = SubmitFuture<'job, T, E>;

    fn into_future(self) -> SubmitFuture<'job, T, E> {
        let Self { handle, purpose, value } = self;
        SubmitFuture { handle, state: State::New(purpose, value) }
    }
}

/// A [`Submit`] that is awaited.
///
/// If there is no capacity at the first poll, the write gets a place at the end of the job's waiting line. From then on
/// it needs no further poll: the thread that releases capacity enqueues it. So the order of writes is the order of
/// first polls, and a future that is held without being polled delays no other write.
///
/// Dropping the future before the write is enqueued leaves the line and submits nothing. [`cancel`](Self::cancel) does
/// the same and returns the operations. If the job closes meanwhile, the result is [`Error::Closed`] with the
/// operations.
#[must_use = "a future does nothing unless it is awaited"]
pub struct SubmitFuture<'job, T, E = Error> {
    handle: Handle<'job>,
    state: State<T, E>,
}

enum State<T, E> {
    New(Purpose, Value<T, E>),
    InLine(Turn, Value<T, E>),
    Ended,
}

// No field is pinned.
impl<T, E> Unpin for SubmitFuture<'_, T, E> {}

impl<T, E> SubmitFuture<'_, T, E> {
    /// Leaves the line and returns the operations, none of which was submitted. A transaction, a sync or a future that
    /// has completed has no operations to return.
    ///
    /// ```
    /// use std::future::{Future, IntoFuture};
    /// use std::pin::Pin;
    /// use std::task::{Context, Waker};
    ///
    /// use persist_core::{Config, Memory, Persistency, TxOp};
    ///
    /// let config = Config::new().queue_limit_bytes(1_000);
    /// let job = Persistency::open_with(Memory::new(), config)?.open_job("alpha").wait()?;
    /// let permit = job.reserve(100).wait()?; // takes all of the capacity
    /// let ops = [TxOp::put("log", 1u64, b"line")];
    /// let mut submit = job.submit(ops.clone()).into_future();
    /// assert!(Pin::new(&mut submit).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    /// assert_eq!(submit.cancel().unwrap(), ops);
    /// # drop(permit);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The ticket, if the write is enqueued already.
    pub fn cancel(self) -> Result<Vec<TxOp>, Ticket<T, E>> {
        match self.state {
            State::New(purpose, _) => Ok(purpose.into_ops()),
            State::InLine(turn, value) => match turn.leave() {
                Ok(purpose) => Ok(purpose.into_ops()),
                Err(outcome) => match served(outcome, value) {
                    Ok(ticket) => Err(ticket),
                    Err(refused) => Ok(refused.ops),
                },
            },
            State::Ended => Ok(Vec::new()),
        }
    }
}

impl<T, E> Future for SubmitFuture<'_, T, E> {
    type Output = Result<Ticket<T, E>, TryError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { handle, state } = self.get_mut();
        let (mut turn, value) = match mem::replace(state, State::Ended) {
            State::New(purpose, value) => match start(handle, purpose)? {
                Started::Done(committed) => return Poll::Ready(Ok(Ticket::done(committed, value))),
                Started::Entered(entered) => return Poll::Ready(Ok(ticket(entered, value))),
                Started::InLine(turn) => (turn, value),
            },
            State::InLine(turn, value) => (turn, value),
            State::Ended => return Poll::Pending,
        };
        match turn.poll(context.waker()) {
            Poll::Ready(outcome) => Poll::Ready(served(outcome, value)),
            Poll::Pending => {
                *state = State::InLine(turn, value);
                Poll::Pending
            }
        }
    }
}

impl<T, E> fmt::Debug for SubmitFuture<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::New(..) => "new",
            State::InLine(..) => "in line",
            State::Ended => "ended",
        };
        write!(f, "SubmitFuture({state})")
    }
}
