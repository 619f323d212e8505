//! One function for each use of a connection, which opens it with the flags and settings for that use.
//!
//! A connection for probing, or of a read-only store, doesn't change the database. All others are opened for writing, including those
//! for reads, because SQLite may have to recover the WAL.

use std::fs;
use std::path::{Path, PathBuf};

use persist_core::Error;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::base::errors;
use crate::connection::settings::Settings;
use crate::connection::setup::{
    PATIENCE, checkpoint_on_close, configure, opened_read_only, set, set_durability, twice,
};
use crate::file::access;
use crate::file::job_file::JobFile;

/// The capacity of a connection's cache of prepared statements: more than it ever prepares, so that none is prepared twice.
const STATEMENTS: usize = 32;

/// The VFS with which SQLite keeps out all other processes, from the first lock until the last connection is closed. It keeps the
/// index of the WAL in the memory of the process.
const EXCLUSIVE_VFS: &str = "unix-excl";

/// Opens a connection to probe a file that may not be a job's. It doesn't change the file, and leaves no new file next to it.
pub(crate) fn for_probing(file: &JobFile) -> Result<Connection, Error> {
    if !has_wal(file) || has_journal(file) {
        // No process has the file open in WAL mode. Even a reading connection that takes locks would create a WAL now, and a
        // connection that may not write could not read the file at all if a crash has left a rollback journal.
        return of_immutable(file);
    }
    without_writing(file)
}

/// Opens a connection whose first read plays back the rollback journal that a crash has left.
pub(crate) fn for_undoing(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    let connection = for_writing_again(file, settings)?;
    checkpoint_on_close(&connection, false)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

fn has_wal(file: &JobFile) -> bool {
    fs::symlink_metadata(file.wal()).is_ok()
}

/// Returns whether a commit outside of WAL mode may have been interrupted.
fn has_journal(file: &JobFile) -> bool {
    fs::symlink_metadata(file.journal()).is_ok_and(|journal| journal.len() > 0)
}

/// Opens a file that no process changes. SQLite takes no locks and creates no file next to it.
fn of_immutable(file: &JobFile) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open(file, &immutable(&file.path), flags, Settings::default())
}

/// Opens a connection that only reads, while other processes may write. SQLite creates the WAL and its index if they are missing,
/// and changes nothing else.
fn without_writing(file: &JobFile) -> Result<Connection, Error> {
    let is_whole = !has_wal(file) && !has_journal(file);
    if is_whole && access::is_on_read_only_medium(file.root()) {
        // SQLite can't create the WAL there, and no process writes.
        return of_immutable(file);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = open(file, &file.path, flags, Settings::default())?;
    checkpoint_on_close(&connection, false)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// Returns the URI with which SQLite opens a file without locks and journals.
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

/// Opens a connection for the writer. It creates the file if the file is missing and the settings allow that.
pub(crate) fn for_writing(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    if let Some(refusal) = access::files_not_writable(file) {
        return Err(refusal);
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, settings.may_create());
    open_to_write(file, flags, settings)
}

fn open_to_write(
    file: &JobFile,
    flags: OpenFlags,
    settings: Settings,
) -> Result<Connection, Error> {
    twice(|| {
        let connection = open(file, &file.path, flags, settings)?;
        // If SQLite can't open a file for writing, it opens it for reading and reports success.
        match connection.is_readonly("main") {
            Ok(false) => Ok(connection),
            Ok(true) => {
                let error = opened_read_only(file, "the database is read-only");
                Err(errors::from_sqlite(&file.place, error))
            }
            Err(error) => Err(errors::from_sqlite(&file.place, error)),
        }
    })
}

/// Opens the writer's connection again, after it was closed while the job was idle.
pub(crate) fn for_writing_again(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    for_writing(file, Settings { create: false, ..settings })
}

/// Opens a connection for reads of an open job. Its statements can't write, but SQLite may write the files to recover the WAL,
/// unless the store is read-only.
pub(crate) fn for_reading(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    let connection = if settings.read_only {
        without_writing(file)?
    } else {
        open(file, &file.path, OpenFlags::SQLITE_OPEN_READ_WRITE, settings)?
    };
    let set = || {
        checkpoint_on_close(&connection, false)?;
        set(&connection, "query_only", true)?;
        if settings.mmap_bytes > 0 {
            // SQLite lowers a size that it can't map, so the setting is not read back.
            let bytes = i64::try_from(settings.mmap_bytes).unwrap_or(i64::MAX);
            connection.pragma_update(None, "mmap_size", bytes)?;
        }
        Ok(())
    };
    set().map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// Opens a connection for checkpoints.
pub(crate) fn for_checkpoints(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    let connection = open_to_write(file, OpenFlags::SQLITE_OPEN_READ_WRITE, settings)?;
    let set = || {
        set_durability(&connection, settings.durability)?;
        checkpoint_on_close(&connection, false)
    };
    set().map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

fn open(
    file: &JobFile,
    name: &Path,
    access: OpenFlags,
    settings: Settings,
) -> Result<Connection, Error> {
    // One thread at a time uses a connection, so SQLite needs no mutex. The root is resolved, so no part of the path is a link.
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let open = || {
        let connection = if settings.exclusive {
            Connection::open_with_flags_and_vfs(name, flags, EXCLUSIVE_VFS)?
        } else {
            Connection::open_with_flags(name, flags)?
        };
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        configure(&connection, DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        configure(&connection, DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // Without this, SQLite prepares a statement again each time a bound value could lead to another query plan.
        configure(&connection, DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(connection)
    };
    open().map_err(|error| errors::from_sqlite(&file.place, error))
}

#[cfg(test)]
mod tests {
    use persist_core::Durability;
    use rusqlite::Connection;
    use rusqlite::config::DbConfig;

    use crate::connection::settings::Settings;
    use crate::connection::{open, prepare};
    use crate::file::job_file::JobFile;

    fn pragma(connection: &Connection, name: &str) -> i64 {
        connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }

    #[test]
    fn checkpoints_are_as_durable_as_commits_and_no_close_checkpoints() {
        for (durability, synchronous) in [(Durability::Normal, 1), (Durability::Full, 2)] {
            let root = tempfile::tempdir().unwrap();
            let file = JobFile::new(root.path(), "job").unwrap();
            let settings = Settings { durability, ..Settings::default() };
            let mut writing = open::for_writing(&file, settings).unwrap();
            prepare::prepare(&mut writing, &file, durability).unwrap();
            let checkpoints = open::for_checkpoints(&file, settings).unwrap();
            assert_eq!(pragma(&checkpoints, "synchronous"), synchronous);
            assert_eq!(pragma(&checkpoints, "fullfsync"), synchronous - 1);
            let reading = open::for_reading(&file, settings).unwrap();
            for connection in [checkpoints, reading] {
                let off = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
                assert_eq!(connection.db_config(off), Ok(true));
            }
        }
    }

    #[test]
    fn only_connections_for_reads_map_memory_and_only_if_set() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let plain = Settings::default();
        let mapped = Settings { mmap_bytes: 1 << 20, ..plain };
        let mut writing = open::for_writing(&file, mapped).unwrap();
        prepare::prepare(&mut writing, &file, Durability::Normal).unwrap();
        assert_eq!(pragma(&writing, "mmap_size"), 0);
        let reading = |settings| open::for_reading(&file, settings).unwrap();
        assert_eq!(pragma(&reading(plain), "mmap_size"), 0);
        assert_eq!(pragma(&reading(mapped), "mmap_size"), 1 << 20);
        let read_only = Settings { read_only: true, ..mapped };
        assert_eq!(pragma(&reading(read_only), "mmap_size"), 1 << 20);
        let beyond = Settings { mmap_bytes: u64::MAX, ..plain };
        assert!(pragma(&reading(beyond), "mmap_size") > 1 << 30);
    }
}
