//! How connections are opened, for each of their uses.

use std::fs;
use std::path::{Path, PathBuf};
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

/// For looking at a file that may not be ours: it changes nothing, nor leaves anything beside it.
pub(crate) fn for_probing(file: &JobFile) -> Result<Connection, Error> {
    let mut wal = file.path.clone().into_os_string();
    wal.push("-wal");
    if fs::symlink_metadata(wal).is_err() {
        // Nobody has it open in WAL mode. Even a reader that takes locks would create a WAL then, and one
        // that may not write couldn't read at all where a crash has left a journal.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        return open(file, &immutable(&file.path), flags);
    }
    let connection = open(file, &file.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// The name by which SQLite opens a file without locks and journals.
fn immutable(path: &Path) -> PathBuf {
    #[cfg(unix)]
    {
        use std::fmt::Write as _;
        use std::os::unix::ffi::OsStrExt;
        let mut uri = String::from("file:");
        for byte in path.as_os_str().as_bytes() {
            match byte {
                b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                    uri.push(char::from(*byte));
                }
                // Writing to a string can't fail.
                _ => drop(write!(uri, "%{byte:02X}")),
            }
        }
        uri.push_str("?immutable=1");
        uri.into()
    }
    #[cfg(not(unix))]
    path.to_owned()
}

/// For the writer: it creates the file if need be.
pub(crate) fn for_writing(file: &JobFile) -> Result<Connection, Error> {
    open(file, &file.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// For reading a file that the writer has opened. It may have to recover the WAL, so it can write, but no
/// statement of it may.
pub(crate) fn for_reading(file: &JobFile) -> Result<Connection, Error> {
    let connection = open(file, &file.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

fn open(file: &JobFile, name: &Path, access: OpenFlags) -> Result<Connection, Error> {
    // Each connection is used by one thread at a time. The root has no links in it any more.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let open = || {
        let connection = Connection::open_with_flags(name, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        Ok(connection)
    };
    open().map_err(|error| errors::from_sqlite(&file.place, error))
}
