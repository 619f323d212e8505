//! A connection that reads the rows of a job, and checks now and then that the file still is a job's.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::Connection;

use crate::connection::job_connection::JobConnection;
use crate::file::schema::{self, Versions};

/// The number of single reads for each check of the schema. A check takes most of the time of a point read, so at this rate it adds
/// less than half a percent.
const READS_PER_CHECK: u32 = 256;

/// A connection for reads, with the schema as it was last inspected.
pub(crate) struct ReadConnection {
    connection: JobConnection,
    schema: Cell<Versions>,
    reads: Cell<u32>,
}

impl ReadConnection {
    /// Takes a connection whose schema is a job's, with the versions of the schema.
    pub(crate) fn new(connection: JobConnection, schema: Versions) -> Self {
        Self { connection, schema: Cell::new(schema), reads: Cell::new(0) }
    }

    /// Checks the schema before every 256th read.
    ///
    /// # Errors
    ///
    /// As for [`check_schema`](Self::check_schema).
    pub(crate) fn check_schema_sometimes(&self, place: &Place) -> Result<(), Error> {
        let reads = self.reads.get() + 1;
        self.reads.set(reads % READS_PER_CHECK);
        if reads == READS_PER_CHECK { self.check_schema(place) } else { Ok(()) }
    }

    /// Checks that no other process has changed the file so that it is no longer a job's.
    ///
    /// # Errors
    ///
    /// As for [`schema::expect_job`].
    pub(crate) fn check_schema(&self, place: &Place) -> Result<(), Error> {
        schema::expect_same(&self.connection, place, &self.schema)
    }
}

impl Deref for ReadConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for ReadConnection {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
