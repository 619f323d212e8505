use std::sync::Arc;

use super::open_job::OpenJob;
use super::port::Snapshot;
use super::query::Query;
use super::snapshots::Lease;
use super::{Error, Page};

/// A scan under way, of which somebody turns the pages.
pub(super) struct Pages {
    /// Kept open meanwhile.
    job: Arc<OpenJob>,
    query: Query,
    /// None before the first page, and of a scan that has given it up.
    snapshot: Option<Lease>,
}

impl Pages {
    /// Takes the snapshot with the first page.
    pub(super) fn new(job: Arc<OpenJob>, query: Query) -> Self {
        Self { job, query, snapshot: None }
    }

    /// Takes the snapshot now, unless the scan has given it up.
    ///
    /// # Errors
    ///
    /// As the backend finds.
    pub(super) fn begin(job: Arc<OpenJob>, query: Query) -> Result<Self, Error> {
        let snapshot = if query.paged { None } else { Some(job.begin_read()?) };
        Ok(Self { job, query, snapshot })
    }

    pub(super) fn job(&self) -> &Arc<OpenJob> {
        &self.job
    }

    /// The next page, and what follows it, if anything may.
    ///
    /// # Errors
    ///
    /// [`Error::SnapshotExpired`], and as the backend finds.
    pub(super) fn turn(mut self) -> Result<(Page, Option<Self>), Error> {
        if self.snapshot.is_none() && !self.query.paged {
            self.snapshot = Some(self.job.begin_read()?);
        }
        let mut page = Page::default();
        let more = self.query.next_page(&mut page, |request, page| match &mut self.snapshot {
            Some(snapshot) => snapshot.page(request, page),
            None => self.job.reader().page(request, page),
        })?;
        Ok((page, more.then_some(self)))
    }
}
