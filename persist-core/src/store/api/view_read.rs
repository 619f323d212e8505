use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::store::api::open_job::{Handle, OpenJob};
use crate::store::api::query::Query;
use crate::store::api::read::{Kind, Read, ReadFuture};
use crate::store::api::run::Run;
use crate::store::api::view::{At, View};
use crate::store::base::blocking;
use crate::store::base::error::Error;
use crate::store::engine::filter::About;
use crate::store::port::read::Snapshot;
use crate::store::port::stop::Stop;

/// Several reads on one snapshot that have not run yet: returned by [`Job::read`](crate::Job::read).
#[must_use = "nothing is read until `.wait()` or `.await`"]
pub struct ViewRead<'job, F> {
    handle: Handle<'job>,
    run: F,
}

impl<'job, F> ViewRead<'job, F> {
    pub(crate) fn new(handle: Handle<'job>, run: F) -> Self {
        Self { handle, run }
    }

    /// Returns the same read without a borrow of its job. It keeps the job open, and its future can be spawned.
    pub fn into_owned(self) -> ViewRead<'static, F> {
        ViewRead { handle: self.handle.into_owned(), run: self.run }
    }

    /// Reads on the calling thread. Blocks until every write submitted before is committed.
    ///
    /// # Errors
    ///
    /// The closure's own error; the errors of [`Read::wait`].
    pub fn wait<T, E: From<Error>>(self) -> Result<T, E>
    where
        F: FnOnce(&View<'_>) -> Result<T, E>,
    {
        blocking::allowed()?;
        let job = self.handle.job()?;
        if let Some(commit) = job.to_await(|| About::Everything, false)? {
            commit.wait()?;
        }
        read(job, &Stop::default(), self.run)?
    }
}

/// Runs the closure on a snapshot and returns its result.
fn read<T>(job: &OpenJob, stop: &Stop, run: impl FnOnce(&View<'_>) -> T) -> Result<T, Error> {
    let mut snapshot = job.begin_read()?;
    let snapshot: &mut dyn Snapshot = &mut snapshot;
    Ok(run(&At::new(snapshot, &job.limits, stop.clone())))
}

impl<F> fmt::Debug for ViewRead<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewRead").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl<'job, T, E, F> IntoFuture for ViewRead<'job, F>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&View<'_>) -> Result<T, E> + Send + 'static,
{
    type Output = Result<T, E>;
    type IntoFuture = ViewFuture<'job, T, E>;

    fn into_future(self) -> ViewFuture<'job, T, E> {
        let Self { handle, run } = self;
        let run =
            Run::Given(Box::new(move |job: &OpenJob, _: &Query, stop: &Stop| read(job, stop, run)));
        ViewFuture(Read::new(handle, Query::everything(), run, Kind::Long).into_future())
    }
}

/// A [`ViewRead`] that is awaited. If it is dropped before the closure runs, the closure never runs.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct ViewFuture<'job, T, E>(ReadFuture<'job, Result<T, E>>);

impl<T, E> Future for ViewFuture<'_, T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.0).poll(context))?)
    }
}
