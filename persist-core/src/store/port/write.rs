//! The writing side of a job.

use crate::store::base::error::Error;
use crate::store::base::op::Op;
use crate::store::port::group::Group;
use crate::store::port::read::Snapshot;

/// The writing side of a job, used by one thread at a time: its worker, or one that waits for a write.
pub trait Writer: Send {
    /// Commits a group of batches: each whole or not at all, in their order, and none because of
    /// another's failure. On return what is committed is visible to every reader.
    fn commit(&mut self, group: &Group) -> Commit;

    /// Puts all that was committed before onto the disk, so that it survives a power cut. One outcome.
    fn sync(&mut self) -> Commit;

    /// Runs `run` in a transaction of its own, and commits it if it gives `Ok`; otherwise, and if one of its
    /// writes failed, it leaves no trace. One outcome; [`Commit::Busy`] only if `run` has not been called.
    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit;

    /// How many bytes the commits have added since the job was opened to what can't be tidied up while a snapshot from
    /// before is read, such as a log. 0 where snapshots hold nothing up.
    fn logged_bytes(&self) -> u64;

    /// Takes a step of a compaction. One outcome, whose `removed` is how many bytes it gave back.
    fn compact(&mut self, step: CompactStep) -> Commit;

    /// Gives back what the writer holds. The readers have been closed before.
    ///
    /// # Errors
    ///
    /// What should have been done at the end and wasn't; committed rows are safe all the same.
    fn close(self: Box<Self>) -> Result<(), Error>;
}

/// What became of a group.
#[derive(Debug)]
pub enum Commit {
    /// One outcome a batch, in their order.
    Resolved(Vec<Outcome>),
    /// Nothing was applied since another process holds the lock, or there is no connection left: the engine will try
    /// again.
    Busy(Error),
}

/// What became of a batch.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is committed; its deletes removed so many rows.
    Committed {
        /// How many rows the batch's deletes removed; of a step of a compaction, how many bytes it gave back.
        removed: u64,
    },
    /// It left no trace. The job goes on, unless the backend says by [`Error::Failed`] that it takes no more writes.
    NotApplied(Error),
    /// It may be there after a reopen or may not; the job has failed.
    Unknown(Error),
}

/// A step of a compaction. The writes that wait come between two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompactStep {
    /// Gives a part of the free space back: so much that the writes that wait hardly notice. Gives back nothing once
    /// there is nothing left that can be.
    GiveBack,
    /// The last step: makes the files as small as the readers that are under way let it. It doesn't wait for them.
    Finish,
}

/// A transaction that writes: its reads see what it has written.
pub trait WriteTransaction: Snapshot {
    /// Applies an operation; says how many rows it removed. After an error the transaction can't be committed any
    /// more.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error>;
}
