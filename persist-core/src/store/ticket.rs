use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::failures::Failures;
use super::group_commit::{Committed, GroupCommit};
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
pub struct Ticket<T> {
    state: State,
    value: fn(Committed) -> T,
}

enum State {
    /// The batch at `index` of a group.
    Submitted { commit: Arc<GroupCommit>, index: usize },
    /// Nothing had to be written.
    Done(Committed),
    /// It never came into a queue. The failure stands in the job's ledger, if there is a job.
    Refused { error: Error, entry: Option<(Arc<Failures>, u64)> },
}

impl<T> Ticket<T> {
    pub(super) fn submitted(
        commit: Arc<GroupCommit>,
        index: usize,
        value: fn(Committed) -> T,
    ) -> Self {
        Self { state: State::Submitted { commit, index }, value }
    }

    pub(super) fn done(committed: Committed, value: fn(Committed) -> T) -> Self {
        Self { state: State::Done(committed), value }
    }

    pub(super) fn refused(
        error: Error,
        failures: Option<&Arc<Failures>>,
        value: fn(Committed) -> T,
    ) -> Self {
        tracing::warn!(%error, "a write was refused");
        let entry = failures.map(|failures| (Arc::clone(failures), failures.enter(error.clone())));
        Self { state: State::Refused { error, entry }, value }
    }

    /// Blocks until the write is committed; gives the call's result.
    ///
    /// # Errors
    ///
    /// Why the write was not applied; [`Error::Unknown`] if that can't be known; or
    /// [`Error::WouldDeadlock`] on a worker's thread, which says nothing of the write.
    pub fn wait(self) -> Result<T, Error> {
        if let State::Submitted { commit, .. } = &self.state
            && !commit.is_resolved()
        {
            blocking::allowed()?;
            commit.wait();
        }
        self.show().unwrap_or(Err(Error::WouldDeadlock))
    }

    /// The outcome, if there is one yet.
    fn show(&self) -> Option<Result<T, Error>> {
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
        Some(outcome.map(self.value))
    }
}

impl<T> fmt::Debug for Ticket<T> {
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

impl<T> IntoFuture for Ticket<T> {
    type Output = Result<T, Error>;
    type IntoFuture = TicketFuture<T>;

    fn into_future(self) -> TicketFuture<T> {
        TicketFuture { ticket: self, slot: None }
    }
}

/// The outcome of a write, awaited. Dropping it doesn't take the write back.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited; drop the ticket itself for fire-and-forget"]
pub struct TicketFuture<T> {
    ticket: Ticket<T>,
    slot: Option<usize>,
}

impl<T> Future for TicketFuture<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Submitted { commit, .. } = &this.ticket.state
            && commit.poll(&mut this.slot, context.waker()).is_pending()
        {
            return Poll::Pending;
        }
        match this.ticket.show() {
            Some(outcome) => Poll::Ready(outcome),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for TicketFuture<T> {
    fn drop(&mut self) {
        if let State::Submitted { commit, .. } = &self.ticket.state {
            commit.forget(self.slot);
        }
    }
}
