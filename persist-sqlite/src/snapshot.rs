use std::sync::Arc;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use persist_core::Error;
use persist_core::port::{Page, PageRequest, Snapshot, Span};
use rusqlite::{Connection, Statement, params};

use crate::errors;
use crate::reader::{self, Connections, bytes};

const FIRST_READ: &str = "SELECT 1 FROM kv LIMIT 1";
const CATEGORIES: &str = "\
    WITH RECURSIVE found (category) AS (
        SELECT min(category) FROM kv
        UNION ALL
        SELECT (SELECT min(kv.category) FROM kv WHERE kv.category > found.category)
        FROM found WHERE found.category IS NOT NULL
    )
    SELECT category FROM found WHERE category IS NOT NULL";

/// A connection that its snapshot uses and the close of the reader can take away.
pub(crate) struct SharedConnection(Mutex<Option<Connection>>);

impl SharedConnection {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Mutex::new(Some(connection)))
    }

    pub(crate) fn take(&self) -> Option<Connection> {
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
        Ok(snapshot)
    }

    fn lock(&self) -> Result<MappedMutexGuard<'_, Connection>, Error> {
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
        self.read(|connection| reader::get(connection, category, key))
    }

    fn count(&mut self, category: &[u8], span: Span<'_>) -> Result<u64, Error> {
        let count: i64 = self.read(|connection| match span.stop {
            None => connection
                .prepare_cached("SELECT count(*) FROM kv WHERE category = ?1 AND key >= ?2")?
                .query_row(params![category, span.start], |row| row.get(0)),
            Some(stop) => connection
                .prepare_cached(
                    "SELECT count(*) FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3",
                )?
                .query_row(params![category, span.start, stop], |row| row.get(0)),
        })?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn categories(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(CATEGORIES)?;
            let categories = statement.query_map([], |row| Ok(bytes(row, 0)?.to_vec()))?;
            categories.collect()
        })
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.read(|connection| {
            let sql = page_sql(request.reverse, request.span.stop.is_some());
            let mut statement = connection.prepare_cached(sql)?;
            fill(&mut statement, request, page)
        })
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

/// Appends rows to a page; says whether it is full, and so rows may be left.
fn fill(
    statement: &mut Statement<'_>,
    request: &PageRequest<'_>,
    page: &mut Page,
) -> rusqlite::Result<bool> {
    let limit = i64::try_from(request.rows).unwrap_or(i64::MAX);
    let Span { start, stop } = request.span;
    let mut rows = match stop {
        None => statement.query(params![request.category, start, limit])?,
        Some(stop) => statement.query(params![request.category, start, limit, stop])?,
    };
    let (first, before) = (page.len(), page.bytes());
    while let Some(row) = rows.next()? {
        page.push(bytes(row, 0)?, bytes(row, 1)?);
        if page.len() - first >= request.rows || page.bytes() - before >= request.bytes {
            return Ok(true);
        }
    }
    Ok(false)
}

const fn page_sql(reverse: bool, bounded: bool) -> &'static str {
    match (reverse, bounded) {
        (false, false) => {
            "SELECT key, payload FROM kv WHERE category = ?1 AND key >= ?2 ORDER BY key LIMIT ?3"
        }
        (false, true) => {
            "SELECT key, payload FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?4
             ORDER BY key LIMIT ?3"
        }
        (true, false) => {
            "SELECT key, payload FROM kv WHERE category = ?1 AND key >= ?2 ORDER BY key DESC LIMIT ?3"
        }
        (true, true) => {
            "SELECT key, payload FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?4
             ORDER BY key DESC LIMIT ?3"
        }
    }
}
