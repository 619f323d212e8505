//! The writing side of a job: writer, transactions and outcomes.

use std::time::Duration;

use crate::store::base::category::Space;
use crate::store::base::error::Error;
use crate::store::base::op::Op;
use crate::store::port::group::Group;
use crate::store::port::read::Snapshot;

/// The writing side of a job. One thread uses it at a time: the job's worker, or a thread that waits for a write.
pub trait Writer: Send {
    /// Commits a group of batches in their order, each whole or not at all. No batch fails because another one has failed. On return,
    /// the committed rows are visible to every reader.
    ///
    /// If the job has system rows, a group that is not [planned](Group::is_planned) is not applied, and the result is
    /// [`Commit::Unplanned`].
    fn commit(&mut self, group: &Group) -> Commit;

    /// Writes everything that was committed before to the disk, so that it survives a power cut. Returns one outcome.
    fn sync(&mut self) -> Commit;

    /// Runs `run` in a transaction of its own, and commits it if `run` returns `Ok`. If `run` returns an error, or if one of its
    /// writes failed, the transaction leaves no trace. Returns one outcome; [`Commit::Busy`] only if `run` has not been called. `run` is
    /// called at most once: after [`Commit::InDoubt`], the next call only determines the outcome.
    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit;

    /// Returns the rows over which the next transaction runs, if the backend has no transactions of its own, and `None` otherwise, as
    /// the default does.
    ///
    /// The engine then runs the closure over the snapshot, keeps its writes in memory, and commits them as a group of one batch, with
    /// [`commit`](Self::commit), which may be busy or in doubt as for any group. It never calls [`transact`](Self::transact). No other
    /// writer may change the job between the snapshot and the commit, so the backend refuses such a commit, with
    /// [`Error::Fenced`] for example.
    fn begin_overlay(&mut self) -> Option<Result<Box<dyn Snapshot + Send>, Retry>> {
        None
    }

    /// Returns the number of bytes that commits have added since the job was opened to a log, or to other data that can't be cleaned
    /// up while an older snapshot is in use. Returns 0 if snapshots retain nothing.
    fn logged_bytes(&self) -> u64;

    /// Takes a step of a compaction. Returns one outcome, whose `removed` is the number of bytes that the step has freed. It is called
    /// only if the reader offers [maintenance](crate::port::Reader::maintenance). The default has nothing to compact.
    fn compact(&mut self, _step: CompactStep) -> Commit {
        Commit::Resolved(vec![Outcome::Committed { removed: 0 }])
    }

    /// Closes the writer and releases its resources. The readers have been closed before.
    ///
    /// # Errors
    ///
    /// Errors of the work that is due at the close. The committed rows are safe nevertheless.
    fn close(self: Box<Self>) -> Result<(), Error>;
}

/// The result of the commit of a group, or of other work.
#[derive(Debug)]
pub enum Commit {
    /// Nothing was applied, since the group is not [planned](Group::is_planned) and the job has system rows. The engine then plans the
    /// group in a transaction, which writes the system rows that depend on it too. Other processes may add the first system row at any
    /// time, so the backend checks this in the transaction that commits.
    Unplanned,
    /// One outcome for each batch, in their order. A missing outcome counts as unknown.
    Resolved(Vec<Outcome>),
    /// Nothing was applied, for example because another process holds the lock or no connection is available. The engine makes the
    /// same call again. If the job is closing and its deadline has passed, the work is reported as not applied instead.
    Busy(Retry),
    /// It is not known yet whether the work was applied, for example because the connection was lost before the reply. No outcome is
    /// known: a backend that knows the outcome of some batches returns [`Resolved`](Self::Resolved). The engine makes the same call
    /// again, with the same group, and the backend finds out whether the first call has applied it. It applies the group only if the
    /// first call has not, and never twice. If the job is closing and its deadline has passed, the outcome is reported as unknown
    /// instead, also if later calls return [`Busy`](Self::Busy).
    ///
    /// A first call that is still under way at a server must not take effect after another writer has opened the job.
    InDoubt(Retry),
}

/// The reason for another call, and the delay before it.
#[derive(Debug)]
pub struct Retry {
    /// The error of this call. It is reported if no further call is made.
    pub error: Error,
    /// The time that the engine waits before the next call. The wait ends early when the job begins to close. It is at least 1
    /// millisecond, so that a backend that fails at once doesn't keep a processor busy. A backend that has waited itself, for example
    /// for a lock, returns [`Duration::ZERO`].
    pub after: Duration,
}

impl Retry {
    /// Returns a retry without further delay.
    pub fn at_once(error: Error) -> Self {
        Self { error, after: Duration::ZERO }
    }
}

/// The outcome of a batch.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The batch is committed.
    Committed {
        /// The number of rows that the batch's deletes removed; for a step of a compaction, the number of bytes that it has freed.
        removed: u64,
    },
    /// The batch left no trace. The job goes on, unless the error is [`Error::Failed`], [`Error::Fenced`] or [`Error::HistoryLost`].
    /// Then it accepts no more writes, and the engine passes no more work to the backend. The error of a transaction's closure has no
    /// such effect.
    NotApplied(Error),
    /// The batch may or may not be there after the job is opened again. The job has failed.
    Unknown(Error),
}

/// A step of a compaction. Waiting writes are committed between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactStep {
    /// Returns a part of the free space to the system, small enough that waiting writes are hardly delayed. Once nothing more can be
    /// returned, the step frees 0 bytes.
    GiveBack,
    /// The last step: makes the files as small as the active readers allow, without waiting for them.
    Finish,
}

/// A transaction that writes. Its reads see its own writes.
pub trait WriteTransaction: Snapshot {
    /// Applies an operation, and returns the number of rows that it removed. After an error, the transaction can't be committed
    /// any more.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error>;

    /// Applies all operations of a group, in order, and returns the number of rows that the deletes of each batch removed. A backend
    /// that applies many operations faster than one by one overrides the default.
    ///
    /// # Errors
    ///
    /// As for [`apply`](Self::apply).
    fn apply_group(&mut self, group: &Group) -> Result<Vec<u64>, Error> {
        let removed = group.batches().map(|batch| batch.ops().map(|op| self.apply(&op)).sum());
        removed.collect()
    }

    /// Returns whether the job may have rows in its system space, as for [`Writer::commit`]. A backend that knows this without a read
    /// overrides the default.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    fn has_system_rows(&mut self) -> Result<bool, Error> {
        Ok(!self.categories(Space::System)?.is_empty())
    }
}
