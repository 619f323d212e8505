use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::store::base::blocking;
use crate::store::base::error::Error;
use crate::store::base::reports::Committed;
use crate::store::base::sync::Mutex;
use crate::store::engine::failures::Failures;
use crate::store::engine::group_commit::GroupCommit;

/// A handle to a submitted write. The write is committed whether or not its ticket is kept.
///
/// Drop it for fire-and-forget, [`wait`](Self::wait) for the outcome, or `.await` it on any runtime.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.persist_put("raw", key!("a"), b"1"); // fire-and-forget
/// let committed = job.persist_put("raw", key!("b"), b"2").wait()?; // acknowledged
/// assert!(committed.commit >= 1);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// If the ticket is dropped, a failure of the write is logged, and kept for [`Job::last_error`](crate::Job::last_error),
/// [`Job::flush`](crate::Job::flush) and the close. A job keeps up to 1,000 such failures: the first one and the latest.
pub struct Ticket<T, E = Error> {
    state: State,
    value: Value<T, E>,
}

/// The conversion of a write's outcome into the result of its ticket.
pub(crate) enum Value<T, E> {
    /// A function. It needs no allocation for the ticket of a plain write.
    Of(fn(Committed) -> T),
    /// The result of a transaction's closure, once it has run.
    Given(Given<T, E>),
    /// The function of [`Ticket::map`]. The outer box keeps tickets without such a function small.
    Mapped(Box<Mutex<Option<Mapped<T, E>>>>),
}

/// A function that turns the outcome of a write into the result of a mapped ticket. It is called once.
type Mapped<T, E> = Box<dyn FnOnce(Result<Committed, Error>) -> Result<T, E> + Send>;

/// The result of a transaction's closure, stored by the worker.
pub(crate) type Given<T, E> = Arc<Mutex<Option<Result<T, E>>>>;

enum State {
    /// The batch at `index` of a group was submitted.
    Submitted { commit: Arc<GroupCommit>, index: usize },
    /// Nothing had to be written.
    Done(Committed),
    /// The write was never enqueued. The failure is in the job's ledger, if there is a job.
    Refused { error: Error, entry: Option<(Arc<Failures>, u64)> },
}

impl<T, E> Ticket<T, E> {
    pub(crate) fn submitted(commit: Arc<GroupCommit>, index: usize, value: Value<T, E>) -> Self {
        Self { state: State::Submitted { commit, index }, value }
    }

    pub(crate) fn done(committed: Committed, value: Value<T, E>) -> Self {
        Self { state: State::Done(committed), value }
    }

    pub(crate) fn refused(error: Error, failures: Option<&Arc<Failures>>) -> Self {
        tracing::warn!(%error, "a write was refused");
        let entry =
            failures.map(|failures| (Arc::clone(failures), failures.enter(error.clone(), None)));
        Self { state: State::Refused { error, entry }, value: Value::Given(Arc::default()) }
    }
}

impl<T: Send + 'static, E: From<Error> + Send + 'static> Ticket<T, E> {
    /// Returns a ticket whose result is `f` applied to the result of this one.
    ///
    /// Like any ticket, it can be dropped, waited for or awaited. `f` is called when the outcome is taken, in `.wait()`
    /// or in a poll. It is not called if the write fails or the ticket is dropped.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// let removed = job.persist_delete("raw", "a").map(|committed| committed.removed);
    /// assert_eq!(removed.wait()?, 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Ticket<U, E> {
        let Self { state, value } = self;
        let mapped: Mapped<U, E> = Box::new(move |outcome| value.result(outcome).map(f));
        Ticket { state, value: Value::Mapped(Box::new(Mutex::new(Some(mapped)))) }
    }
}

impl<T, E: From<Error>> Value<T, E> {
    /// Returns the result of a write with this outcome.
    fn result(&self, outcome: Result<Committed, Error>) -> Result<T, E> {
        match self {
            Self::Of(value) => outcome.map(value).map_err(E::from),
            Self::Given(given) => match (outcome, given.lock().take()) {
                (Ok(_), Some(given)) => given,
                // The closure's own error, rather than the error that the ledger keeps for it.
                (Err(_), Some(Err(error))) => Err(error),
                (Err(error), _) => Err(error.into()),
                (Ok(_), None) => Err(polled_after_completion().into()),
            },
            Self::Mapped(mapped) => {
                let mapped = mapped.lock().take();
                mapped.map_or_else(|| Err(polled_after_completion().into()), |of| of(outcome))
            }
        }
    }
}

fn polled_after_completion() -> Error {
    Error::invalid_argument("a ticket was polled after it had completed")
}

impl<T, E: From<Error>> Ticket<T, E> {
    /// Blocks until the write is committed, and returns its result.
    ///
    /// # Errors
    ///
    /// The reason why the write was not applied; [`Error::Unknown`] if it can't be known whether it was.
    /// [`Error::WouldDeadlock`] on a worker's thread and [`Error::OtherProcess`] in a forked child say nothing about
    /// the write.
    pub fn wait(self) -> Result<T, E> {
        if let State::Submitted { commit, .. } = &self.state
            && !commit.is_resolved()
        {
            blocking::allowed()?;
            commit.wait()?;
        }
        self.show().unwrap_or_else(|| Err(Error::WouldDeadlock.into()))
    }

    /// Returns the outcome, if there is one yet. A failure counts as reported then.
    fn show(&self) -> Option<Result<T, E>> {
        let outcome = match &self.state {
            State::Submitted { commit, index } => commit.show(*index)?,
            State::Done(committed) => Ok(*committed),
            State::Refused { error, entry } => {
                if let Some((failures, number)) = entry {
                    failures.strike(*number);
                }
                Err(error.clone())
            }
        };
        Some(self.value.result(outcome))
    }
}

impl<T, E> fmt::Debug for Ticket<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Submitted { commit, .. } if commit.is_resolved() => "resolved",
            State::Submitted { .. } => "submitted",
            State::Done(_) => "done",
            State::Refused { .. } => "refused",
        };
        write!(f, "Ticket({state})")
    }
}

impl<T, E: From<Error>> IntoFuture for Ticket<T, E> {
    type Output = Result<T, E>;
    type IntoFuture = TicketFuture<T, E>;

    fn into_future(self) -> TicketFuture<T, E> {
        TicketFuture { ticket: self, slot: None }
    }
}

/// A [`Ticket`] that is awaited. Dropping it does not undo the write.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited; drop the ticket itself for fire-and-forget"]
pub struct TicketFuture<T, E = Error> {
    ticket: Ticket<T, E>,
    slot: Option<usize>,
}

impl<T, E: From<Error>> Future for TicketFuture<T, E> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Submitted { commit, .. } = &this.ticket.state {
            ready!(commit.poll(&mut this.slot, context.waker()))?;
        }
        match this.ticket.show() {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }
}

impl<T, E> Drop for TicketFuture<T, E> {
    fn drop(&mut self) {
        if let State::Submitted { commit, .. } = &self.ticket.state {
            commit.forget(self.slot);
        }
    }
}
