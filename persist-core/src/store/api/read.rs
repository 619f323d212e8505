use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::store::api::open_job::{Handle, OpenJob};
use crate::store::api::query::Query;
use crate::store::api::run::Run;
use crate::store::base::blocking;
use crate::store::base::error::Error;
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::pool::Awaited;
use crate::store::port::page::Page;
use crate::store::port::stop::Stop;

/// A read that has not run yet.
///
/// Nothing happens until [`wait`](Self::wait), which reads on the calling thread, or `.await`. An awaited point read
/// runs on the thread that polls it, a longer read on a thread of the store. In either case the read sees every write
/// submitted to the job before that, through any handle. It waits for those that are not committed yet and may write
/// its keys or, for a scan or count, its category.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.persist_put("raw", key!("a"), b"1");
/// assert_eq!(job.get("raw", key!("a")).wait()?.as_deref(), Some(&b"1"[..]));
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// # Spawned tasks
///
/// A read borrows its job, while a spawned task has to own its data. [`into_owned`](Self::into_owned) ends the borrow,
/// and [`into_future`](IntoFuture::into_future) returns the future that `spawn` takes:
///
/// ```
/// use persist_core::{Job, Memory, Persistency};
/// # fn spawn<F: Future<Output: Send + 'static> + Send + 'static>(_: F) {}
///
/// fn in_tasks(job: &Job) {
///     spawn(job.get("raw", "a").into_owned().into_future());
///     let job = job.clone();
///     spawn(async move { job.get("raw", "a").await });
/// }
/// # in_tasks(&Persistency::open(Memory::new())?.open_job("alpha").wait()?);
/// # Ok::<(), persist_core::Error>(())
/// ```
#[must_use = "nothing is read until `.wait()` or `.await`"]
pub struct Read<'job, T> {
    handle: Handle<'job>,
    query: Query,
    run: Run<T>,
    kind: Kind,
    /// Whether the read sees only committed rows, without waiting for submitted writes.
    committed: bool,
}

/// The duration of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As short as a `get`: it may run on the thread that polls it.
    Point,
    /// Longer: an awaited one runs on the pool.
    Long,
}

impl<'job, T> Read<'job, T> {
    pub(crate) fn new(handle: Handle<'job>, query: Query, run: Run<T>, kind: Kind) -> Self {
        Self { handle, query, run, kind, committed: false }
    }

    /// Returns the same read without a borrow of its job. It keeps the job open, and its future can be spawned.
    pub fn into_owned(self) -> Read<'static, T> {
        let Self { handle, query, run, kind, committed } = self;
        Read { handle: handle.into_owned(), query, run, kind, committed }
    }

    /// Returns a read whose result is `f` applied to the result of this one.
    ///
    /// It is as lazy as this read. `f` is called on the thread that reads, unless the read fails.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"bytes");
    /// let len = job.get("raw", "a").map(|payload| payload.map_or(0, |payload| payload.len()));
    /// assert_eq!(len.wait()?, 5);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn map<U>(self, f: impl FnOnce(T) -> U + Send + 'static) -> Read<'job, U>
    where
        T: 'static,
    {
        let Self { handle, query, run, kind, committed } = self;
        Read { handle, query, run: run.map(f), kind, committed }
    }

    /// Reads only what is committed. The read never waits for a write, and may miss writes that were submitted
    /// before.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1").wait()?;
    /// job.persist_put("raw", "a", b"2");
    /// let seen = job.get("raw", "a").committed().wait()?;
    /// assert!(seen.as_deref() == Some(b"1") || seen.as_deref() == Some(b"2"));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// Runs the read on a thread of the store when it is awaited, even if it is a point read, which would otherwise run
    /// on the thread that polls it. [`wait`](Self::wait) still reads on the calling thread.
    pub fn offload(mut self) -> Self {
        self.kind = Kind::Long;
        self
    }

    /// Reads on the calling thread. Blocks until the writes that were submitted before and that the read may see are
    /// committed.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`] or [`Error::Closed`]; [`Error::Corrupt`] and other errors of the backend;
    /// [`Error::WouldDeadlock`] on a worker's thread; [`Error::OtherProcess`] in a forked child that would have to wait
    /// for its parent.
    pub fn wait(self) -> Result<T, Error> {
        blocking::allowed()?;
        let job = self.handle.job()?;
        if let Some(commit) = job.to_await(|| self.query.about(), self.committed)? {
            commit.wait()?;
        }
        self.run.call(job, &self.query, &Stop::default())
    }
}

impl<T> fmt::Debug for Read<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read")
            .field("handle", &self.handle)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Read<'_, T> {
    /// As for [`Run::start_first_page`].
    fn start_first_page(&self) -> Result<Option<Awaited<(Page, bool)>>, Error> {
        Ok(self.run.start_first_page(self.handle.job()?, &self.query))
    }
}

impl<'job, T: Send + 'static> IntoFuture for Read<'job, T> {
    type Output = Result<T, Error>;
    type IntoFuture = ReadFuture<'job, T>;

    fn into_future(self) -> ReadFuture<'job, T> {
        ReadFuture { read: Some(self), state: State::New }
    }
}

/// A [`Read`] that is awaited. If it is dropped, a scan or a count that runs on another thread stops soon after.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct ReadFuture<'job, T> {
    /// `None` once the read runs.
    read: Option<Read<'job, T>>,
    state: State<T>,
}

#[derive(Debug)]
enum State<T> {
    New,
    /// Waits for writes that were submitted before the first poll.
    Waiting {
        commit: Arc<GroupCommit>,
        slot: Option<usize>,
    },
    Ready,
    /// The backend reads the first page of a scan.
    FirstPage(Awaited<(Page, bool)>),
    Offloaded(Awaited<T>),
}

impl<T: Send + 'static> Future for ReadFuture<'_, T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::New => {
                    let Some(read) = &this.read else { return Poll::Pending };
                    let job = read.handle.job()?;
                    this.state = match job.to_await(|| read.query.about(), read.committed)? {
                        Some(commit) => State::Waiting { commit, slot: None },
                        None => State::Ready,
                    };
                }
                State::Waiting { commit, slot } => {
                    ready!(commit.poll(slot, context.waker()))?;
                    this.state = State::Ready;
                }
                State::Ready => {
                    let Some(read) = this.read.take() else { return Poll::Pending };
                    if let Some(page) = read.start_first_page()? {
                        this.read = Some(read);
                        this.state = State::FirstPage(page);
                        continue;
                    }
                    let Read { handle, query, run, kind, .. } = read;
                    let job = handle.job()?;
                    let run = match run.start(job, &query) {
                        Ok(awaited) => {
                            this.state = State::Offloaded(awaited);
                            continue;
                        }
                        Err(run) => run,
                    };
                    if kind == Kind::Point && job.reader().may_run_inline() {
                        return Poll::Ready(run.call(job, &query, &Stop::default()));
                    }
                    this.state = State::Offloaded(offload(job, query, run)?);
                }
                State::FirstPage(page) => {
                    let (page, more) = ready!(page.poll(context.waker()))?;
                    let Some(read) = this.read.take() else { return Poll::Pending };
                    let Read { handle, query, run, .. } = read;
                    let job = handle.job()?;
                    let run = if query.is_complete(&page, more) {
                        match run.finish(job, page) {
                            Ok(result) => return Poll::Ready(result),
                            Err(run) => run,
                        }
                    } else {
                        run
                    };
                    // All rows have to come from one snapshot, so the scan starts again.
                    this.state = State::Offloaded(offload(job, query, run)?);
                }
                State::Offloaded(awaited) => return awaited.poll(context.waker()),
            }
        }
    }
}

/// Runs the code of a read on a thread of the pool.
fn offload<T: Send + 'static>(
    job: &Arc<OpenJob>,
    query: Query,
    run: Run<T>,
) -> Result<Awaited<T>, Error> {
    let owner = Arc::clone(job);
    job.pool.run(job.place(), move |stop: &Stop| run.call(&owner, &query, stop))
}

impl<T> Drop for ReadFuture<'_, T> {
    fn drop(&mut self) {
        if let State::Waiting { commit, slot } = &self.state {
            commit.forget(*slot);
        }
    }
}
