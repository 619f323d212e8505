use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::store::api::limits::Limits;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::base::error::{Error, Place};
use crate::store::base::op::{Op, TxOp};
use crate::store::base::reports::{Committed, Stats};
use crate::store::engine::catalog::Tables;
use crate::store::engine::filter::About;
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::pool::Pool;
use crate::store::engine::queue::{FlushPoint, Queue};
use crate::store::engine::snapshots::Lease;
use crate::store::engine::turn::{Started, Turn};
use crate::store::engine::waiting::{Entered, Purpose, Refused};
use crate::store::engine::work::Work;
use crate::store::engine::worker::Worker;
use crate::store::port::maintenance::Maintenance;
use crate::store::port::read::Reader;

/// An open job, shared by its handles. When the last handle is dropped, the worker commits the queued writes and ends
/// by itself.
pub(crate) struct OpenJob {
    worker: Arc<Worker>,
    /// The worker's queue.
    queue: Arc<Queue>,
    reader: Arc<dyn Reader>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) limits: Limits,
    pub(crate) tables: Tables,
}

impl OpenJob {
    pub(crate) fn new(
        worker: Arc<Worker>,
        reader: Arc<dyn Reader>,
        pool: Arc<Pool>,
        limits: Limits,
        tables: Tables,
    ) -> Self {
        let queue = Arc::clone(&worker.queue);
        Self { worker, queue, reader, pool, limits, tables }
    }

    pub(crate) fn place(&self) -> &Place {
        self.worker.place()
    }

    /// Checks that the job is open.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the job is closing.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        self.queue.check_open()
    }

    /// Submits a batch. If the batch is refused, its ticket reports the error.
    pub(crate) fn submit<T>(&self, batch: &[Op<'_>], value: fn(Committed) -> T) -> Ticket<T> {
        let queue = &self.queue;
        self.submit_by(batch, value, || queue.submit(batch))
            .unwrap_or_else(|error| Ticket::refused(error, Some(queue.failures())))
    }

    /// Submits a batch if there is capacity now. A refusal is returned and not kept as a failure of the job.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`], [`Error::Closed`], or [`Error::InvalidArgument`] for a part that is too long.
    pub(crate) fn try_submit<T>(
        &self,
        batch: &[Op<'_>],
        value: fn(Committed) -> T,
    ) -> Result<Ticket<T>, Error> {
        self.submit_by(batch, value, || self.queue.try_submit(batch))
    }

    /// Submits a batch with reserved capacity. Once the queue has taken over the capacity, `reserved` is 0.
    pub(crate) fn submit_reserved<T>(
        &self,
        batch: &[Op<'_>],
        reserved: &mut usize,
        value: fn(Committed) -> T,
    ) -> Ticket<T> {
        let queue = &self.queue;
        self.submit_by(batch, value, || queue.submit_reserved(batch, mem::take(reserved)))
            .unwrap_or_else(|error| Ticket::refused(error, Some(queue.failures())))
    }

    /// Checks a batch, and calls `submit` unless it is empty.
    fn submit_by<T>(
        &self,
        batch: &[Op<'_>],
        value: fn(Committed) -> T,
        submit: impl FnOnce() -> Result<Entered, Error>,
    ) -> Result<Ticket<T>, Error> {
        let value = Value::Of(value);
        self.check(batch)?;
        if batch.is_empty() {
            return Ok(Ticket::done(self.nothing_committed(), value));
        }
        let (commit, index) = submit()?;
        Ok(Ticket::submitted(commit, index, value))
    }

    /// Checks that the job is open and that a batch is within the limits.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`], or [`Error::InvalidArgument`] for a part or a batch that is too long.
    pub(crate) fn check(&self, batch: &[Op<'_>]) -> Result<(), Error> {
        self.check_open()?;
        self.limits.check_batch(batch)
    }

    /// Returns the result of an empty batch.
    fn nothing_committed(&self) -> Committed {
        Committed { commit: self.queue.sequence(), removed: 0 }
    }

    /// Submits a write, or adds it to the waiting line if there is no capacity. Never blocks.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check). The error returns `purpose`.
    pub(crate) fn start(&self, purpose: Purpose) -> Result<Started, Refused> {
        let (checked, is_empty) = match &purpose {
            Purpose::Batch(ops) => {
                let batch: Vec<Op<'_>> = ops.iter().map(TxOp::as_op).collect();
                (self.check(&batch), batch.is_empty())
            }
            Purpose::Alone(_) | Purpose::Capacity(_) => (self.check_open(), false),
        };
        match checked {
            Ok(()) if is_empty => Ok(Started::Done(self.nothing_committed())),
            Ok(()) => self.queue.enter_or_line_up(purpose),
            Err(error) => Err(Refused::new(error, purpose)),
        }
    }

    /// Takes `cost` bytes of capacity and returns `None`, or returns a place in the waiting line. Never blocks.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`].
    pub(crate) fn reserve(&self, cost: usize) -> Result<Option<Turn>, Error> {
        self.check_open()?;
        self.queue.reserve_or_line_up(cost)
    }

    /// Returns the end of the writes that were submitted so far, for a flush.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the job is closing.
    pub(crate) fn flush_point(&self) -> Result<FlushPoint, Error> {
        self.queue.flush_point()
    }

    /// Returns the first failure before a flush that no ticket has reported, and strikes it off: the flush reports it.
    pub(crate) fn strike_first_failure(&self, point: &FlushPoint) -> Option<Error> {
        point.strike_first(self.queue.failures())
    }

    /// Releases reserved capacity.
    pub(crate) fn release(&self, reserved: usize) {
        self.queue.capacity().release(reserved);
    }

    /// Submits work other than a batch: a sync, a transaction or a step of a compaction.
    pub(crate) fn submit_alone<T, E>(&self, work: Work, value: Value<T, E>) -> Ticket<T, E> {
        self.submit_alone_by(value, || self.queue.submit_alone(work))
    }

    /// Submits work other than a batch with reserved capacity. Once the queue has taken over the capacity, `reserved`
    /// is 0.
    pub(crate) fn submit_alone_reserved<T, E>(
        &self,
        work: Work,
        reserved: &mut usize,
        value: Value<T, E>,
    ) -> Ticket<T, E> {
        let queue = &self.queue;
        self.submit_alone_by(value, || queue.submit_alone_reserved(work, mem::take(reserved)))
    }

    fn submit_alone_by<T, E>(
        &self,
        value: Value<T, E>,
        submit: impl FnOnce() -> Result<Entered, Error>,
    ) -> Ticket<T, E> {
        match self.check_open().and_then(|()| submit()) {
            Ok((commit, index)) => Ticket::submitted(commit, index, value),
            Err(error) => Ticket::refused(error, Some(self.queue.failures())),
        }
    }

    /// Returns the commit that a read has to wait for in order to see every earlier write that may affect it. Returns
    /// `None` if there is no such write, or if `committed` rows are enough for the read.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the job is closing.
    pub(crate) fn to_await<'a>(
        &self,
        about: impl FnOnce() -> About<'a>,
        committed: bool,
    ) -> Result<Option<Arc<GroupCommit>>, Error> {
        let queue = &self.queue;
        if committed { queue.check_open().map(|()| None) } else { queue.unresolved(about) }
    }

    /// Takes a snapshot.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub(crate) fn begin_read(&self) -> Result<Lease, Error> {
        self.worker.snapshots.begin(self.reader())
    }

    pub(crate) fn reader(&self) -> &dyn Reader {
        &*self.reader
    }

    /// Returns the maintenance of the job.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the backend offers none.
    pub(crate) fn maintenance(&self) -> Result<&dyn Maintenance, Error> {
        self.reader().maintenance().ok_or_else(|| {
            let what = format!("maintenance of {}: its backend has none", self.place());
            Error::Unsupported { what }
        })
    }

    /// Returns statistics of the job.
    ///
    /// # Errors
    ///
    /// As for [`Maintenance::storage`].
    pub(crate) fn stats(&self) -> Result<Stats, Error> {
        let queue = &self.queue;
        Ok(Stats {
            queue_bytes: queue.capacity().used(),
            queue_limit_bytes: queue.capacity().limit(),
            commits: queue.sequence(),
            failures: queue.failures().entered(),
            storage: self.reader().maintenance().map(Maintenance::storage).transpose()?,
        })
    }

    pub(crate) fn last_error(&self) -> Option<Error> {
        self.queue.failures().last()
    }

    /// Starts the close: the worker commits the queued writes and ends. Does not wait for it.
    pub(crate) fn drain(&self) {
        self.worker.drain();
    }

    /// Starts the close and waits for the worker's end.
    ///
    /// # Errors
    ///
    /// The first failure of a write that no ticket has reported, or an error of the close itself.
    pub(crate) fn close(&self) -> Result<(), Error> {
        self.drain();
        self.worker.join()
    }
}

impl fmt::Debug for OpenJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenJob")
            .field("worker", &self.worker)
            .field("pool", &self.pool)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Drop for OpenJob {
    fn drop(&mut self) {
        self.drain();
    }
}

/// The open job that a request is for: borrowed from a handle, owned, or the reason why there is none.
#[derive(Clone, Debug)]
pub(crate) enum Handle<'job> {
    Borrowed(&'job Arc<OpenJob>),
    Owned(Arc<OpenJob>),
    Missing(Error),
}

impl Handle<'_> {
    pub(crate) fn job(&self) -> Result<&Arc<OpenJob>, Error> {
        match self {
            Self::Borrowed(job) => Ok(job),
            Self::Owned(job) => Ok(job),
            Self::Missing(error) => Err(error.clone()),
        }
    }

    pub(crate) fn into_owned(self) -> Handle<'static> {
        match self {
            Self::Borrowed(job) => Handle::Owned(Arc::clone(job)),
            Self::Owned(job) => Handle::Owned(job),
            Self::Missing(error) => Handle::Missing(error),
        }
    }
}

impl From<Result<Arc<OpenJob>, Error>> for Handle<'static> {
    fn from(job: Result<Arc<OpenJob>, Error>) -> Self {
        job.map_or_else(Handle::Missing, Handle::Owned)
    }
}
