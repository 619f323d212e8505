//! The pages that a scan reads from the backend.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use persist_core::port::{
    Backend, Location, OpenedJob, Page, PageRequest, Reader, Snapshot, Span, Stop,
};
use persist_core::stats::{BackupProgress, CheckReport, StorageStats};
use persist_core::{Error, Memory, Persistency};
use persist_tests::watchdog::within_a_minute;

/// A backend in memory whose reads of pages are counted.
#[derive(Clone, Debug, Default)]
struct Paged {
    memory: Memory,
    counts: Arc<Counts>,
    /// Whether every page is empty and yet reports that rows may follow.
    is_faulty: bool,
}

#[derive(Debug, Default)]
struct Counts {
    pages: AtomicU64,
    snapshots: AtomicU64,
}

impl Backend for Paged {
    fn identity(&self) -> String {
        self.memory.identity()
    }

    fn check(&self) -> Result<(), Error> {
        self.memory.check()
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        self.memory.locate(id)
    }

    fn open_job(&self, id: &str) -> Result<OpenedJob, Error> {
        let OpenedJob { writer, reader } = self.memory.open_job(id)?;
        Ok(OpenedJob { writer, reader: Arc::new(PagedReader { reader, paged: self.clone() }) })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        self.memory.drop_job(id)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        self.memory.stored_job_ids()
    }
}

struct PagedReader {
    reader: Arc<dyn Reader>,
    paged: Paged,
}

impl Reader for PagedReader {
    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.paged.counts.pages.fetch_add(1, Relaxed);
        if self.paged.is_faulty { Ok(true) } else { self.reader.page(request, page) }
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        self.paged.counts.snapshots.fetch_add(1, Relaxed);
        self.reader.begin_read()
    }

    fn get(&self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.reader.get(category, key)
    }

    fn exists(&self, category: &[u8], key: &[u8]) -> Result<bool, Error> {
        self.reader.exists(category, key)
    }

    fn count(&self, category: &[u8], span: Span<'_>) -> Result<u64, Error> {
        self.reader.count(category, span)
    }

    fn storage(&self) -> Result<StorageStats, Error> {
        self.reader.storage()
    }

    fn check(&self, stop: &Stop) -> Result<CheckReport, Error> {
        self.reader.check(stop)
    }

    fn backup(
        &self,
        to: &Path,
        stop: &Stop,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error> {
        self.reader.backup(to, stop, progress)
    }

    fn may_run_inline(&self) -> bool {
        self.reader.may_run_inline()
    }

    fn close(&self) {
        self.reader.close();
    }
}

/// The rows that fit one page.
const PAGE_ROWS: usize = 1_000;

#[test]
fn scan_begins_a_snapshot_only_if_its_rows_may_exceed_one_page() {
    let paged = Paged::default();
    let store = Persistency::open(paged.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for n in 0..2 * PAGE_ROWS {
        job.persist_put("c", u64::try_from(n).unwrap(), b"");
    }
    job.flush().wait().unwrap();
    for (limit, pages, snapshots) in [(1, 1, 0), (PAGE_ROWS, 1, 0), (PAGE_ROWS + 1, 0, 1)] {
        assert_eq!(job.scan("c", ..).limit(limit).wait().unwrap().len(), limit);
        let counts = &paged.counts;
        let found = (counts.pages.swap(0, Relaxed), counts.snapshots.swap(0, Relaxed));
        assert_eq!(found, (pages, snapshots), "of {limit} rows");
    }
}

#[test]
fn first_and_last_read_one_page_and_begin_no_snapshot() {
    let paged = Paged::default();
    let store = Persistency::open(paged.clone()).unwrap();
    let job = store.open_job("job").wait().unwrap();
    for n in 0..3u64 {
        job.persist_put("c", n, b"");
    }
    assert_eq!(job.first("c", ..).wait().unwrap().unwrap().key().decode(), Ok(0u64));
    assert_eq!(job.last("c", ..).wait().unwrap().unwrap().key().decode(), Ok(2u64));
    assert_eq!(paged.counts.pages.load(Relaxed), 2);
    assert_eq!(paged.counts.snapshots.load(Relaxed), 0);
}

#[test]
fn empty_page_ends_a_scan_even_if_the_backend_reports_more_rows() {
    within_a_minute(|| {
        let store = Persistency::open(Paged { is_faulty: true, ..Paged::default() }).unwrap();
        let job = store.open_job("job").wait().unwrap();
        job.persist_put("c", "k", b"").wait().unwrap();
        assert!(job.scan("c", ..).paged().wait().unwrap().is_empty());
        assert_eq!(job.scan("c", ..).paged().iter().count(), 0);
    });
}
