//! Transactions of callers: their reads and writes on the writer's connection.

use persist_core::Error;
use persist_core::port::{
    Category, Group, Op, Page, PageRequest, Snapshot, Space, Span, Stop, WriteTransaction,
};
use rusqlite::Connection;

use crate::pool::write_connection::{Failure, WriteConnection};
use crate::read::queries;
use crate::write::apply;

/// A transaction on the writer's connection, while the caller's closure runs.
pub(crate) struct SqliteTransaction<'w> {
    writer: &'w WriteConnection,
    /// The first write that failed, or the first read after which SQLite has rolled back the transaction by itself.
    failed: Option<Failure>,
}

impl<'w> SqliteTransaction<'w> {
    pub(crate) fn new(writer: &'w WriteConnection) -> Self {
        Self { writer, failed: None }
    }

    /// Decides whether to commit, after the closure has returned `result`.
    pub(crate) fn end(self, result: Result<(), Error>) -> Result<(), Failure> {
        match (self.failed, result) {
            // The closure's own error comes first. If it ignored the failure of a write, that failure is reported.
            (_, Err(error)) => Err(Failure::NotApplied(error)),
            (Some(failure), Ok(())) => Err(failure),
            (None, Ok(())) => Ok(()),
        }
    }

    fn fail(&mut self, failure: Failure) -> Error {
        self.failed.get_or_insert(failure.clone());
        failure.into_error()
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        read(self.writer.connection()).map_err(|error| {
            let failure = self.writer.failure(error);
            if self.writer.connection().is_autocommit() {
                self.failed.get_or_insert(failure.clone());
            }
            failure.into_error()
        })
    }
}

impl Snapshot for SqliteTransaction<'_> {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.read(|connection| queries::get(connection, category, key))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.read(|connection| queries::exists(connection, category, key))
    }

    fn count(
        &mut self,
        category: Category<'_>,
        span: Span<'_>,
        _stop: &Stop,
    ) -> Result<u64, Error> {
        self.read(|connection| queries::count(connection, category, span))
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.read(|connection| queries::categories(connection, space))
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.read(|connection| queries::page(connection, request, page))
    }
}

impl WriteTransaction for SqliteTransaction<'_> {
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        apply::apply_one(self.writer, op).map_err(|failure| self.fail(failure))
    }

    fn apply_group(&mut self, group: &Group) -> Result<Vec<u64>, Error> {
        apply::apply_group(self.writer, group.batches()).map_err(|failure| self.fail(failure))
    }

    fn has_system_rows(&mut self) -> Result<bool, Error> {
        Ok(self.writer.has_system_rows())
    }
}
