use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::store::api::open_job::{Handle, OpenJob};
use crate::store::base::blocking;
use crate::store::base::error::Error;
use crate::store::engine::queue::FlushPoint;

/// A flush that has not begun: returned by [`Job::flush`](crate::Job::flush).
#[must_use = "nothing is waited for until `.wait()` or `.await`"]
pub struct Flush<'job>(Handle<'job>);

impl<'job> Flush<'job> {
    pub(crate) fn new(handle: Handle<'job>) -> Self {
        Self(handle)
    }

    /// Returns the same request without the borrow of its job. It keeps the job open.
    pub fn into_owned(self) -> Flush<'static> {
        Flush(self.0.into_owned())
    }

    /// Blocks until everything that was submitted before is committed or has failed.
    ///
    /// # Errors
    ///
    /// The first failure that no ticket has reported; [`Error::JobNotFound`] or [`Error::Closed`];
    /// [`Error::WouldDeadlock`] on a worker's thread; [`Error::OtherProcess`] in a forked child that would have to wait
    /// for its parent.
    pub fn wait(self) -> Result<(), Error> {
        blocking::allowed()?;
        let job = self.0.job()?;
        let point = job.flush_point()?;
        if let Some((commit, _)) = &point.newest {
            commit.wait()?;
        }
        finish(job, &point)
    }
}

fn finish(job: &OpenJob, point: &FlushPoint) -> Result<(), Error> {
    job.strike_first_failure(point).map_or(Ok(()), Err)
}

impl fmt::Debug for Flush<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Flush").field(&self.0).finish()
    }
}

impl<'job> IntoFuture for Flush<'job> {
    type Output = Result<(), Error>;
    type IntoFuture = FlushFuture<'job>;

    fn into_future(self) -> FlushFuture<'job> {
        FlushFuture { handle: self.0, state: State::New }
    }
}

/// A [`Flush`] that is awaited. It covers everything that was submitted before its first poll.
#[must_use = "a future does nothing unless it is awaited"]
#[derive(Debug)]
pub struct FlushFuture<'job> {
    handle: Handle<'job>,
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    Waiting { point: FlushPoint, slot: Option<usize> },
    Ended,
}

impl Future for FlushFuture<'_> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { handle, state } = self.get_mut();
        let job = Arc::clone(handle.job()?);
        if matches!(state, State::New) {
            *state = State::Waiting { point: job.flush_point()?, slot: None };
        }
        let State::Waiting { point, slot } = state else { return Poll::Pending };
        if let Some((commit, _)) = &point.newest {
            ready!(commit.poll(slot, context.waker()))?;
        }
        let end = finish(&job, point);
        *state = State::Ended;
        Poll::Ready(end)
    }
}

impl Drop for FlushFuture<'_> {
    fn drop(&mut self) {
        if let State::Waiting { point, slot } = &self.state
            && let Some((commit, _)) = &point.newest
        {
            commit.forget(*slot);
        }
    }
}
