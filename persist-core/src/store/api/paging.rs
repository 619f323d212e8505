//! Reading a scan page by page: the one implementation behind the iterators and the stream.

use std::sync::Arc;

use crate::store::api::open_job::OpenJob;
use crate::store::api::query::Query;
use crate::store::api::rows::RowBuf;
use crate::store::base::error::Error;
use crate::store::engine::snapshots::Lease;
use crate::store::port::page::Page;
use crate::store::port::read::{PageRequest, Snapshot};
use crate::store::port::stop::Stop;

/// A source of pages for a scan.
pub(crate) trait PageSource {
    /// Appends rows to `page`. Returns whether more may follow.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error>;
}

/// The rest of a scan: the pages that have not been read.
pub(crate) struct Pages<S> {
    source: S,
    query: Query,
}

impl<S: PageSource> Pages<S> {
    pub(crate) fn new(source: S, query: Query) -> Self {
        Self { source, query }
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Reads the next page, unless `stop` is set meanwhile. Returns it and the rest of the scan, if any rows may be left.
    ///
    /// # Errors
    ///
    /// [`Error::SnapshotExpired`]; errors of the backend.
    pub(crate) fn turn(mut self, stop: &Stop) -> Result<(Page, Option<Self>), Error> {
        let mut page = Page::default();
        let more = self
            .query
            .next_page(&mut page, stop, |request, page| self.source.page(request, page))?;
        Ok((page, more.then_some(self)))
    }
}

/// The pages of an open job, all from one snapshot unless the scan is paged.
pub(crate) struct JobPages {
    /// Keeps the job open while the scan exists.
    job: Arc<OpenJob>,
    paged: bool,
    /// `None` before the first page, and always for a paged scan.
    snapshot: Option<Lease>,
}

impl JobPages {
    /// Returns the pages of a scan that takes its snapshot with the first page.
    pub(crate) fn lazy(job: Arc<OpenJob>, query: Query) -> Pages<Self> {
        let source = Self { job, paged: query.paged, snapshot: None };
        Pages::new(source, query)
    }

    /// Takes the snapshot now, and returns the pages of the scan.
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    pub(crate) fn begin(job: Arc<OpenJob>, query: Query) -> Result<Pages<Self>, Error> {
        let snapshot = if query.paged { None } else { Some(job.begin_read()?) };
        let source = Self { job, paged: query.paged, snapshot };
        Ok(Pages::new(source, query))
    }

    pub(crate) fn job(&self) -> &Arc<OpenJob> {
        &self.job
    }
}

impl PageSource for JobPages {
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        if self.paged {
            return self.job.reader().page(request, page);
        }
        match &mut self.snapshot {
            Some(snapshot) => snapshot.page(request, page),
            none => none.insert(self.job.begin_read()?).page(request, page),
        }
    }
}

/// The rows of one page that have not been returned.
#[derive(Default)]
pub(crate) struct PageRows {
    page: Arc<Page>,
    next: usize,
}

impl From<Page> for PageRows {
    fn from(page: Page) -> Self {
        Self { page: Arc::new(page), next: 0 }
    }
}

impl Iterator for PageRows {
    type Item = RowBuf;

    fn next(&mut self) -> Option<RowBuf> {
        if self.next == self.page.len() {
            return None;
        }
        self.next += 1;
        Some(RowBuf::new(Arc::clone(&self.page), self.next - 1))
    }
}

/// The rows of a scan, one by one. An error ends it.
pub(crate) struct PagesIter<S> {
    /// The rest after the current page, or the error to report; `None` after the last page.
    rest: Option<Result<Pages<S>, Error>>,
    rows: PageRows,
}

impl<S> PagesIter<S> {
    pub(crate) fn new(pages: Result<Pages<S>, Error>) -> Self {
        Self { rest: Some(pages), rows: PageRows::default() }
    }
}

impl<S: PageSource> Iterator for PagesIter<S> {
    type Item = Result<RowBuf, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            match self.rest.take()?.and_then(|pages| pages.turn(&Stop::default())) {
                Ok((page, rest)) => {
                    self.rows = page.into();
                    self.rest = rest.map(Ok);
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
