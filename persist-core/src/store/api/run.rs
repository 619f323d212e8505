//! The code of a read. It runs on a thread, or the backend starts the read and completes it later.

use std::sync::Arc;

use crate::store::api::open_job::OpenJob;
use crate::store::api::query::{self, Query};
use crate::store::api::rows::Rows;
use crate::store::base::error::Error;
use crate::store::engine::pool::{Awaited, promise};
use crate::store::port::completion::Completion;
use crate::store::port::page::Page;
use crate::store::port::stop::Stop;

/// The code that finds the result of a read.
pub(crate) enum Run<T> {
    /// A function that reads on any thread.
    Known(Answer<T>),
    /// A closure that reads on any thread.
    Given(Box<Code<T>>),
    /// Reads the payload under the query's key.
    Get(Then<Option<Vec<u8>>, T>),
    /// Counts the rows of the query.
    Count(Then<u64, T>),
    /// Reads the first rows of the query, at most one page.
    Page(Then<Page, T>),
    /// Reads all rows of the query.
    Scan(Then<Rows, T>),
}

/// A function that finds the result of a read.
pub(crate) type Answer<T> = fn(&OpenJob, &Query, &Stop) -> Result<T, Error>;

/// A closure that finds the result of one read.
type Code<T> = dyn FnOnce(&OpenJob, &Query, &Stop) -> Result<T, Error> + Send;

/// A closure that turns the backend's result into the result of one read.
type Step<A, T> = dyn FnOnce(&OpenJob, A) -> Result<T, Error> + Send;

/// The step from the backend's result to the result of the read.
pub(crate) enum Then<A, T> {
    Known(fn(&OpenJob, A) -> Result<T, Error>),
    Given(Box<Step<A, T>>),
}

impl<A, T> Then<A, T> {
    fn call(self, job: &OpenJob, found: A) -> Result<T, Error> {
        match self {
            Self::Known(then) => then(job, found),
            Self::Given(then) => then(job, found),
        }
    }

    fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Then<A, U>
    where
        A: 'static,
        T: 'static,
    {
        Then::Given(Box::new(move |job, found| self.call(job, found).map(f)))
    }
}

impl<T> Run<T> {
    /// Returns code whose result is `f` applied to the result of this code.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Run<U>
    where
        T: 'static,
    {
        match self {
            Self::Get(then) => Run::Get(then.map(f)),
            Self::Count(then) => Run::Count(then.map(f)),
            Self::Page(then) => Run::Page(then.map(f)),
            Self::Scan(then) => Run::Scan(then.map(f)),
            run @ (Self::Known(_) | Self::Given(_)) => {
                Run::Given(Box::new(move |job, query, stop| run.call(job, query, stop).map(f)))
            }
        }
    }

    /// Reads on this thread.
    pub(crate) fn call(self, job: &OpenJob, query: &Query, stop: &Stop) -> Result<T, Error> {
        match self {
            Self::Known(run) => run(job, query, stop),
            Self::Given(run) => run(job, query, stop),
            Self::Get(then) => then.call(job, query.get(job.reader())?),
            Self::Count(then) => then.call(job, query.count(job.reader(), stop)?),
            Self::Page(then) => then.call(job, query.first_page(job.reader(), stop)?),
            Self::Scan(then) => then.call(job, query::scan(job, query, stop)?),
        }
    }
}

impl<T: Send + 'static> Run<T> {
    /// Starts the read in the backend, if the backend and the code allow it. The backend completes it on a thread of its own, where
    /// nothing but the last step of the read runs.
    ///
    /// # Errors
    ///
    /// Returns the code if it can't be started.
    pub(crate) fn start(self, job: &Arc<OpenJob>, query: &Query) -> Result<Awaited<T>, Self> {
        let reader = job.reader();
        if !reader.starts_reads() {
            return Err(self);
        }
        match self {
            Self::Get(then) => Ok(begin(job, then, |_, done| query.start_get(reader, done))),
            Self::Count(then) => {
                Ok(begin(job, then, |stop, done| query.start_count(reader, stop, done)))
            }
            Self::Page(then) => {
                let then = Then::Given(Box::new(|job, (page, _)| then.call(job, page)));
                Ok(begin(job, then, |stop, done| query.start_first_page(reader, stop, done)))
            }
            run @ (Self::Known(_) | Self::Given(_) | Self::Scan(_)) => Err(run),
        }
    }

    /// Starts the read of a scan's first page in the backend, if the backend starts reads and the rows may fit into one page.
    pub(crate) fn start_first_page(
        &self,
        job: &Arc<OpenJob>,
        query: &Query,
    ) -> Option<Awaited<(Page, bool)>> {
        let reader = job.reader();
        if !matches!(self, Self::Scan(_)) || !query.may_fit_one_page() || !reader.starts_reads() {
            return None;
        }
        Some(begin(job, Then::Known(query::unchanged), |stop, done| {
            query.start_first_page(reader, stop, done);
        }))
    }

    /// Returns the result of a scan whose rows are all in one page.
    ///
    /// # Errors
    ///
    /// Returns the code if it is not that of a scan.
    pub(crate) fn finish(self, job: &OpenJob, page: Page) -> Result<Result<T, Error>, Self> {
        match self {
            Self::Scan(then) => Ok(then.call(job, Rows::new(Arc::new(page)))),
            run => Err(run),
        }
    }
}

/// Starts a read with `start`, and returns its future.
fn begin<A: Send + 'static, T: Send + 'static>(
    job: &Arc<OpenJob>,
    then: Then<A, T>,
    start: impl FnOnce(&Stop, Completion<A>),
) -> Awaited<T> {
    let (awaited, fulfil) = promise(job.place());
    let owner = Arc::clone(job);
    let done = Completion::new(job.place().clone(), move |found| {
        fulfil(Box::new(move || then.call(&owner, found?)));
    });
    start(awaited.stop(), done);
    awaited
}
