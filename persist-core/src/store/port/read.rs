//! The reading side of a job: reader, snapshots and page requests.

use std::time::Duration;

use crate::store::base::bounds::Span;
use crate::store::base::category::{Category, Space};
use crate::store::base::error::Error;
use crate::store::port::completion::Completion;
use crate::store::port::maintenance::Maintenance;
use crate::store::port::page::Page;
use crate::store::port::stop::Stop;

/// The reading side of a job. Calls may run at the same time on any threads, and never wait for the writer.
pub trait Reader: Send + Sync {
    /// Returns the payload under a key.
    ///
    /// # Errors
    ///
    /// Errors of the backend; [`Error::TimedOut`] after [`call_timeout`](crate::port::OpenOptions::call_timeout); [`Error::Closed`] after
    /// [`close`](Self::close).
    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Returns the payloads under several keys: one entry for each of `keys`, in their order. All are from the same moment.
    ///
    /// The default takes a snapshot and calls [`Snapshot::get_many`]. A backend with a cheaper way, such as one statement for all keys,
    /// overrides it. The engine passes between one and a thousand keys, and a key may occur several times. If the number of entries is
    /// wrong, the engine returns [`Error::Backend`] to the caller.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn get_many(
        &self,
        category: Category<'_>,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.begin_read()?.get_many(category, keys)
    }

    /// Returns whether there is a row under a key, without reading its payload.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error>;

    /// Returns the number of rows in a span.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get); [`Error::Closed`] soon after `stop` is set.
    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error>;

    /// Reads a page like [`Snapshot::page`], for callers that need only one. All its rows are from the same moment.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error>;

    /// Begins a snapshot of the rows as they are now. It does not see later commits.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error>;

    /// Begins a snapshot that its owner uses for at most `lifetime`. The engine ends such a snapshot when the job is written or another
    /// snapshot begins, but has no timer. A backend on a server that others share too may end it by itself after that time: its
    /// calls then return [`Error::SnapshotExpired`]. The default calls [`begin_read`](Self::begin_read).
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn begin_read_for(&self, lifetime: Duration) -> Result<Box<dyn Snapshot + Send>, Error> {
        let _ = lifetime;
        self.begin_read()
    }

    /// Returns the maintenance of the job, or `None` if the backend offers none. Without it, [`Stats::storage`](crate::stats::Stats)
    /// is `None`, and checks, backups and compactions fail with [`Error::Unsupported`]. The default returns `None`.
    fn maintenance(&self) -> Option<&dyn Maintenance> {
        None
    }

    /// Returns whether `get`, `exists` and a page of a hundred rows are fast enough to run on a thread that polls futures.
    fn may_run_inline(&self) -> bool;

    /// Returns whether the backend completes reads itself, on threads of its own. If so, the engine starts awaited reads by
    /// [`start_get`](Self::start_get), [`start_count`](Self::start_count) and [`start_page`](Self::start_page), so that many of them
    /// wait at the same time without a thread each. The default returns `false`.
    fn starts_reads(&self) -> bool {
        false
    }

    /// Starts a [`get`](Self::get), and returns without waiting for its result. Every started read is completed before
    /// [`close`](Self::close) returns, and none is completed later. The default reads before it returns.
    fn start_get(&self, category: Category<'_>, key: &[u8], done: Completion<Option<Vec<u8>>>) {
        done.complete(self.get(category, key));
    }

    /// Starts a [`count`](Self::count), as [`start_get`](Self::start_get) starts a `get`.
    fn start_count(
        &self,
        category: Category<'_>,
        span: Span<'_>,
        stop: &Stop,
        done: Completion<u64>,
    ) {
        done.complete(self.count(category, span, stop));
    }

    /// Starts a read of a page, as [`start_get`](Self::start_get) starts a `get`. The result is the page, and whether more rows may
    /// follow.
    fn start_page(&self, request: &PageRequest<'_>, done: Completion<(Page, bool)>) {
        let mut page = Page::default();
        let more = self.page(request, &mut page);
        done.complete(more.map(|more| (page, more)));
    }

    /// Closes the reader and its snapshots for good: their next call returns [`Error::Closed`].
    fn close(&self);
}

/// A snapshot: the rows of a job as they were at one moment. Dropping it ends the read.
pub trait Snapshot {
    /// Returns the payload under a key.
    ///
    /// # Errors
    ///
    /// Errors of the backend; [`Error::Closed`] after the reader was closed.
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Returns the payloads under several keys, as [`Reader::get_many`] does. The default reads one after the other.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn get_many(
        &mut self,
        category: Category<'_>,
        keys: &[&[u8]],
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        keys.iter().map(|key| self.get(category, key)).collect()
    }

    /// Returns whether there is a row under a key, without reading its payload.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error>;

    /// Returns the number of rows in a span.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get); [`Error::Closed`] soon after `stop` is set.
    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error>;

    /// Returns the names of the categories of a space that have rows, in ascending order.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error>;

    /// Appends rows of a span to `page`, in order, until `request.rows` rows or `request.bytes` bytes were added. At least one row is
    /// added, if there is one. Returns whether more rows may follow.
    ///
    /// # Errors
    ///
    /// As for [`get`](Self::get).
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error>;
}

/// A request for a page: which rows, and how many.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<'a> {
    /// The category of the rows.
    pub category: Category<'a>,
    /// The span of the keys. To continue after a key, the engine narrows the span.
    pub span: Span<'a>,
    /// Whether rows are read from the last key to the first.
    pub reverse: bool,
    /// Whether the payloads in the page are empty, so that the backend need not read them.
    pub keys_only: bool,
    /// The maximum number of rows, at least 1.
    pub rows: usize,
    /// The size limit: no further row is added once this many bytes were added.
    pub bytes: usize,
    /// The flag that ends the read.
    pub stop: &'a Stop,
}
