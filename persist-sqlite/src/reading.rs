//! A connection that reads the rows of a job.

use std::cell::Cell;
use std::ops::Deref;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::Connection;

use crate::claim::Claimed;
use crate::schema::{self, Versions};

/// How many single reads share one check of the schema. A check takes most of the time of a point read, so with as many as this it
/// adds less than half a percent.
const READS_PER_CHECK: u32 = 256;

/// A connection for reads, and the schema that it reads by.
pub(crate) struct Reading {
    connection: Claimed,
    schema: Cell<Versions>,
    reads: Cell<u32>,
}

impl Reading {
    /// A connection whose schema was found to be a job's.
    pub(crate) fn new(connection: Claimed, schema: Versions) -> Self {
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

    /// Checks that no other process has made something else of the file.
    ///
    /// # Errors
    ///
    /// As for [`schema::expect_job`].
    pub(crate) fn check_schema(&self, place: &Place) -> Result<(), Error> {
        schema::expect_same(&self.connection, place, &self.schema)
    }
}

impl Deref for Reading {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}
