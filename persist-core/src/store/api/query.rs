use std::sync::Arc;

use crate::encoding::{Key, PayloadDecode, StoreKey};
use crate::store::api::open_job::OpenJob;
use crate::store::api::rows::{RowBuf, Rows};
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::bounds::{KeyBounds, Span};
use crate::store::base::category::{Category, Space};
use crate::store::base::error::{Error, Place};
use crate::store::engine::filter::About;
use crate::store::port::completion::Completion;
use crate::store::port::page::{PAGE_BYTES, PAGE_ROWS, Page};
use crate::store::port::read::{PageRequest, Reader, Snapshot};
use crate::store::port::stop::Stop;

/// The rows that a read is about, and the order and number in which they are read.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The raw bytes. A short category needs no allocation.
    category: Key,
    span: SpanBuf,
    pub(crate) reverse: bool,
    /// If set, only rows after this key are read, in the direction of the scan.
    pub(crate) after: Option<Key>,
    /// The number of rows that are still wanted.
    pub(crate) limit: usize,
    /// Whether payloads are left out.
    pub(crate) keys_only: bool,
    /// Whether each page may come from its own snapshot.
    pub(crate) paged: bool,
    /// The part of the category, or of the job, that is read.
    scope: Scope,
}

#[derive(Clone, Debug)]
enum Scope {
    /// The key with which the span begins.
    Key,
    /// Some keys of the category.
    Keys(Vec<Key>),
    /// The keys of the span.
    Span,
    /// All categories.
    Everything,
}

/// The most keys that a backend is asked for at once.
pub(crate) const MOST_KEYS: usize = 1_000;

impl Query {
    /// Returns a query about one key.
    pub(crate) fn key(category: &[u8], key: &impl StoreKey) -> Self {
        let span = SpanBuf { start: key.to_key(), stop: None };
        Self::new(category, span, Scope::Key)
    }

    /// Returns a query about the keys of a span.
    pub(crate) fn span(category: &[u8], span: SpanBuf) -> Self {
        Self::new(category, span, Scope::Span)
    }

    /// Returns a query about the keys that begin with a prefix and continue with a key in a range.
    pub(crate) fn within(category: &[u8], prefix: &impl StoreKey, range: impl KeyBounds) -> Self {
        Self::span(category, range.into_span_within(&prefix.to_key()))
    }

    /// Returns a query about the first row of a range, in the direction of the scan.
    pub(crate) fn end_of(category: &[u8], range: impl KeyBounds, reverse: bool) -> Self {
        Self { reverse, limit: 1, ..Self::span(category, range.into_span()) }
    }

    fn new(category: &[u8], span: SpanBuf, scope: Scope) -> Self {
        Self {
            category: Key::from_bytes(category),
            span,
            reverse: false,
            after: None,
            limit: usize::MAX,
            keys_only: false,
            paged: false,
            scope,
        }
    }

    /// Replaces the span.
    pub(crate) fn narrow_to(&mut self, span: SpanBuf) {
        self.span = span;
    }

    /// Returns a query about several keys.
    pub(crate) fn keys(category: &[u8], keys: Vec<Key>) -> Self {
        Self::new(category, SpanBuf::all(), Scope::Keys(keys))
    }

    /// Returns a query about all rows of all categories.
    pub(crate) fn everything() -> Self {
        Self::new(b"", SpanBuf::all(), Scope::Everything)
    }

    pub(crate) fn about(&self) -> About<'_> {
        let category = self.category.as_bytes();
        match &self.scope {
            Scope::Key => About::Key { category, key: &self.span.start },
            Scope::Keys(keys) => About::Keys { category, keys },
            Scope::Span => About::Category(category),
            Scope::Everything => About::Everything,
        }
    }

    fn keys_asked(&self) -> &[Key] {
        if let Scope::Keys(keys) = &self.scope { keys } else { &[] }
    }

    /// Appends the next rows to `page` by calling `read`, and continues after them. Returns whether more rows may
    /// follow.
    pub(crate) fn next_page(
        &mut self,
        page: &mut Page,
        stop: &Stop,
        read: impl FnOnce(&PageRequest<'_>, &mut Page) -> Result<bool, Error>,
    ) -> Result<bool, Error> {
        if let Some(after) = self.after.take() {
            self.span.narrow_behind(after.as_bytes(), self.reverse);
        }
        if self.limit == 0 || self.as_span().is_empty() {
            return Ok(false);
        }
        let before = page.len();
        let more = read(&self.page_request(stop), page)?;
        self.limit = self.limit.saturating_sub(page.len() - before);
        if page.len() > before
            && let Some(last) = page.last_key()
        {
            self.span.narrow_behind(last, self.reverse);
        }
        Ok(more && self.limit > 0 && page.len() > before)
    }

    /// Reads all pages, or the pages up to a cancellation.
    pub(crate) fn read_all(
        mut self,
        stop: &Stop,
        mut read: impl FnMut(&PageRequest<'_>, &mut Page) -> Result<bool, Error>,
    ) -> Result<Rows, Error> {
        let mut page = Page::default();
        while self.next_page(&mut page, stop, &mut read)? && !stop.is_set() {}
        Ok(Rows::new(Arc::new(page)))
    }

    pub(crate) fn get(&self, reader: &dyn Reader) -> Result<Option<Vec<u8>>, Error> {
        reader.get(self.category(), self.key_bytes())
    }

    pub(crate) fn start_get(&self, reader: &dyn Reader, done: Completion<Option<Vec<u8>>>) {
        reader.start_get(self.category(), self.key_bytes(), done);
    }

    pub(crate) fn count(&self, reader: &dyn Reader, stop: &Stop) -> Result<u64, Error> {
        self.count_by(|category, span| reader.count(category, span, stop))
    }

    pub(crate) fn start_count(&self, reader: &dyn Reader, stop: &Stop, done: Completion<u64>) {
        if self.as_span().is_empty() {
            done.complete(Ok(0));
        } else {
            reader.start_count(self.category(), self.as_span(), stop, done);
        }
    }

    /// Counts the rows by calling `count`, unless the span is empty.
    pub(crate) fn count_by(
        &self,
        count: impl FnOnce(Category<'_>, Span<'_>) -> Result<u64, Error>,
    ) -> Result<u64, Error> {
        if self.as_span().is_empty() {
            return Ok(0);
        }
        count(self.category(), self.as_span())
    }

    /// Reads the first rows, at most one page, from one moment.
    pub(crate) fn first_page(&self, reader: &dyn Reader, stop: &Stop) -> Result<Page, Error> {
        let mut page = Page::default();
        self.clone().next_page(&mut page, stop, |request, page| reader.page(request, page))?;
        Ok(page)
    }

    /// Starts the read of [`first_page`](Self::first_page).
    pub(crate) fn start_first_page(
        &self,
        reader: &dyn Reader,
        stop: &Stop,
        done: Completion<(Page, bool)>,
    ) {
        if self.limit == 0 || self.as_span().is_empty() {
            done.complete(Ok((Page::default(), false)));
        } else {
            reader.start_page(&self.page_request(stop), done);
        }
    }

    /// Returns whether all rows may be in one page, judged by their number.
    pub(crate) fn may_fit_one_page(&self) -> bool {
        !self.paged && self.limit <= PAGE_ROWS
    }

    /// Returns whether the first page has all rows that are wanted. `more` is whether the backend may have more.
    pub(crate) fn is_complete(&self, page: &Page, more: bool) -> bool {
        !more || page.len() >= self.limit || page.is_empty()
    }

    fn category(&self) -> Category<'_> {
        Category::user(self.category.as_bytes())
    }

    fn page_request<'a>(&'a self, stop: &'a Stop) -> PageRequest<'a> {
        PageRequest {
            category: self.category(),
            span: self.as_span(),
            reverse: self.reverse,
            keys_only: self.keys_only,
            rows: self.limit.min(PAGE_ROWS),
            bytes: PAGE_BYTES,
            stop,
        }
    }

    fn as_span(&self) -> Span<'_> {
        self.span.as_span()
    }

    fn key_bytes(&self) -> &[u8] {
        self.span.start.as_bytes()
    }
}

/// Decodes the payload of a `get_as`.
pub(crate) fn decode<T>(job: &OpenJob, payload: Option<Vec<u8>>) -> Result<Option<T>, Error>
where
    T: for<'de> PayloadDecode<'de>,
{
    job.limits.decode(payload)
}

/// Returns the first row of a page.
#[expect(clippy::unnecessary_wraps, reason = "it is one of several steps, some of which fail")]
pub(crate) fn first_of(_: &OpenJob, page: Page) -> Result<Option<RowBuf>, Error> {
    Ok(Rows::new(Arc::new(page)).into_first())
}

/// Returns what the backend returned.
#[expect(clippy::unnecessary_wraps, reason = "it is one of several steps, some of which fail")]
pub(crate) fn unchanged<T>(_: &OpenJob, found: T) -> Result<T, Error> {
    Ok(found)
}

pub(crate) fn exists(job: &OpenJob, query: &Query, _: &Stop) -> Result<bool, Error> {
    job.reader().exists(query.category(), query.key_bytes())
}

pub(crate) fn categories(job: &OpenJob, _: &Query, _: &Stop) -> Result<Vec<Vec<u8>>, Error> {
    job.begin_read()?.categories(Space::User)
}

pub(crate) fn get_many(
    job: &OpenJob,
    query: &Query,
    stop: &Stop,
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    let category = query.category();
    let keys: Vec<&[u8]> = query.keys_asked().iter().map(Key::as_bytes).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    if keys.len() <= MOST_KEYS {
        return one_each(&keys, job.reader().get_many(category, &keys)?, job.place());
    }
    let mut snapshot = job.begin_read()?;
    let mut payloads = Vec::with_capacity(keys.len());
    for some in keys.chunks(MOST_KEYS).take_while(|_| !stop.is_set()) {
        payloads.append(&mut one_each(some, snapshot.get_many(category, some)?, job.place())?);
    }
    Ok(payloads)
}

/// Returns the payloads that a backend returned for some keys. Their number is checked, since a missing payload would shift
/// the later ones to other keys.
///
/// # Errors
///
/// [`Error::Backend`] if there is not one for each key.
pub(crate) fn one_each(
    keys: &[&[u8]],
    payloads: Vec<Option<Vec<u8>>>,
    place: &Place,
) -> Result<Vec<Option<Vec<u8>>>, Error> {
    if payloads.len() == keys.len() {
        return Ok(payloads);
    }
    let message =
        format!("the backend returned {} payloads for {} keys", payloads.len(), keys.len());
    Err(Error::Backend { place: place.clone(), code: String::new(), message, source: None })
}

pub(crate) fn scan(job: &OpenJob, query: &Query, stop: &Stop) -> Result<Rows, Error> {
    let read = |request: &PageRequest<'_>, page: &mut Page| job.reader().page(request, page);
    if query.paged {
        return query.clone().read_all(stop, read);
    }
    if query.may_fit_one_page() {
        // Taking and releasing a snapshot takes longer than reading a page. So a scan that may fit into one page first
        // reads that page without a snapshot. If rows are left, all rows have to come from one snapshot, and the scan
        // starts again.
        let mut page = Page::default();
        if !query.clone().next_page(&mut page, stop, read)? {
            return Ok(Rows::new(Arc::new(page)));
        }
    }
    let mut snapshot = job.begin_read()?;
    query.clone().read_all(stop, |request, page| snapshot.page(request, page))
}
