use std::sync::Arc;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use persist_core::Error;
use persist_core::port::{Page, PageRequest, Snapshot, Span};
use rusqlite::Connection;

use crate::base::errors;
use crate::pool::connections::Connections;
use crate::pool::read_connection::Reading;
use crate::read::queries;

pub(crate) const FIRST_READ: &str = "SELECT 1 FROM kv LIMIT 1";

/// A connection that its snapshot uses and the close of the reader can take away.
pub(crate) struct SharedConnection(Mutex<Option<Reading>>);

impl SharedConnection {
    pub(crate) fn new(connection: Reading) -> Self {
        Self(Mutex::new(Some(connection)))
    }

    pub(crate) fn take(&self) -> Option<Reading> {
        self.0.lock().take()
    }
}

/// A read transaction on a connection of its own.
pub(crate) struct SqliteSnapshot {
    connections: Arc<Connections>,
    connection: Arc<SharedConnection>,
}

impl SqliteSnapshot {
    pub(crate) fn begin(connections: &Arc<Connections>) -> Result<Self, Error> {
        let connection = connections.take_for_snapshot()?;
        let snapshot = Self { connections: Arc::clone(connections), connection };
        snapshot.read(|connection| {
            connection.prepare_cached("BEGIN")?.execute([])?;
            // The transaction begins to read, and so is fixed, with its first statement.
            connection.prepare_cached(FIRST_READ)?.exists([]).map(drop)
        })?;
        snapshot.lock()?.check_schema(&connections.file.place)?;
        Ok(snapshot)
    }

    fn lock(&self) -> Result<MappedMutexGuard<'_, Reading>, Error> {
        MutexGuard::try_map(self.connection.0.lock(), Option::as_mut)
            .map_err(|_| self.connections.closed())
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        read(&*self.lock()?)
            .map_err(|error| errors::from_sqlite(&self.connections.file.place, error))
    }
}

impl Snapshot for SqliteSnapshot {
    fn get(&mut self, category: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| queries::get(connection, category, key))
    }

    fn exists(&mut self, category: &[u8], key: &[u8]) -> Result<bool, Error> {
        self.read(|connection| queries::exists(connection, category, key))
    }

    fn count(&mut self, category: &[u8], span: Span<'_>) -> Result<u64, Error> {
        self.read(|connection| queries::count(connection, category, span))
    }

    fn categories(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        self.read(queries::categories)
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
                let place = &self.connections.file.place;
                tracing::warn!(%place, %error, "a read transaction can't be ended: its connection is closed");
            }
        }
    }
}
