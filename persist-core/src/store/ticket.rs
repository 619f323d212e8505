use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::failures::Failures;
use super::group_commit::{Committed, GroupCommit};
use super::sync::Mutex;
use super::{Error, blocking};

/// What a write returns. The write is on its way, whatever becomes of its ticket.
///
/// Drop it for fire-and-forget, [`wait`](Self::wait) for the outcome, or `.await` it on any runtime.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.persist_put("raw", key!("a"), b"1"); // fire-and-forget
/// let sequence = job.persist_put("raw", key!("b"), b"2").wait()?; // acknowledged
/// assert!(sequence >= 1);
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// An outcome that nobody asks for is not lost: failures are logged and kept, see
/// [`Job::last_error`](crate::Job::last_error).
pub struct Ticket<T, E = Error> {
    state: State,
    value: Value<T, E>,
}

/// What a ticket gives if its write is committed.
enum Value<T, E> {
    Of(fn(Committed) -> T),
    /// What a transaction's closure gave, once it has run.
    Given(Given<T, E>),
}

/// Where a transaction's closure leaves what it gives.
pub(super) type Given<T, E> = Arc<Mutex<Option<Result<T, E>>>>;

enum State {
    /// The batch at `index` of a group.
    Submitted { commit: Arc<GroupCommit>, index: usize },
    /// Nothing had to be written.
    Done(Committed),
    /// It never came into a queue. The failure stands in the job's ledger, if there is a job.
    Refused { error: Error, entry: Option<(Arc<Failures>, u64)> },
}

impl<T, E> Ticket<T, E> {
    pub(super) fn submitted(
        commit: Arc<GroupCommit>,
        index: usize,
        value: fn(Committed) -> T,
    ) -> Self {
        Self { state: State::Submitted { commit, index }, value: Value::Of(value) }
    }

    /// Of a transaction, which is alone in its commit.
    pub(super) fn transaction(commit: Arc<GroupCommit>, given: Given<T, E>) -> Self {
        Self { state: State::Submitted { commit, index: 0 }, value: Value::Given(given) }
    }

    pub(super) fn done(committed: Committed, value: fn(Committed) -> T) -> Self {
        Self { state: State::Done(committed), value: Value::Of(value) }
    }

    pub(super) fn refused(error: Error, failures: Option<&Arc<Failures>>) -> Self {
        tracing::warn!(%error, "a write was refused");
        let entry = failures.map(|failures| (Arc::clone(failures), failures.enter(error.clone())));
        Self { state: State::Refused { error, entry }, value: Value::Given(Arc::default()) }
    }
}

impl<T, E: From<Error>> Ticket<T, E> {
    /// Blocks until the write is committed; gives the call's result.
    ///
    /// # Errors
    ///
    /// Why the write was not applied; [`Error::Unknown`] if that can't be known; or [`Error::WouldDeadlock`] on a worker's
    /// thread and [`Error::OtherProcess`] in a forked child, which say nothing about the write.
    pub fn wait(self) -> Result<T, E> {
        if let State::Submitted { commit, .. } = &self.state
            && !commit.is_resolved()
        {
            blocking::allowed()?;
            commit.wait()?;
        }
        self.show().unwrap_or_else(|| Err(Error::WouldDeadlock.into()))
    }

    /// The outcome, if there is one yet.
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
        Some(match (outcome, &self.value) {
            (Ok(committed), Value::Of(value)) => Ok(value(committed)),
            (Err(error), Value::Of(_)) => Err(error.into()),
            (outcome, Value::Given(given)) => match (outcome, given.lock().take()) {
                (Ok(_), Some(given)) => given,
                // Its own words, where it was the closure that failed.
                (Err(_), Some(Err(error))) => Err(error),
                (Err(error), _) => Err(error.into()),
                (Ok(_), None) => {
                    Err(Error::invalid_argument("a ticket was polled after its end").into())
                }
            },
        })
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

/// The outcome of a write, awaited. Dropping it doesn't take the write back.
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
