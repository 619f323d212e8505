//! The reading side of a job.

use std::path::Path;
use std::sync::Arc;

use crate::store::base::bounds::Span;
use crate::store::base::error::Error;
use crate::store::base::reports::{BackupProgress, CheckReport, StorageStats};
use crate::store::base::sync::atomic::{AtomicBool, Ordering};
use crate::store::port::page::Page;

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

/// Whether the one who asked for long work has gone. The work looks at it now and then.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether nobody waits for the work any more.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
