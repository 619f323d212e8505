use std::fmt;
use std::future::IntoFuture;
use std::iter::FusedIterator;
use std::sync::Arc;

use super::handle::Handle;
use super::pages::Pages;
use super::query::{self, Query, Run};
use super::read::{Kind, Read, ReadFuture};
use super::rows::{RowBuf, Rows};
use super::scan_stream::ScanStream;
use super::{Error, Page, blocking};
use crate::StoreKey;

/// A scan that has not run yet: rows of a range, in the order of their keys.
///
/// All of it is one snapshot: what is written while it runs stays unseen. Like a [`Read`] it sees every
/// write submitted before it begins.
///
/// A snapshot holds up what the database would tidy, so it may be as old as
/// [`Config::snapshot_timeout`](crate::Config::snapshot_timeout) says. Then the scan ends with
/// [`Error::SnapshotExpired`], and [`after`](Self::after) goes on in a new one:
///
/// ```
/// use persist_core::{Error, Job, Memory, Persistency};
///
/// fn sum(job: &Job) -> Result<u64, Box<dyn std::error::Error>> {
///     let (mut sum, mut last) = (0, None);
///     'snapshots: loop {
///         let scan = job.scan("raw", ..);
///         let scan = if let Some(key) = &last { scan.after(key) } else { scan };
///         for row in scan.iter() {
///             match row {
///                 Ok(row) => {
///                     sum += row.decode::<u64>()?;
///                     last = Some(row.key().to_owned());
///                 }
///                 Err(Error::SnapshotExpired { .. }) => continue 'snapshots,
///                 Err(error) => return Err(error.into()),
///             }
///         }
///         return Ok(sum);
///     }
/// }
/// # let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// # for n in 1..=4u64 {
/// #     job.persist_encoded("raw", n, &n);
/// # }
/// # assert_eq!(sum(&job).unwrap(), 10);
/// # Ok::<(), Error>(())
/// ```
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// for seq in 0..100u64 {
///     job.persist_encoded("msg", key!("general", seq), &seq);
/// }
/// // The newest three, one by one …
/// let mut newest = Vec::new();
/// for row in job.scan_prefix("msg", key!("general")).reverse().limit(3).iter() {
///     newest.push(row?.decode::<u64>()?);
/// }
/// assert_eq!(newest, [99, 98, 97]);
/// // … and what comes after a key, all at once.
/// let rows = job.scan("msg", ..).after(key!("general", 96u64)).wait()?;
/// assert_eq!(rows.len(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is read until `.wait()`, `.await`, `.iter()` or `.stream()`"]
pub struct Scan<'job> {
    handle: Handle<'job>,
    query: Query,
    committed: bool,
}

/// How many rows take no longer than going to another thread and back.
const SHORT: usize = 100;

impl<'job> Scan<'job> {
    pub(super) fn new(handle: Handle<'job>, query: Query) -> Self {
        Self { handle, query, committed: false }
    }

    /// From the last key to the first.
    pub fn reverse(mut self) -> Self {
        self.query.reverse = true;
        self
    }

    /// At most so many rows. An awaited scan of at most 100 is read where it is polled, as a `get` is; a longer one on a
    /// thread of the store's own.
    pub fn limit(mut self, rows: usize) -> Self {
        self.query.limit = rows;
        self
    }

    /// Only what comes strictly behind `key`, in the direction of the scan. So a scan that ended can go
    /// on after its last row.
    pub fn after(mut self, key: impl StoreKey) -> Self {
        self.query.after = Some(key.to_key());
        self
    }

    /// Without the payloads: rows have empty ones.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", 7u64, vec![0; 1_000_000]);
    /// let rows = job.scan("raw", ..).keys_only().wait()?;
    /// assert_eq!(rows.first().unwrap().key().decode(), Ok(7u64));
    /// assert!(rows.first().unwrap().payload().is_empty());
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn keys_only(mut self) -> Self {
        self.query.keys_only = true;
        self
    }

    /// Gives up the one snapshot: rows come in pages, each of them of one moment, which may be later than that of the page
    /// before. So a scan that takes its time holds nothing up.
    pub fn paged(mut self) -> Self {
        self.query.paged = true;
        self
    }

    /// Gives up seeing what was submitted before: it sees what is committed, and never waits for a write.
    pub fn committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// The same scan, no longer borrowing its job: it keeps the job open.
    pub fn into_owned(self) -> Scan<'static> {
        Scan { handle: self.handle.into_owned(), ..self }
    }

    /// Reads all rows on this thread.
    ///
    /// # Errors
    ///
    /// As for [`Read::wait`].
    pub fn wait(self) -> Result<Rows, Error> {
        self.into_read().wait()
    }

    /// Reads row by row on this thread, in bounded memory.
    ///
    /// The snapshot is taken here; the iterator gives the rows, or an error and then nothing. It keeps
    /// the job open; a close ends it with [`Error::Closed`], and a snapshot that got too old with
    /// [`Error::SnapshotExpired`].
    pub fn iter(self) -> ScanIter {
        let Self { handle, query, committed } = self;
        let begun = blocking::allowed().and_then(|()| {
            let job = handle.job()?;
            if let Some(commit) = job.to_await(|| query.about(), committed)? {
                commit.wait()?;
            }
            Pages::begin(Arc::clone(job), query)
        });
        ScanIter { rest: Some(begun), page: Arc::default(), next: 0 }
    }

    /// Reads row by row without blocking a thread, in bounded memory.
    ///
    /// Nothing happens before the first row is awaited: then the snapshot is taken, once what was submitted before
    /// is written. The stream gives the rows, or an error and then nothing. It keeps the job open; a close ends it with
    /// [`Error::Closed`]. [`ScanStream::next`] has an example.
    pub fn stream(self) -> ScanStream {
        ScanStream::new(self.handle.into_owned(), self.query, self.committed)
    }

    fn into_read(self) -> Read<'job, Rows> {
        let kind = if self.query.limit <= SHORT { Kind::Point } else { Kind::Long };
        let read = Read::new(self.handle, self.query, Run::Known(query::scan), kind);
        if self.committed { read.committed() } else { read }
    }
}

impl fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("handle", &self.handle).field("query", &self.query).finish()
    }
}

impl<'job> IntoFuture for Scan<'job> {
    type Output = Result<Rows, Error>;
    type IntoFuture = ReadFuture<'job, Rows>;

    fn into_future(self) -> ReadFuture<'job, Rows> {
        self.into_read().into_future()
    }
}

/// The rows of a [`Scan`], read page by page from one snapshot.
pub struct ScanIter {
    /// What comes behind the page that is there, or why it can't; none behind the last.
    rest: Option<Result<Pages, Error>>,
    page: Arc<Page>,
    next: usize,
}

impl ScanIter {
    /// Gets the next page; says whether it has rows.
    fn turn_page(&mut self) -> Result<bool, Error> {
        let Some(rest) = self.rest.take() else { return Ok(false) };
        let (page, rest) = rest?.turn()?;
        self.rest = rest.map(Ok);
        self.page = Arc::new(page);
        self.next = 0;
        Ok(!self.page.is_empty())
    }
}

impl Iterator for ScanIter {
    type Item = Result<RowBuf, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.page.len() {
            match self.turn_page() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
        self.next += 1;
        Some(Ok(RowBuf::new(Arc::clone(&self.page), self.next - 1)))
    }
}

impl FusedIterator for ScanIter {}

impl fmt::Debug for ScanIter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanIter").finish_non_exhaustive()
    }
}
