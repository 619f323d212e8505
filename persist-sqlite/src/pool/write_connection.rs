//! The connection of an open job that writes, and the transactions on it.
//!
//! A transaction ends in one of these ways:
//!
//! - It is committed. With `Durability::Normal` it survives a crash of the process from here on, with `Full` a power cut too, so the
//!   engine acknowledges its writes when [`WriteConnection::in_transaction`] has returned.
//! - It is rolled back, and nothing of it was applied: [`Failure::Busy`], [`Failure::Full`] or [`Failure::NotApplied`].
//! - Its commit failed with another error, or its rollback did: [`Failure::Unknown`]. It may be in the WAL all the same, so the job's
//!   latch is set, and the next opening decides by reading the WAL.
//!
//! Only one thread at a time uses the connection: the one that has locked the slot in [`Connections`](crate::pool::connections).

use std::cell::Cell;
use std::sync::Arc;

use persist_core::error::Place;
use persist_core::port::{Outcome, Space};
use persist_core::{Durability, Error};
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::job_connection::JobConnection;
use crate::connection::setup::{self, COMMIT_PATIENCE};
use crate::file::presence::WatchedWal;
use crate::file::schema::{self, Versions};
use crate::wal::change_counter;
use crate::wal::checkpointer::Attended;
use crate::wal::checkpoints::Wal;

/// The one connection of a job that writes.
pub(crate) struct WriteConnection {
    // The first field, so that it is dropped before the connection is closed: from then on another process may remove the WAL.
    _wal_is_open: WatchedWal,
    connection: JobConnection,
    wal: Arc<Wal>,
    place: Place,
    durability: Durability,
    /// The schema as it was last inspected.
    schema: Cell<Versions>,
    /// Whether the current transaction has created the table of system rows.
    creates_system: Cell<bool>,
}

/// The reason why a transaction was not committed, by its effect.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Another process holds the lock. Nothing was applied.
    Busy(Error),
    /// The disk is full. Nothing was applied.
    Full(Error),
    /// Nothing was applied.
    NotApplied(Error),
    /// The next opening of the job finds out whether the transaction was applied.
    Unknown(Error),
}

impl Failure {
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Busy(error)
            | Self::Full(error)
            | Self::NotApplied(error)
            | Self::Unknown(error) => error,
        }
    }

    pub(crate) fn into_outcome(self) -> Outcome {
        match self {
            Self::Unknown(error) => Outcome::Unknown(error),
            other => Outcome::NotApplied(other.into_error()),
        }
    }
}

impl WriteConnection {
    /// Sets up a connection that was prepared for this durability, and whose schema is a job's.
    pub(crate) fn new(
        mut connection: JobConnection,
        versions: Versions,
        wal: &Attended,
        durability: Durability,
    ) -> Result<Self, Error> {
        let place = wal.place().clone();
        connection
            .busy_timeout(COMMIT_PATIENCE)
            .and_then(|()| setup::checkpoint_on_close(&connection, false))
            .and_then(|()| wal.follow(&mut connection))
            .map_err(|error| errors::from_sqlite(&place, error))?;
        // The WAL may have started again while no connection was open.
        wal.want_first_page();
        let wal_is_open = connection.claim().presence().watch_wal();
        Ok(Self {
            _wal_is_open: wal_is_open,
            connection,
            wal: wal.shared(),
            place,
            durability,
            schema: Cell::new(versions),
            creates_system: Cell::new(false),
        })
    }

    /// Calls `run` in a transaction, and commits the transaction if `run` succeeds.
    pub(crate) fn in_transaction<T>(
        &self,
        run: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| {
            let busy = errors::is_busy(&error);
            let error = errors::from_sqlite(&self.place, error);
            if busy { Failure::Busy(error) } else { Failure::NotApplied(error) }
        })?;
        self.creates_system.set(false);
        let changes = self.connection.total_changes();
        let value =
            self.check_schema().and_then(|()| run()).map_err(|failure| self.roll_back(failure))?;
        let has_changed_rows = self.connection.total_changes() != changes;
        let has_first_page = has_changed_rows
            && self.write_first_page().map_err(|failure| self.roll_back(failure))?;
        let (pages, written) = (self.wal.pages(), self.wal.written());
        let committed = self.execute("COMMIT");
        // Page 1 is due again if the commit that wrote it failed, or if this commit, without page 1, has started the WAL again. A
        // commit adds pages to the WAL, unless all rows keep their payloads. So if the hook has counted pages, and the WAL has no
        // more than before, another process has emptied it, and this commit has started it again.
        let has_started_again = self.wal.written() != written && self.wal.pages() <= pages;
        let is_missing = if has_first_page { committed.is_err() } else { has_started_again };
        if is_missing {
            self.wal.want_first_page();
        }
        match committed {
            Ok(()) => {
                if self.creates_system.get() {
                    self.schema.set(self.schema().with_system());
                }
                Ok(value)
            }
            // With these two errors SQLite has not written the commit, or only a part of it, which no reader takes for a commit.
            Err(error) if errors::is_busy(&error) => {
                Err(self.roll_back(Failure::Busy(errors::from_sqlite(&self.place, error))))
            }
            Err(error) if errors::is_full(&error) => {
                Err(self.roll_back(Failure::Full(errors::from_sqlite(&self.place, error))))
            }
            // The commit may be in the WAL, although the disk did not confirm it.
            Err(error) => Err(self.fail(Arc::new(error))),
        }
    }

    /// Returns whether the file has a table of system rows, in the current transaction.
    pub(crate) fn has_system_rows(&self) -> bool {
        self.schema().has_system || self.creates_system.get()
    }

    /// Creates the table of system rows in the current transaction, if an operation needs it and it does not exist.
    pub(crate) fn prepare_space(&self, space: Space) -> Result<(), Failure> {
        if space == Space::System && !self.has_system_rows() {
            schema::create_system(&self.connection).map_err(|error| self.failure(error))?;
            self.creates_system.set(true);
        }
        Ok(())
    }

    /// Runs a statement in the current transaction. Returns the number of rows that it changed.
    pub(crate) fn run(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<u64, Failure> {
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        run().map(|rows| rows as u64).map_err(|error| self.failure(error))
    }

    /// Checks that the files of the job are in their places. A sync calls this, since no later opening would find the commits that it
    /// made durable in a lost file.
    pub(crate) fn check_files(&self) -> Result<(), Failure> {
        self.connection.claim().presence().check().map_err(Failure::NotApplied)
    }

    /// Checks in a transaction that no other process has changed the file so that it is no longer a job's.
    fn check_schema(&self) -> Result<(), Failure> {
        schema::expect_same(&self.connection, &self.place, &self.schema).map_err(|error| {
            Failure::NotApplied(match error {
                Error::Incompatible { .. } | Error::Corrupt { .. } => {
                    self.wal.latch().refuse(error)
                }
                error => error,
            })
        })
    }

    /// Writes page 1 if that is due. Returns whether it did.
    fn write_first_page(&self) -> Result<bool, Failure> {
        if !self.wal.take_first_page() {
            return Ok(false);
        }
        change_counter::write_first_page(&self.connection).map(|()| true).map_err(|error| {
            self.wal.want_first_page();
            self.failure(error)
        })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn wal(&self) -> &Wal {
        &self.wal
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn durability(&self) -> Durability {
        self.durability
    }

    /// The versions of the schema as it was last inspected.
    pub(crate) fn schema(&self) -> Versions {
        self.schema.get()
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop).map_err(errors::recognize_full)
    }

    /// Returns the failure for an error before the commit, so nothing was committed.
    pub(crate) fn failure(&self, error: rusqlite::Error) -> Failure {
        let error = errors::recognize_full(error);
        let full = errors::is_full(&error);
        let error = errors::from_sqlite(&self.place, error);
        if full { Failure::Full(error) } else { Failure::NotApplied(error) }
    }

    /// Rolls back the transaction. After some errors SQLite has done so by itself.
    fn roll_back(&self, failure: Failure) -> Failure {
        if self.connection.is_autocommit() {
            return failure;
        }
        match self.execute("ROLLBACK") {
            Ok(()) => failure,
            Err(error) => self.fail(Arc::new(error)),
        }
    }

    /// Sets the job's latch after an error with an unknown outcome. Nothing is written from here on, not even by a checkpoint at the
    /// close, since the bytes that the disk holds of the WAL may differ from those that the system reads back.
    pub(crate) fn fail(&self, error: Arc<rusqlite::Error>) -> Failure {
        self.wal.latch().fail(Arc::clone(&error) as _);
        Failure::Unknown(Error::Unknown { place: self.place.clone(), source: Some(error) })
    }

    /// Checkpoints the WAL unless the job has failed, and closes the connection: the last one to the file, unless another
    /// store or process has it open.
    pub(crate) fn close(self) -> Result<(), Error> {
        let finished = self.wal.finish(&self.connection);
        self.connection.flush_prepared_statement_cache();
        // The WAL of a failed job is left for the next opening, whether or not a caller has received the failure.
        let all_well = finished.is_ok() && !self.wal.latch().is_set();
        let closed = setup::checkpoint_on_close(&self.connection, all_well)
            .and_then(|()| self.connection.close())
            .map_err(|error| errors::from_sqlite(&self.place, error));
        finished.and(closed)
    }
}
