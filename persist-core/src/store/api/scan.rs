use std::fmt;
use std::future::IntoFuture;
use std::iter::FusedIterator;
use std::sync::Arc;

use crate::encoding::StoreKey;
use crate::store::api::open_job::Handle;
use crate::store::api::paging::{JobPages, PagesIter};
use crate::store::api::query;
use crate::store::api::query::Query;
use crate::store::api::read::{Kind, Read, ReadFuture};
use crate::store::api::rows::{RowBuf, Rows};
use crate::store::api::run::{Run, Then};
use crate::store::api::scan_stream::ScanStream;
use crate::store::base::blocking;
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::error::{Error, Place};

/// A scan that has not run yet: the rows of a range, in the order of their keys.
///
/// It reads one snapshot, so it does not see writes made while it runs. Like a [`Read`], it sees every write submitted
/// before it begins.
///
/// A snapshot keeps the database from reclaiming space, so its age is limited by
/// [`Config::snapshot_timeout`](crate::Config::snapshot_timeout). After that the scan ends with
/// [`Error::SnapshotExpired`], and [`after`](Self::after) continues it in a new one:
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

/// The number of rows that take no longer to read than a switch to another thread and back.
const SHORT: usize = 100;

impl<'job> Scan<'job> {
    pub(crate) fn new(handle: Handle<'job>, query: Query) -> Self {
        Self { handle, query, committed: false }
    }

    /// Scans from the last key to the first.
    pub fn reverse(mut self) -> Self {
        self.query.reverse = true;
        self
    }

    /// Limits the scan to `rows` rows. An awaited scan of at most 100 rows reads on the thread that polls it, as a
    /// `get` does; a longer one reads on a thread of the store.
    pub fn limit(mut self, rows: usize) -> Self {
        self.query.limit = rows;
        self
    }

    /// Skips every row up to and including `key`, in the direction of the scan. With the last key of a scan that ended,
    /// a new scan continues after it.
    pub fn after(mut self, key: impl StoreKey) -> Self {
        self.query.after = Some(key.to_key());
        self
    }

    /// Reads the keys only. The rows have empty payloads.
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

    /// Scans without a common snapshot. Each page of rows is read from its own snapshot, which may be later than that
    /// of the previous page. So a slow scan never keeps the database from reclaiming space.
    pub fn paged(mut self) -> Self {
        self.query.paged = true;
        self
    }

    /// Reads what is committed, without waiting for writes submitted before.
    pub fn committed(mut self) -> Self {
        self.committed = true;
        self
    }

    /// Returns the same scan without a borrow of its job. It keeps the job open, and its future can be spawned.
    pub fn into_owned(self) -> Scan<'static> {
        Scan { handle: self.handle.into_owned(), ..self }
    }

    /// Collects all rows. Like every read of a job, this returns a request, which runs when it is waited for or
    /// awaited.
    ///
    /// [`ViewScan::rows`](crate::rows::ViewScan::rows) is the same call on a snapshot or in a transaction, where it returns
    /// the rows at once.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", 7u64, b"seven");
    /// let rows = job.scan("raw", ..).rows().wait()?;
    /// assert_eq!(rows.len(), 1);
    /// let rows = job.read(|at| at.scan("raw", ..).rows()).wait()?;
    /// assert_eq!(rows.len(), 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn rows(self) -> Read<'job, Rows> {
        self.read(Run::Scan(Then::Known(query::unchanged)))
    }

    /// Returns the read whose result `run` finds.
    pub(crate) fn read<T>(self, run: Run<T>) -> Read<'job, T> {
        let kind = if self.query.limit <= SHORT { Kind::Point } else { Kind::Long };
        let read = Read::new(self.handle, self.query, run, kind);
        if self.committed { read.committed() } else { read }
    }

    /// Counts the rows of the range, regardless of the limit.
    pub(crate) fn count(self) -> Read<'job, u64> {
        let run = Run::Count(Then::Known(query::unchanged));
        let read = Read::new(self.handle, self.query, run, Kind::Long);
        if self.committed { read.committed() } else { read }
    }

    /// Returns the scan of another span.
    pub(crate) fn narrowed(mut self, span: SpanBuf) -> Self {
        self.query.narrow_to(span);
        self
    }

    /// Returns the place of the job, if it is open.
    pub(crate) fn place(&self) -> Option<Place> {
        self.handle.job().ok().map(|job| job.place().clone())
    }

    /// Reads all rows on the calling thread: short for `.rows().wait()`, as `.await` is for `.rows().await`.
    ///
    /// # Errors
    ///
    /// As for [`Read::wait`].
    pub fn wait(self) -> Result<Rows, Error> {
        self.rows().wait()
    }

    /// Reads row by row on the calling thread, in bounded memory.
    ///
    /// This call takes the snapshot. The iterator returns the rows; after an error, it returns nothing further. It
    /// keeps the job open. A close ends it with [`Error::Closed`], and an expired snapshot with
    /// [`Error::SnapshotExpired`].
    pub fn iter(self) -> ScanIter {
        let Self { handle, query, committed } = self;
        let begun = blocking::allowed().and_then(|()| {
            let job = handle.job()?;
            if let Some(commit) = job.to_await(|| query.about(), committed)? {
                commit.wait()?;
            }
            JobPages::begin(Arc::clone(job), query)
        });
        ScanIter(PagesIter::new(begun))
    }

    /// Reads row by row without blocking a thread, in bounded memory.
    ///
    /// Nothing happens before the first row is awaited. Then the stream waits for the writes submitted before, and
    /// takes the snapshot. It returns the rows; after an error, it returns nothing further. It keeps the job open. A
    /// close ends it with [`Error::Closed`]. [`ScanStream::next`] has an example.
    pub fn stream(self) -> ScanStream {
        ScanStream::new(self.handle.into_owned(), self.query, self.committed)
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
        self.rows().into_future()
    }
}

/// The rows of a [`Scan`], read page by page from one snapshot: returned by [`Scan::iter`].
pub struct ScanIter(PagesIter<JobPages>);

impl Iterator for ScanIter {
    type Item = Result<RowBuf, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl FusedIterator for ScanIter {}

impl fmt::Debug for ScanIter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanIter").finish_non_exhaustive()
    }
}
