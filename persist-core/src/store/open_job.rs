use std::sync::Arc;

use super::filter::About;
use super::group_commit::{Committed, GroupCommit};
use super::limits::Limits;
use super::pool::Pool;
use super::port::{Op, Reader};
use super::room::Room;
use super::snapshots::Lease;
use super::ticket::Ticket;
use super::work::Work;
use super::worker::Worker;
use super::{Config, Error, Place, Stats};

/// An open job, shared by its handles. When the last one goes, the worker drains and ends by itself.
#[derive(Debug)]
pub(super) struct OpenJob {
    worker: Arc<Worker>,
    reader: SharedReader,
    pub(super) pool: Arc<Pool>,
    pub(super) limits: Limits,
}

/// A reader, with a `Debug` of its own.
struct SharedReader(Arc<dyn Reader>);

impl std::fmt::Debug for SharedReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl OpenJob {
    pub(super) fn new(
        worker: Arc<Worker>,
        reader: Arc<dyn Reader>,
        pool: Arc<Pool>,
        config: &Config,
    ) -> Self {
        let limits = Limits::new(worker.place().clone(), config);
        Self { worker, reader: SharedReader(reader), pool, limits }
    }

    pub(super) fn place(&self) -> &Place {
        self.worker.place()
    }

    /// # Errors
    ///
    /// [`Error::Closed`] once the job is closing.
    pub(super) fn check_open(&self) -> Result<(), Error> {
        self.worker.queue.check_open()
    }

    /// As [`Queue::check_worth_waiting`](super::queue::Queue::check_worth_waiting).
    pub(super) fn check_worth_waiting(&self) -> Result<(), Error> {
        self.worker.queue.check_worth_waiting()
    }

    /// Submits a batch. What is wrong with it is told by its ticket.
    pub(super) fn submit<T>(&self, batch: &[Op<'_>], value: fn(Committed) -> T) -> Ticket<T> {
        let queue = &self.worker.queue;
        self.submit_by(batch, value, || queue.submit(batch))
            .unwrap_or_else(|error| Ticket::refused(error, Some(queue.failures())))
    }

    /// Submits a batch if there is room at once. Why not is nobody's failure: it is told here.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`], [`Error::Closed`], or [`Error::InvalidArgument`] for what is too long.
    pub(super) fn try_submit<T>(
        &self,
        batch: &[Op<'_>],
        value: fn(Committed) -> T,
    ) -> Result<Ticket<T>, Error> {
        self.submit_by(batch, value, || self.worker.queue.try_submit(batch))
    }

    /// Submits a batch for which room is taken: then it is no longer `reserved`, but the queue's.
    pub(super) fn submit_reserved<T>(
        &self,
        batch: &[Op<'_>],
        reserved: &mut usize,
        value: fn(Committed) -> T,
    ) -> Ticket<T> {
        let queue = &self.worker.queue;
        self.submit_by(batch, value, || queue.submit_reserved(batch, std::mem::take(reserved)))
            .unwrap_or_else(|error| Ticket::refused(error, Some(queue.failures())))
    }

    /// Checks a batch, and submits it by `submit` unless it is empty.
    fn submit_by<T>(
        &self,
        batch: &[Op<'_>],
        value: fn(Committed) -> T,
        submit: impl FnOnce() -> Result<(Arc<GroupCommit>, usize), Error>,
    ) -> Result<Ticket<T>, Error> {
        self.check_open()?;
        batch.iter().try_for_each(|op| self.limits.check(op))?;
        if batch.is_empty() {
            let committed = Committed { sequence: self.worker.queue.sequence(), removed: 0 };
            return Ok(Ticket::done(committed, value));
        }
        let (commit, index) = submit()?;
        Ok(Ticket::submitted(commit, index, value))
    }

    pub(super) fn room(&self) -> &Room {
        self.worker.queue.room()
    }

    /// Submits what is no plain batch.
    pub(super) fn submit_alone<T, E>(
        &self,
        work: Work,
        ticket: impl FnOnce(Arc<GroupCommit>) -> Ticket<T, E>,
    ) -> Ticket<T, E> {
        let queue = &self.worker.queue;
        match self.check_open().and_then(|()| queue.submit_alone(work)) {
            Ok(commit) => ticket(commit),
            Err(error) => Ticket::refused(error, Some(queue.failures())),
        }
    }

    /// What a read has to wait for, to see all of what it is about that was submitted before it; nothing if
    /// `committed` is enough for it.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the job is closing.
    pub(super) fn to_await<'a>(
        &self,
        about: impl FnOnce() -> About<'a>,
        committed: bool,
    ) -> Result<Option<Arc<GroupCommit>>, Error> {
        let queue = &self.worker.queue;
        if committed { queue.check_open().map(|()| None) } else { queue.unresolved(about) }
    }

    /// Takes a snapshot.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub(super) fn begin_read(&self) -> Result<Lease, Error> {
        self.worker.snapshots.begin(self.reader())
    }

    pub(super) fn reader(&self) -> &dyn Reader {
        &*self.reader.0
    }

    /// # Errors
    ///
    /// As [`Reader::storage`].
    pub(super) fn stats(&self) -> Result<Stats, Error> {
        let queue = &self.worker.queue;
        Ok(Stats {
            queue_bytes: queue.room().used(),
            queue_limit_bytes: queue.room().limit(),
            commits: queue.sequence(),
            failures: queue.failures().entered(),
            storage: self.reader().storage()?,
        })
    }

    pub(super) fn last_error(&self) -> Option<Error> {
        self.worker.queue.failures().last()
    }

    /// Lets the worker write what is queued and end. Doesn't wait.
    pub(super) fn drain(&self) {
        self.worker.drain();
    }

    /// Drains and waits for the end.
    ///
    /// # Errors
    ///
    /// The first failure of a write that no ticket has shown, or of the closing itself.
    pub(super) fn close(&self) -> Result<(), Error> {
        self.drain();
        self.worker.join()
    }
}

impl Drop for OpenJob {
    fn drop(&mut self) {
        self.drain();
    }
}
