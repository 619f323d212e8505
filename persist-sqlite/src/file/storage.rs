//! The disk space of a job.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use persist_core::Error;
use persist_core::stats::StorageStats;
use rusqlite::Connection;

use crate::base::errors;
use crate::file::job_file::JobFile;

/// Returns the size of the free pages in the file.
pub(crate) fn free_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    Ok(pragma(connection, "freelist_count")? * page_bytes(connection)?)
}

/// Returns the size of a page.
pub(crate) fn page_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    pragma(connection, "page_size")
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection.pragma_query_value(None, name, |row| row.get(0).map(u32::into))
}

/// Returns the statistics of a job, with the sizes of its files. The sizes are read from the entries, since opening and closing the
/// files would drop SQLite's locks.
pub(crate) fn measure(
    file: &JobFile,
    free_bytes: u64,
    read_connections: usize,
) -> Result<StorageStats, Error> {
    let size = |path: &Path| match fs::metadata(path) {
        Ok(entry) => Ok(entry.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(errors::io(&file.place, "its files can't be looked at", error)),
    };
    let mut storage = StorageStats::default();
    storage.file_bytes = size(&file.path)?;
    storage.wal_bytes = size(&file.wal())?;
    storage.free_bytes = free_bytes;
    storage.read_connections = read_connections;
    Ok(storage)
}
