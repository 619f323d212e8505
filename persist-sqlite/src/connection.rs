//! How connections are opened, for each of their uses.

use std::time::Duration;

use persist_core::Error;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::errors;
use crate::job_file::JobFile;

/// How long opening and reading wait for another process.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long one try of a commit waits. The engine then tries again.
pub(crate) const COMMIT_PATIENCE: Duration = Duration::from_millis(100);

/// As many statements as a connection ever prepares, so that none is prepared twice.
const STATEMENTS: usize = 32;

/// For looking at a file that may not be ours: it changes nothing, not even at its close.
pub(crate) fn for_probing(file: &JobFile) -> Result<Connection, Error> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// For the writer: it creates the file if need be.
pub(crate) fn for_writing(file: &JobFile) -> Result<Connection, Error> {
    open(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// For reading a file that the writer has opened. It may have to recover the WAL, so it can write, but no
/// statement of it may.
pub(crate) fn for_reading(file: &JobFile) -> Result<Connection, Error> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

fn open(file: &JobFile, access: OpenFlags) -> Result<Connection, Error> {
    // Each connection is used by one thread at a time. The root has no links in it any more.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let open = || {
        let connection = Connection::open_with_flags(&file.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        Ok(connection)
    };
    open().map_err(|error| errors::from_sqlite(&file.place, error))
}
