use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use persist_core::port::{Commit, CompactStep, Group, Outcome, WriteTransaction, Writer};

use crate::budget::{self, Purpose};
use crate::checkpointer::Attended;
use crate::claim::Claim;
use crate::connection::{self, COMMIT_PATIENCE};
use crate::reader::Connections;
use crate::writing::Writing;
use crate::{errors, schema};

/// The writing side of a job. While the job is idle its connection may be closed, and is opened again for what is to be
/// written next.
pub(crate) struct SqliteWriter {
    // Its checkpoints end before the file is given up.
    wal: Attended,
    connections: Arc<Connections>,
    claim: Arc<Claim>,
}

impl SqliteWriter {
    /// Of a job whose writing connection is open.
    pub(crate) fn new(wal: Attended, connections: Arc<Connections>, claim: Arc<Claim>) -> Self {
        Self { wal, connections, claim }
    }

    /// Runs with the connection, which is opened if need be; if nothing can be written, gives an outcome for each of so
    /// many batches.
    fn write(&self, batches: usize, run: impl FnOnce(&mut Writing) -> Commit) -> Commit {
        let refuse = |error| Commit::Resolved(vec![Outcome::NotApplied(error); batches]);
        if let Some(failure) = self.wal.tell_failure() {
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
                return Commit::Busy(error);
            }
            Err(error @ Error::Busy { .. }) => return Commit::Busy(error),
            Err(error @ Error::DiskFull { .. }) => return refuse(error),
            Err(error @ (Error::Incompatible { .. } | Error::Corrupt { .. })) => {
                return refuse(self.wal.refuse(error));
            }
            Err(error) => return refuse(self.wal.fail(Arc::new(error))),
        };
        self.wal.keep_to_limit(writing.connection());
        if let Some(failure) = self.wal.tell_failure() {
            return refuse(failure);
        }
        match self.claim.presence().expect_whole() {
            Err(lost) => refuse(lost),
            Ok(()) => run(writing),
        }
    }

    fn open(&self) -> Result<Writing, Error> {
        match self.try_open() {
            Err(error) if errors::is_less_than_asked(&error) => {
                // The connections of this process share the index of the WAL, as the first one of them has opened it.
                self.connections.close_idle();
                self.try_open()
            }
            opened => opened,
        }
    }

    fn try_open(&self) -> Result<Writing, Error> {
        let (file, settings) = (self.connections.file(), self.connections.settings());
        let connection = connection::again(
            file,
            settings,
            &self.claim,
            Purpose::Commit,
            connection::for_writing_again,
        )?;
        let versions = schema::expect_job(&connection, self.place())?;
        schema::make_fit(&connection, file, settings.durability)?;
        Writing::new(connection, versions, &self.wal, settings.durability)
    }

    fn place(&self) -> &Place {
        self.wal.place()
    }
}

impl Writer for SqliteWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        self.write(group.len(), |writing| writing.commit(group))
    }

    fn sync(&mut self) -> Commit {
        self.write(1, Writing::sync)
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        self.write(1, |writing| writing.transact(run))
    }

    fn logged_bytes(&self) -> u64 {
        self.wal.written_bytes()
    }

    fn compact(&mut self, step: CompactStep) -> Commit {
        self.write(1, |writing| writing.compact(step))
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        self.wal.end();
        let writing = self.connections.writing().take();
        if writing.is_none() && self.wal.failure().is_some() {
            return self.wal.untold_failure().map_or(Ok(()), Err);
        }
        match writing.map_or_else(|| self.open(), Ok) {
            Ok(writing) => writing.close(),
            // The WAL stays, with what is in it.
            Err(Error::TooManyOpen { .. } | Error::Busy { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
