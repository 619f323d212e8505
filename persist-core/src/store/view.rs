use std::cell::RefCell;
use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

use sealed::Access;

use super::bounds::KeyBounds;
use super::bounds::sealed::SpanBuf;
use super::limits::Limits;
use super::port::Snapshot;
use super::query::Query;
use super::rows::{RowBuf, Rows};
use super::{Error, Page};
use crate::{PayloadDecode, StoreKey};

/// A job as it is at one moment. [`View`] and [`Transaction`](crate::Transaction) are of this type: both read, one
/// also writes.
///
/// Calls give their answers at once. A scan may be gone through while other calls are made.
pub struct At<'a, S: ?Sized> {
    pub(super) source: RefCell<&'a mut S>,
    pub(super) limits: &'a Limits,
}

/// What the closure of [`Job::read`](crate::Job::read) reads from: all its reads see one moment.
pub type View<'a> = At<'a, dyn Snapshot + 'a>;

pub(super) mod sealed {
    use super::super::port::{Snapshot, Transaction};

    /// What can be read from.
    pub trait Access {
        fn snapshot(&mut self) -> &mut dyn Snapshot;
    }

    impl Access for dyn Snapshot + '_ {
        fn snapshot(&mut self) -> &mut dyn Snapshot {
            self
        }
    }

    impl Access for dyn Transaction + '_ {
        fn snapshot(&mut self) -> &mut dyn Snapshot {
            self
        }
    }
}

impl<'a, S: Access + ?Sized> At<'a, S> {
    pub(super) fn new(source: &'a mut S, limits: &'a Limits) -> Self {
        Self { source: RefCell::new(source), limits }
    }

    /// The payload under a key.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub fn get(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.with(|snapshot| snapshot.get(category.as_ref(), key.to_key().as_bytes()))
    }

    /// The payload under a key, decoded.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if other bytes are stored there; and as the backend finds.
    pub fn get_as<T>(
        &self,
        category: impl AsRef<[u8]>,
        key: impl StoreKey,
    ) -> Result<Option<T>, Error>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        let payload = self.get(category, key)?;
        payload
            .map(|payload| T::from_payload_bytes(&payload))
            .transpose()
            .map_err(|source| self.limits.decode_error(source))
    }

    /// Whether there is a row under a key.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub fn exists(&self, category: impl AsRef<[u8]>, key: impl StoreKey) -> Result<bool, Error> {
        self.get(category, key).map(|payload| payload.is_some())
    }

    /// How many rows lie in a range.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub fn count(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> Result<u64, Error> {
        let query = Query::span(category.as_ref(), range.into_span());
        self.with(|snapshot| query.count(|category, span| snapshot.count(category, span)))
    }

    /// The categories that have rows, in ascending order.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub fn categories(&self) -> Result<Vec<Vec<u8>>, Error> {
        self.with(|snapshot| snapshot.categories())
    }

    /// The rows of a range, in the order of their keys.
    pub fn scan(&self, category: impl AsRef<[u8]>, range: impl KeyBounds) -> ViewScan<'_, 'a, S> {
        ViewScan { at: self, query: Query::span(category.as_ref(), range.into_span()) }
    }

    /// The rows whose keys begin with the bytes of `prefix`.
    pub fn scan_prefix(
        &self,
        category: impl AsRef<[u8]>,
        prefix: impl StoreKey,
    ) -> ViewScan<'_, 'a, S> {
        let span = SpanBuf::prefix(&prefix.to_key());
        ViewScan { at: self, query: Query::span(category.as_ref(), span) }
    }

    /// Calls of one snapshot never overlap: none of them runs code of the caller.
    fn with<T>(&self, read: impl FnOnce(&mut dyn Snapshot) -> T) -> T {
        read(self.source.borrow_mut().snapshot())
    }
}

impl<S: ?Sized> fmt::Debug for At<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("At").finish_non_exhaustive()
    }
}

/// A scan inside of [`Job::read`](crate::Job::read) or [`Job::transact`](crate::Job::transact).
#[must_use = "nothing is read until `.rows()` or `.iter()`"]
pub struct ViewScan<'v, 'a, S: ?Sized> {
    at: &'v At<'a, S>,
    query: Query,
}

impl<'v, 'a, S: Access + ?Sized> ViewScan<'v, 'a, S> {
    /// From the last key to the first.
    pub fn reverse(mut self) -> Self {
        self.query.reverse = true;
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: usize) -> Self {
        self.query.limit = rows;
        self
    }

    /// Only what comes strictly behind `key`, in the direction of the scan.
    pub fn after(mut self, key: impl StoreKey) -> Self {
        self.query.after = Some(key.to_key());
        self
    }

    /// Reads all rows.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub fn rows(mut self) -> Result<Rows, Error> {
        let mut page = Page::default();
        while self.at.with(|snapshot| {
            self.query.next_page(&mut page, |request, page| snapshot.page(request, page))
        })? {}
        Ok(Rows::new(Arc::new(page)))
    }

    /// Reads row by row, in bounded memory.
    pub fn iter(self) -> ViewIter<'v, 'a, S> {
        ViewIter { at: Some(self.at), query: self.query, page: Arc::default(), next: 0 }
    }
}

impl<S: ?Sized> fmt::Debug for ViewScan<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewScan").field("query", &self.query).finish()
    }
}

/// The rows of a [`ViewScan`], one by one.
pub struct ViewIter<'v, 'a, S: ?Sized> {
    /// None once the last page is there.
    at: Option<&'v At<'a, S>>,
    query: Query,
    page: Arc<Page>,
    next: usize,
}

impl<S: Access + ?Sized> ViewIter<'_, '_, S> {
    /// Gets the next page; says whether it has rows.
    fn turn_page(&mut self) -> Result<bool, Error> {
        let Some(at) = self.at else { return Ok(false) };
        let mut page = Page::default();
        let more = at.with(|snapshot| {
            self.query.next_page(&mut page, |request, page| snapshot.page(request, page))
        });
        if !matches!(more, Ok(true)) {
            self.at = None;
        }
        more?;
        self.page = Arc::new(page);
        self.next = 0;
        Ok(!self.page.is_empty())
    }
}

impl<S: Access + ?Sized> Iterator for ViewIter<'_, '_, S> {
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

impl<S: Access + ?Sized> FusedIterator for ViewIter<'_, '_, S> {}

impl<S: ?Sized> fmt::Debug for ViewIter<'_, '_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ViewIter").field("query", &self.query).finish_non_exhaustive()
    }
}
