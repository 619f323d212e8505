//! The snapshot of an open job: a read transaction of SQLite, which pins the WAL until it ends.
//!
//! The engine decides when a snapshot expires. The job's close takes the connection away without waiting, and the snapshot's next read
//! returns `Closed`.

use std::sync::Arc;

use parking_lot::MappedMutexGuard;
use persist_core::Error;
use persist_core::port::{Category, Page, PageRequest, Snapshot, Space, Span, Stop};
use rusqlite::Connection;

use crate::base::errors;
use crate::pool::connections::{Connections, SnapshotConnection};
use crate::pool::read_connection::ReadConnection;
use crate::read::{queries, stoppable};

/// The first statement of a read transaction, which determines the state that the transaction sees.
pub(crate) const FIRST_READ: &str = "SELECT 1 FROM kv LIMIT 1";

/// A read transaction on a connection of its own.
pub(crate) struct SqliteSnapshot {
    connections: Arc<Connections>,
    connection: Arc<SnapshotConnection>,
}

impl SqliteSnapshot {
    pub(crate) fn begin(connections: &Arc<Connections>) -> Result<Self, Error> {
        let connection = connections.take_for_snapshot()?;
        let snapshot = Self { connections: Arc::clone(connections), connection };
        snapshot.read(|connection| {
            connection.prepare_cached("BEGIN")?.execute([])?;
            // `BEGIN` alone determines nothing.
            connection.prepare_cached(FIRST_READ)?.exists([]).map(drop)
        })?;
        snapshot.lock()?.check_schema(&connections.file().place)?;
        Ok(snapshot)
    }

    fn lock(&self) -> Result<MappedMutexGuard<'_, ReadConnection>, Error> {
        self.connection.lock().ok_or_else(|| self.connections.closed())
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        read(&mut *self.lock()?)
            .map_err(|error| errors::from_sqlite(&self.connections.file().place, error))
    }
}

impl Snapshot for SqliteSnapshot {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| queries::get(connection, category, key))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.read(|connection| queries::exists(connection, category, key))
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        let count = |connection: &Connection| queries::count(connection, category, span);
        self.read(|connection| stoppable::run(connection, &self.connections, stop, count))
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.read(|connection| queries::categories(connection, space))
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.read(|connection| queries::page(connection, request, page))
    }
}

impl Drop for SqliteSnapshot {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let ended =
            connection.prepare_cached("ROLLBACK").and_then(|mut statement| statement.execute([]));
        match ended {
            Ok(_) => self.connections.keep(connection),
            Err(error) => {
                let place = &self.connections.file().place;
                tracing::warn!(%place, %error, "a read transaction can't be ended: its connection is closed");
            }
        }
    }
}
