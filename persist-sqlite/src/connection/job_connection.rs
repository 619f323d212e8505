//! A connection to an open job, with the rights that it needs.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use persist_core::Error;
use rusqlite::Connection;

use crate::base::errors;
use crate::connection::budget::{Permit, Purpose};
use crate::connection::settings::Settings;
use crate::connection::setup;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::root::RootLock;

/// A connection to an open job. It holds a claim to the file and a permit of the budget until it is closed.
pub(crate) struct JobConnection {
    // The first field, so that it is dropped before the rights are released.
    connection: Connection,
    claim: Arc<Claim>,
    _permit: Permit,
}

impl JobConnection {
    pub(crate) fn new(connection: Connection, claim: Arc<Claim>, permit: Permit) -> Self {
        Self { connection, claim, _permit: permit }
    }

    /// Opens one more connection of an open job by `open`, a function of [`open`](crate::connection::open). Perhaps the job has no
    /// other connection at the moment, and another process has changed or replaced the file: the caller has to check its schema
    /// ([`schema::expect_job`](crate::file::schema::expect_job)).
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`]; [`Error::Busy`]; [`Error::Incompatible`] if the file is missing or was replaced.
    pub(crate) fn open(
        file: &JobFile,
        settings: Settings,
        claim: &Arc<Claim>,
        purpose: Purpose,
        open: fn(&JobFile, Settings) -> Result<Connection, Error>,
    ) -> Result<Self, Error> {
        let permit = Permit::acquire(&file.place, purpose)?;
        // As when a job is opened, no other process may rename the file until SQLite has its lock on it. The writer's connection of
        // an exclusive job has that lock all the time.
        let _lock = (!settings.exclusive).then(|| RootLock::shared(file.root()));
        // SQLite opens files by name, and would take a file with the same name for the job's. So this is checked before, and once
        // more when the file is open.
        claim.presence().check()?;
        let connection = open(file, settings)?;
        // The first read takes SQLite's lock on the file.
        let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        // If the file is missing, that explains more than an error of the read.
        claim.presence().check()?;
        let from_sqlite = |error| errors::from_sqlite(&file.place, error);
        read.map_err(from_sqlite)?;
        setup::keep_small(&connection).map_err(from_sqlite)?;
        Ok(Self::new(connection, Arc::clone(claim), permit))
    }

    pub(crate) fn claim(&self) -> &Claim {
        &self.claim
    }

    pub(crate) fn close(self) -> rusqlite::Result<()> {
        self.connection.close().map_err(|(_, error)| error)
    }
}

impl Deref for JobConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for JobConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
