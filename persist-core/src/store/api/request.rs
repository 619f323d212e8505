use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::store::api::open_job::{Handle, OpenJob};
use crate::store::base::error::{Error, Place};
use crate::store::base::{blocking, process};
use crate::store::engine::filter::About;
use crate::store::engine::pool::{Awaited, Pool};
use crate::store::port::stop::Stop;

/// A request that has not run yet, such as opening, closing or checking a job.
///
/// Nothing happens until [`wait`](Self::wait), which runs it on the calling thread, or `.await`, which runs it on a
/// thread of the store.
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
pub struct Request<T>(Result<Task<T>, Error>);

/// The work of a request that can run.
struct Task<T> {
    work: Box<Work<T>>,
    pool: Arc<Pool>,
    place: Place,
}

type Work<T> = dyn FnOnce(&Stop) -> Result<T, Error> + Send;

impl<T> Request<T> {
    /// Returns a request for work that runs to its end.
    pub(crate) fn new(
        pool: &Arc<Pool>,
        place: Place,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Self {
        Self(Ok(Task { work: Box::new(|_| work()), pool: Arc::clone(pool), place }))
    }

    /// Returns a request for work on an open job, which may end early once it is asked to stop. The work sees every
    /// write submitted before it runs.
    pub(crate) fn of_job(
        handle: &Handle<'_>,
        work: impl FnOnce(&OpenJob, &Stop) -> Result<T, Error> + Send + 'static,
    ) -> Self {
        Self(handle.job().map(|job| {
            let (pool, place) = (Arc::clone(&job.pool), job.place().clone());
            let job = Arc::clone(job);
            let work = move |stop: &Stop| {
                process::check(job.place())?;
                if let Some(commit) = job.to_await(|| About::Everything, false)? {
                    commit.wait()?;
                }
                work(&job, stop)
            };
            Task { work: Box::new(work), pool, place }
        }))
    }

    /// Runs the request on the calling thread, and blocks until it is done.
    ///
    /// # Errors
    ///
    /// The errors that the call documents that made the request; [`Error::WouldDeadlock`] on a worker's thread;
    /// [`Error::OtherProcess`] in a child that was forked while its parent was using a store.
    ///
    /// # Panics
    ///
    /// If a closure that was passed to the call panics, such as the one for progress: it runs on this thread. With `.await` it runs on
    /// another one, and the request returns [`Error::Panicked`].
    pub fn wait(self) -> Result<T, Error> {
        blocking::allowed()?;
        (self.0?.work)(&Stop::default())
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(task) => write!(f, "Request({})", task.place),
            Err(error) => write!(f, "Request({error})"),
        }
    }
}

impl<T: Send + 'static> IntoFuture for Request<T> {
    type Output = Result<T, Error>;
    type IntoFuture = RequestFuture<T>;

    fn into_future(self) -> RequestFuture<T> {
        RequestFuture { state: State::New(self), stop: Stop::default() }
    }
}

/// A [`Request`] that is awaited. If it is dropped before it runs, it does nothing. Once it runs, it runs to its end,
/// unless the call that made it documents that it stops.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct RequestFuture<T> {
    state: State<T>,
    stop: Stop,
}

#[derive(Debug)]
enum State<T> {
    New(Request<T>),
    Running(Awaited<T>),
    Finished,
}

impl<T: Send + 'static> Future for RequestFuture<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { state, stop } = self.get_mut();
        let awaited = match std::mem::replace(state, State::Finished) {
            State::New(Request(task)) => {
                let Task { work, pool, place } = task?;
                let stop = stop.clone();
                pool.run(&place, move |_| work(&stop))?
            }
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

impl<T> Drop for RequestFuture<T> {
    fn drop(&mut self) {
        self.stop.set();
    }
}
