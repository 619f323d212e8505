//! The port: what the engine asks of a backend. Small, coarse and object-safe.
//!
//! The engine owns queues, threads, tickets and order; a backend owns bytes at rest. It has to be as
//! implementable on a network database as on a map.

pub(crate) mod group;
pub(crate) mod page;
pub(crate) mod stop;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::store::base::backup_progress::BackupProgress;
use crate::store::base::check_report::CheckReport;
use crate::store::base::error::{Error, Place};
use crate::store::base::stats::StorageStats;
pub use group::{Batch, Group, Op};
pub use page::Page;
pub use stop::Stop;

/// A place that keeps jobs: a value such as `Sqlite::at("data")` or [`Memory::new()`](crate::Memory).
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Names the place and the settings. Two values of one identity are the same store.
    fn identity(&self) -> String;

    /// Says whether the place can be used, and fixes where it is. It creates and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if it can't.
    fn check(&self) -> Result<(), Error>;

    /// Names a job's rows throughout this process, whichever value they are reached by, and says where
    /// they are.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an id that this backend can't keep.
    fn locate(&self, id: &str) -> Result<Location, Error>;

    /// Opens a job, creating it if need be. The engine opens one job at most once at a time.
    ///
    /// # Errors
    ///
    /// As the backend finds: what is there and isn't ours is refused and left as it is.
    fn open_job(&self, id: &str) -> Result<OpenedJob, Error>;

    /// Removes a job that this engine doesn't hold open: whole, or not at all. Says whether there was one.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if somebody else holds it.
    fn drop_job(&self, id: &str) -> Result<bool, Error>;

    /// Puts the job that is stored in the file `from` in the place of a job that this engine doesn't hold open, or that doesn't
    /// exist yet: whole, or not at all. `from` is absolute and stays unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`], [`Error::Incompatible`] or [`Error::Corrupt`] if `from` is no job; [`Error::Busy`] if the job is
    /// open elsewhere; [`Error::Unsupported`] from a backend without files, which this does unless it is overridden.
    fn restore_job(&self, id: &str, from: &Path) -> Result<(), Error> {
        let what = format!("restoring job {id:?} from {} by this backend", from.display());
        Err(Error::Unsupported { what })
    }

    /// The ids of all jobs kept here, open or not, in ascending order.
    ///
    /// # Errors
    ///
    /// If the place can't be listed.
    fn stored_job_ids(&self) -> Result<Vec<String>, Error>;
}

/// Where a job is.
#[derive(Clone, Debug)]
pub struct Location {
    /// One string for each set of rows in this process.
    pub identity: String,
    /// The job and its file, for errors.
    pub place: Place,
}

/// What a backend gives for an open job: one writer, and the way to read.
pub struct OpenedJob {
    /// The only writer.
    pub writer: Box<dyn Writer>,
    /// Reads, on whatever thread asks.
    pub reader: Arc<dyn Reader>,
}

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
        run: &mut dyn FnMut(&mut dyn Transaction) -> Result<(), Error>,
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

/// The reading side of a job. Calls run side by side, on any thread, and never wait for the writer.
pub trait Reader: Send + Sync {
    /// The payload under a key.
    ///
    /// # Errors
    ///
    /// As the backend finds; [`Error::Closed`] after [`close`](Self::close).
    fn get(&self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Returns whether there is a row under a key, without reading its payload.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn exists(&self, category: &[u8], key: &[u8]) -> Result<bool, Error>;

    /// How many rows lie in a span.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn count(&self, category: &[u8], span: Span<'_>) -> Result<u64, Error>;

    /// As [`Snapshot::page`], for who needs but one page. Its rows are those of one moment.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error>;

    /// Begins to read the rows as they are now: what others commit later stays unseen.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error>;

    /// What the job takes where it is stored. As quick as [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn storage(&self) -> Result<StorageStats, Error>;

    /// Goes through all that is stored, looking for damage. What it finds is no error, but the report.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get); [`Error::Closed`] also soon after the reader is closed meanwhile, or `stop` is set.
    fn check(&self, stop: &Stop) -> Result<CheckReport, Error>;

    /// Writes all rows, as they are at one moment, to a new file. The file is there whole, and on the disk, or not at
    /// all. `to` is absolute.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if there is something at `to`, or nothing can be; [`Error::Unsupported`] from a backend
    /// without files; others as for [`check`](Self::check).
    fn backup(
        &self,
        to: &Path,
        stop: &Stop,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error>;

    /// Whether `get`, `exists` and a page of a hundred rows are quick enough to run where a future is polled.
    fn may_run_inline(&self) -> bool;

    /// Closes for good, snapshots included: their next call gives [`Error::Closed`].
    fn close(&self);
}

/// The rows of a job as they were at one moment. Dropping it ends the read.
pub trait Snapshot {
    /// The payload under a key.
    ///
    /// # Errors
    ///
    /// As the backend finds; [`Error::Closed`] after the reader was closed.
    fn get(&mut self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Returns whether there is a row under a key, without reading its payload.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn exists(&mut self, category: &[u8], key: &[u8]) -> Result<bool, Error>;

    /// How many rows lie in a span.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn count(&mut self, category: &[u8], span: Span<'_>) -> Result<u64, Error>;

    /// The categories that have rows, in ascending order.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn categories(&mut self) -> Result<Vec<Vec<u8>>, Error>;

    /// Appends rows of a span to `page`, in order, until it has `request.rows` or `request.bytes`
    /// more (at least one row, if there is one). Says whether rows may be left.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error>;
}

/// A transaction that writes: its reads see what it has written.
pub trait Transaction: Snapshot {
    /// Applies an operation; says how many rows it removed. After an error the transaction can't be committed any
    /// more.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error>;
}

/// Keys from `start` up to, but excluding, `stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    /// The first key.
    pub start: &'a [u8],
    /// The first key after the span; `None` is an open end. No key is less than an empty stop, so that is an empty span.
    pub stop: Option<&'a [u8]>,
}

impl Span<'_> {
    /// Returns whether no key can be in the span.
    pub fn is_empty(&self) -> bool {
        self.stop.is_some_and(|stop| stop <= self.start)
    }
}

/// Which rows a page takes.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    /// Their category.
    pub category: &'a [u8],
    /// Their keys. For what comes after a key, the engine narrows it.
    pub span: Span<'a>,
    /// From the last key to the first.
    pub reverse: bool,
    /// With empty payloads, which then need not be read.
    pub keys_only: bool,
    /// At most so many rows; at least 1.
    pub rows: usize,
    /// No further row once so many bytes were added.
    pub bytes: usize,
}
