//! What a job takes of the disk.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use persist_core::Error;
use persist_core::stats::StorageStats;
use rusqlite::Connection;

use crate::errors;
use crate::job_file::JobFile;

/// What the free pages of the file take.
pub(crate) fn free_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    Ok(pragma(connection, "freelist_count")? * page_bytes(connection)?)
}

pub(crate) fn page_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    pragma(connection, "page_size")
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<u64> {
    connection.pragma_query_value(None, name, |row| row.get(0).map(u32::into))
}

/// Adds the sizes of the files. They are only looked at, since opening and closing them would drop SQLite's locks.
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
