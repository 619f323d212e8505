use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::iter::FusedIterator;

use sealed::Access;

use crate::encoding::{Key, PayloadDecode, StoreKey};
use crate::store::api::limits::Limits;
use crate::store::api::paging::{PageSource, Pages, PagesIter};
use crate::store::api::query::{MOST_KEYS, Query, one_each};
use crate::store::api::rows::{RowBuf, Rows};
use crate::store::base::bounds::KeyBounds;
use crate::store::base::category::{Category, Space};
use crate::store::base::error::Error;
use crate::store::base::op::Op;
use crate::store::engine::planner::Written;
use crate::store::port::page::Page;
use crate::store::port::read::{PageRequest, Snapshot};
use crate::store::port::stop::Stop;

/// The rows of a job at one moment. [`View`] and [`Transaction`](crate::Transaction) are of this type: both read, and a
/// transaction also writes.
///
/// It has the reads of a [`Job`](crate::Job) under the same names. The reads of a job return a request to wait for; the
/// reads here return the result. Other calls may be made while a scan is being iterated.
///
/// ```
/// use persist_core::{Error, Memory, Persistency};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// for n in 1..=5u64 {
///     job.persist_encoded("raw", n, &(n * n));
/// }
/// let (first, many, rows) = job
///     .read(|at| {
///         let first = at.first("raw", 2u64..)?;
///         let many = at.get_many("raw", [5u64, 6])?;
///         Ok((first, many, at.scan("raw", ..).keys_only().rows()?))
///     })
///     .wait()?;
/// assert_eq!(first.unwrap().decode::<u64>(), Ok(4));
/// assert!(many[0].is_some() && many[1].is_none());
/// assert_eq!(rows.len(), 5);
/// # Ok::<(), Error>(())
/// ```
pub struct At<'a, S: ?Sized> {
    pub(crate) source: RefCell<&'a mut S>,
    pub(crate) limits: &'a Limits,
    /// The flag that ends the reads.
    stop: Stop,
    /// Whether a transaction has written.
    has_written: Cell<bool>,
    /// The categories to which a transaction has put rows, if the job has open tables.
    categories: Option<RefCell<BTreeSet<Vec<u8>>>>,
}

/// The argument of the closure of [`Job::read`](crate::Job::read). All its reads see one snapshot.
pub type View<'a> = At<'a, dyn Snapshot + 'a>;

pub(crate) mod sealed {
    use crate::store::port::read::Snapshot;
    use crate::store::port::write::WriteTransaction;

    /// A source of reads.
    pub trait Access {
        fn snapshot(&mut self) -> &mut dyn Snapshot;
    }

    impl Access for dyn Snapshot + '_ {
        fn snapshot(&mut self) -> &mut dyn Snapshot {
            self
        }
    }

    impl Access for dyn WriteTransaction + '_ {
        fn snapshot(&mut self) -> &mut dyn Snapshot {
            self
        }
    }
}

impl<'a, S: Access + ?Sized> At<'a, S> {
    pub(crate) fn new(source: &'a mut S, limits: &'a Limits, stop: Stop) -> Self {
        let has_written = Cell::new(false);
        Self { source: RefCell::new(source), limits, stop, has_written, categories: None }
    }

    /// Returns the payload under a key.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn get(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Option<Vec<u8>>, Error> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        self.with(|snapshot| snapshot.get(category, key.as_bytes()))
    }

    /// Returns the decoded payload under a key. `T` owns its data, as for [`Job::get_as`](crate::Job::get_as).
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if the payload is not the encoding of one `T`; errors of the backend.
    pub fn get_as<T>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Option<T>, Error>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        self.limits.decode(self.get(category, key)?)
    }

    /// Returns the payloads under several keys, in the order of the given keys.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn get_many<K: StoreKey>(
        &self,
        category: impl AsRef<[u8]>,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let category = Category::user(category.as_ref());
        // The keys are encoded before the snapshot is borrowed, since that may run any code.
        let keys: Vec<Key> = keys.into_iter().map(|key| key.to_key()).collect();
        let mut payloads = Vec::with_capacity(keys.len());
        for some in keys.chunks(MOST_KEYS) {
            let some: Vec<&[u8]> = some.iter().map(Key::as_bytes).collect();
            let found = self.with(|snapshot| snapshot.get_many(category, &some))?;
            payloads.append(&mut one_each(&some, found, self.limits.place())?);
        }
        Ok(payloads)
    }

    /// Returns whether there is a row under a key, without reading its payload.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn exists(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Result<bool, Error> {
        let (category, key) = (Category::user(category.as_ref()), key.to_key());
        self.with(|snapshot| snapshot.exists(category, key.as_bytes()))
    }

    /// Returns the number of rows in a range.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn count(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> Result<u64, Error> {
        self.answer_count(&Query::span(category.as_ref(), range.into_span()))
    }

    /// Returns the number of rows whose keys begin with `prefix` and continue with a key in a range, as
    /// [`Job::count_within`](crate::Job::count_within) does.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn count_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> Result<u64, Error> {
        self.answer_count(&Query::within(category.as_ref(), &prefix, range))
    }

    /// Returns the categories that have rows, in ascending order.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn categories(&self) -> Result<Vec<Vec<u8>>, Error> {
        self.with(|snapshot| snapshot.categories(Space::User))
    }

    /// Returns the first row of a range.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn first(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Result<Option<RowBuf>, Error> {
        Ok(self.read_all(Query::end_of(category.as_ref(), range, false))?.into_first())
    }

    /// Returns the last row of a range.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn last(
        &self,
        category: impl AsRef<[u8]>,
        range: impl KeyBounds,
    ) -> Result<Option<RowBuf>, Error> {
        Ok(self.read_all(Query::end_of(category.as_ref(), range, true))?.into_first())
    }

    /// Scans the rows of a range, in the order of their keys.
    pub fn scan(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> ViewScan<'_, 'a, S> {
        ViewScan { at: self, query: Query::span(category.as_ref(), range.into_span()) }
    }

    /// Scans the rows whose keys begin with the bytes of `prefix`.
    pub fn scan_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> ViewScan<'_, 'a, S> {
        self.scan_within(category, prefix, ..)
    }

    /// Scans the rows whose keys begin with `prefix` and continue with a key in a range, as
    /// [`Job::scan_within`](crate::Job::scan_within) does.
    pub fn scan_within(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
        range: impl KeyBounds,
    ) -> ViewScan<'_, 'a, S> {
        ViewScan { at: self, query: Query::within(category.as_ref(), &prefix, range) }
    }

    fn answer_count(&self, query: &Query) -> Result<u64, Error> {
        self.with(|snapshot| {
            query.count_by(|category, span| snapshot.count(category, span, &self.stop))
        })
    }

    fn read_all(&self, query: Query) -> Result<Rows, Error> {
        let mut source = self;
        query.read_all(&self.stop, |request, page| source.page(request, page))
    }

    /// Calls `read` with the snapshot. `read` must not run code of the caller, such as the encoding of a key: that code
    /// could call this snapshot again while it is borrowed.
    /// Notes from now on which categories are written.
    pub(crate) fn note_categories(&mut self) {
        self.categories = Some(RefCell::default());
    }

    pub(crate) fn note_write(&self, op: &Op<'_>) {
        self.has_written.set(true);
        if let (Some(categories), Op::Put { category, .. }) = (&self.categories, op)
            && category.space == Space::User
        {
            let mut categories = categories.borrow_mut();
            if !categories.contains(category.name) {
                categories.insert(category.name.to_vec());
            }
        }
    }

    /// Returns what a transaction has written.
    pub(crate) fn written(&self) -> Written {
        let categories = self.categories.as_ref().map(RefCell::take).unwrap_or_default();
        Written { anything: self.has_written.get(), categories }
    }

    fn with<T>(&self, read: impl FnOnce(&mut dyn Snapshot) -> T) -> T {
        read(self.source.borrow_mut().snapshot())
    }
}

impl<S: Access + ?Sized> PageSource for &At<'_, S> {
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.with(|snapshot| snapshot.page(request, page))
    }
}

impl<S: ?Sized> fmt::Debug for At<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("At").finish_non_exhaustive()
    }
}

/// A scan inside [`Job::read`](crate::Job::read) or [`Job::transact`](crate::Job::transact).
#[must_use = "nothing is read until `.rows()` or `.iter()`"]
pub struct ViewScan<'v, 'a, S: ?Sized> {
    at: &'v At<'a, S>,
    query: Query,
}

impl<'v, 'a, S: Access + ?Sized> ViewScan<'v, 'a, S> {
    /// Scans from the last key to the first.
    pub fn reverse(mut self) -> Self {
        self.query.reverse = true;
        self
    }

    /// Limits the scan to `rows` rows.
    pub fn limit(mut self, rows: usize) -> Self {
        self.query.limit = rows;
        self
    }

    /// Skips every row up to and including `key`, in the direction of the scan.
    pub fn after(mut self, key: impl StoreKey) -> Self {
        self.query.after = Some(key.to_key());
        self
    }

    /// Reads the keys only. The rows have empty payloads.
    pub fn keys_only(mut self) -> Self {
        self.query.keys_only = true;
        self
    }

    /// Collects all rows.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub fn rows(self) -> Result<Rows, Error> {
        self.at.read_all(self.query)
    }

    /// Reads row by row, in bounded memory.
    pub fn iter(self) -> ViewIter<'v, 'a, S> {
        ViewIter(PagesIter::new(Ok(Pages::new(self.at, self.query))))
    }
}

impl<S: ?Sized> fmt::Debug for ViewScan<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewScan").field("query", &self.query).finish()
    }
}

/// The rows of a [`ViewScan`], read page by page: returned by [`ViewScan::iter`].
pub struct ViewIter<'v, 'a, S: ?Sized>(PagesIter<&'v At<'a, S>>);

impl<S: Access + ?Sized> Iterator for ViewIter<'_, '_, S> {
    type Item = Result<RowBuf, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl<S: Access + ?Sized> FusedIterator for ViewIter<'_, '_, S> {}

impl<S: ?Sized> fmt::Debug for ViewIter<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewIter").finish_non_exhaustive()
    }
}
