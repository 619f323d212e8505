//! The writer of an open job: the port's commits, on the job's connection for writes.

use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use persist_core::port::{Commit, CompactStep, Group, Outcome, Retry, WriteTransaction, Writer};

use crate::connection::budget::{self, Idle as _, Purpose};
use crate::connection::job_connection::JobConnection;
use crate::connection::setup::{self, COMMIT_PATIENCE};
use crate::connection::{open, prepare};
use crate::file::claim::Claim;
use crate::file::schema;
use crate::pool::connections::Connections;
use crate::pool::write_connection::WriteConnection;
use crate::wal::checkpointer::Attended;
use crate::write::commits;

/// The writing side of a job. While the job is idle, its connection may be closed. The next write opens it again.
pub(crate) struct SqliteWriter {
    // The first field, so that the checkpoints end before the claim is released.
    wal: Attended,
    connections: Arc<Connections>,
    claim: Arc<Claim>,
}

impl SqliteWriter {
    /// Returns the writer of a job whose connection for writes is open.
    pub(crate) fn new(wal: Attended, connections: Arc<Connections>, claim: Arc<Claim>) -> Self {
        Self { wal, connections, claim }
    }

    /// Calls `run` with the connection, which is opened if necessary. If nothing can be written, returns an outcome for each of
    /// `batches` batches.
    fn write(&self, batches: usize, run: impl FnOnce(&WriteConnection) -> Commit) -> Commit {
        let refuse = |error| Commit::Resolved(vec![Outcome::NotApplied(error); batches]);
        if let Some(failure) = self.wal.latch().report() {
            return refuse(failure);
        }
        if let Err(lost) = self.claim.presence().expect_whole() {
            return refuse(lost);
        }
        self.connections.touch();
        let mut writing = self.connections.writing();
        let opened = writing.take().map_or_else(|| self.open(), Ok);
        let writing = match opened {
            Ok(opened) => writing.insert(opened),
            Err(error @ Error::TooManyOpen { .. }) => {
                budget::wait_for_release(COMMIT_PATIENCE);
                return Commit::Busy(Retry::at_once(error));
            }
            Err(error @ Error::Busy { .. }) => return Commit::Busy(Retry::at_once(error)),
            Err(error @ Error::DiskFull { .. }) => return refuse(error),
            Err(error @ (Error::Incompatible { .. } | Error::Corrupt { .. })) => {
                return refuse(self.wal.latch().refuse(error));
            }
            Err(error) => return refuse(self.wal.latch().fail(Arc::new(error))),
        };
        // This may checkpoint, which may set the latch or find a file missing. So both are checked once more.
        self.wal.keep_to_limit(writing.connection());
        if let Some(failure) = self.wal.latch().report() {
            return refuse(failure);
        }
        match self.claim.presence().expect_whole() {
            Err(lost) => refuse(lost),
            Ok(()) => run(writing),
        }
    }

    fn open(&self) -> Result<WriteConnection, Error> {
        match self.try_open() {
            Err(error) if setup::is_less_than_asked(&error) => {
                // The connections of a process share the index of the WAL, in the way in which the first of them has opened it. So the
                // idle ones are closed before the second attempt.
                self.connections.close_idle();
                self.try_open()
            }
            opened => opened,
        }
    }

    fn try_open(&self) -> Result<WriteConnection, Error> {
        let (file, settings) = (self.connections.file(), self.connections.settings());
        let connection = JobConnection::open(
            file,
            settings,
            &self.claim,
            Purpose::Commit,
            open::for_writing_again,
        )?;
        let versions = schema::expect_job(&connection, self.place())?;
        prepare::set_up(&connection, file, settings.durability)?;
        WriteConnection::new(connection, versions, &self.wal, settings.durability)
    }

    fn place(&self) -> &Place {
        self.wal.place()
    }
}

impl Writer for SqliteWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        self.write(group.len(), |writing| commits::commit(writing, group))
    }

    fn sync(&mut self) -> Commit {
        self.write(1, commits::sync)
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        self.write(1, |writing| commits::transact(writing, run))
    }

    fn logged_bytes(&self) -> u64 {
        self.wal.written_bytes()
    }

    fn compact(&mut self, step: CompactStep) -> Commit {
        self.write(1, |writing| commits::compact(writing, step))
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        self.wal.end();
        let writing = self.connections.writing().take();
        if writing.is_none() && self.wal.latch().is_set() {
            return self.wal.latch().report_once().map_or(Ok(()), Err);
        }
        match writing.map_or_else(|| self.open(), Ok) {
            Ok(writing) => writing.close(),
            // The WAL stays, with all commits.
            Err(Error::TooManyOpen { .. } | Error::Busy { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
