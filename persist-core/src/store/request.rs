use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::pool::{Awaited, Pool};
use super::{Error, Place, blocking};

/// Opening, closing and the like: a request that has not run yet.
///
/// Nothing happens until [`wait`](Self::wait), which runs it on this thread, or `.await`, which runs it
/// on a thread of the store's own.
///
/// ```
/// use persist_core::{Memory, Persistency};
///
/// let store = Persistency::open(Memory::new())?;
/// let job = store.open_job("alpha").wait()?;
/// store.close().wait()?;
/// # Ok::<(), persist_core::Error>(())
/// ```
#[must_use = "nothing happens until `.wait()` or `.await`"]
pub struct Request<T> {
    work: Box<dyn FnOnce() -> Result<T, Error> + Send>,
    pool: Arc<Pool>,
    place: Place,
}

impl<T> Request<T> {
    pub(super) fn new(
        pool: &Arc<Pool>,
        place: Place,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Self {
        Self { work: Box::new(work), pool: Arc::clone(pool), place }
    }

    /// Runs it on this thread; blocks until it is done.
    ///
    /// # Errors
    ///
    /// As the call that made the request says; [`Error::WouldDeadlock`] on a worker's thread.
    pub fn wait(self) -> Result<T, Error> {
        blocking::allowed()?;
        (self.work)()
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.place)
    }
}

impl<T: Send + 'static> IntoFuture for Request<T> {
    type Output = Result<T, Error>;
    type IntoFuture = RequestFuture<T>;

    fn into_future(self) -> RequestFuture<T> {
        RequestFuture(State::New(self))
    }
}

/// A [`Request`], awaited. Dropped before it runs it does nothing; once it runs, it runs to its end.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct RequestFuture<T>(State<T>);

#[derive(Debug)]
enum State<T> {
    New(Request<T>),
    Running(Awaited<T>),
    Finished,
}

impl<T: Send + 'static> Future for RequestFuture<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let state = &mut self.get_mut().0;
        let awaited = match std::mem::replace(state, State::Finished) {
            State::New(Request { work, pool, place }) => match pool.run(&place, move |_| work()) {
                Ok(awaited) => awaited,
                Err(error) => return Poll::Ready(Err(error)),
            },
            State::Running(awaited) => awaited,
            State::Finished => return Poll::Pending,
        };
        let poll = awaited.poll(context.waker());
        if poll.is_pending() {
            *state = State::Running(awaited);
        }
        poll
    }
}
