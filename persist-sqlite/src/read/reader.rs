//! The reader of an open job: the port's reads, backups and checks, on connections from the pool.

use std::path::Path;
use std::sync::Arc;

use persist_core::Error;
use persist_core::port::{Category, Maintenance, Page, PageRequest, Reader, Snapshot, Span, Stop};
use persist_core::stats::{BackupProgress, CheckReport, StorageStats};
use rusqlite::Connection;

use crate::file::storage;
use crate::pool::connections::Connections;
use crate::read::snapshot::SqliteSnapshot;
use crate::read::{backup, check, queries, stoppable};

/// The reading side of a job. Reads run on any thread, and none waits for a connection.
pub(crate) struct SqliteReader(Arc<Connections>);

impl SqliteReader {
    pub(crate) fn new(connections: Arc<Connections>) -> Self {
        Self(connections)
    }
}

impl Reader for SqliteReader {
    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.0.lend(|connection| queries::get(connection, category, key))
    }

    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.0.lend(|connection| queries::exists(connection, category, key))
    }

    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        let count = |connection: &Connection| queries::count(connection, category, span);
        self.0.lend(|connection| stoppable::run(connection, &self.0, stop, count))
    }

    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.0.lend(|connection| queries::page(connection, request, page))
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        Ok(Box::new(SqliteSnapshot::begin(&self.0)?))
    }

    fn maintenance(&self) -> Option<&dyn Maintenance> {
        Some(self)
    }

    fn may_run_inline(&self) -> bool {
        true
    }

    fn close(&self) {
        self.0.close();
    }
}

impl Maintenance for SqliteReader {
    fn storage(&self) -> Result<StorageStats, Error> {
        let connections = &self.0;
        let read_connections = connections.count();
        let free_bytes = connections.lend(|connection| storage::free_bytes(connection))?;
        let mut storage = storage::measure(connections.file(), free_bytes, read_connections)?;
        storage.wal_held_back = connections.is_wal_held_back();
        Ok(storage)
    }

    fn check(&self, stop: &Stop) -> Result<CheckReport, Error> {
        self.0.with_own(|connection| {
            check::check(connection, &self.0.file().place, self.0.ends(stop))
        })
    }

    fn backup(
        &self,
        to: &Path,
        stop: &Stop,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error> {
        let mut back_up = |connection: &Connection| {
            backup::back_up(connection, self.0.file(), to, &self.0.ends(stop), progress)
        };
        match self.0.presence().check() {
            Ok(()) => self.0.with_own(|connection| back_up(connection)),
            Err(lost) => self.0.with_opened(back_up, lost),
        }
    }
}
