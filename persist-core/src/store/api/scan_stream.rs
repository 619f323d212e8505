use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker, ready};

use crate::store::api::open_job::Handle;
use crate::store::api::paging::{JobPages, PageRows, Pages};
use crate::store::api::query::Query;
use crate::store::api::rows::RowBuf;
use crate::store::base::error::Error;
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::pool::Awaited;
use crate::store::port::page::Page;

/// The rows of a [`Scan`](crate::Scan), awaited one by one: returned by [`Scan::stream`](crate::Scan::stream).
///
/// The stream reads about 1,000 rows at a time from one snapshot, on a thread of the store. Between these pages the
/// task yields. With the feature `futures-core`, it also implements `Stream`.
///
/// The stream ends after the last row or after an error. Dropping it ends the scan.
#[must_use = "nothing is read until a row is awaited"]
pub struct ScanStream {
    state: State,
    rows: PageRows,
}

enum State {
    New {
        handle: Handle<'static>,
        query: Query,
        committed: bool,
    },
    /// Waits for the writes submitted before the first poll.
    Waiting {
        pages: Pages<JobPages>,
        commit: Arc<GroupCommit>,
        slot: Option<usize>,
    },
    /// The rest of the scan, after the current page.
    Between(Pages<JobPages>),
    /// A thread of the pool reads the next page.
    Turning(Awaited<(Page, Option<Pages<JobPages>>)>),
    Ended,
}

impl ScanStream {
    pub(crate) fn new(handle: Handle<'static>, query: Query, committed: bool) -> Self {
        Self { state: State::New { handle, query, committed }, rows: PageRows::default() }
    }

    /// Returns the next row, or `None` after the last one. Dropping the future loses no row.
    ///
    /// ```
    /// use persist_core::{Job, Error, Memory, Persistency};
    ///
    /// async fn sum(job: &Job) -> Result<u64, Box<dyn std::error::Error>> {
    ///     let mut rows = job.scan("raw", ..).stream();
    ///     let mut sum = 0;
    ///     while let Some(row) = rows.next().await {
    ///         sum += row?.decode::<u64>()?;
    ///     }
    ///     Ok(sum)
    /// }
    /// # let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// # for n in 1..=4u64 {
    /// #     job.persist_encoded("raw", n, &n);
    /// # }
    /// # let mut sum = std::pin::pin!(sum(&job));
    /// # loop {
    /// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     if let std::task::Poll::Ready(sum) = sum.as_mut().poll(&mut context) {
    /// #         assert_eq!(sum.unwrap(), 10);
    /// #         break;
    /// #     }
    /// #     std::thread::yield_now();
    /// # }
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Read::wait`](crate::Read::wait). The error is returned in place of a row, and nothing follows it.
    pub async fn next(&mut self) -> Option<Result<RowBuf, Error>> {
        poll_fn(|context| self.poll_row(context.waker())).await
    }

    fn poll_row(&mut self, waker: &Waker) -> Poll<Option<Result<RowBuf, Error>>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.poll_page(waker)) {
                Ok(Some(page)) => self.rows = page.into(),
                Ok(None) => return Poll::Ready(None),
                Err(error) => {
                    self.state = State::Ended;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// Returns the next page, or `None` after the last one.
    fn poll_page(&mut self, waker: &Waker) -> Poll<Result<Option<Page>, Error>> {
        loop {
            match &mut self.state {
                State::Waiting { commit, slot, .. } => ready!(commit.poll(slot, waker))?,
                State::Turning(awaited) => {
                    let (page, rest) = ready!(awaited.poll(waker))?;
                    self.state = rest.map_or(State::Ended, State::Between);
                    return Poll::Ready(Ok(Some(page)));
                }
                State::New { .. } | State::Between(_) | State::Ended => {}
            }
            self.state = match std::mem::replace(&mut self.state, State::Ended) {
                State::New { handle, query, committed } => {
                    let job = handle.job()?;
                    let commit = job.to_await(|| query.about(), committed)?;
                    let pages = JobPages::lazy(Arc::clone(job), query);
                    match commit {
                        Some(commit) => State::Waiting { pages, commit, slot: None },
                        None => State::Between(pages),
                    }
                }
                State::Waiting { pages, .. } => State::Between(pages),
                State::Between(pages) => {
                    let job = Arc::clone(pages.source().job());
                    State::Turning(job.pool.run(job.place(), |stop| pages.turn(stop))?)
                }
                State::Turning(_) | State::Ended => return Poll::Ready(Ok(None)),
            };
        }
    }
}

impl fmt::Debug for ScanStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanStream").finish_non_exhaustive()
    }
}

impl Drop for ScanStream {
    fn drop(&mut self) {
        if let State::Waiting { commit, slot, .. } = &self.state {
            commit.forget(*slot);
        }
    }
}

#[cfg(feature = "futures-core")]
impl futures_core::Stream for ScanStream {
    type Item = Result<RowBuf, Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_row(context.waker())
    }
}
