//! How connections are opened, for each of their uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use persist_core::{Durability, Error};
use rusqlite::config::DbConfig;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OpenFlags, ToSql};

use crate::base::errors;
use crate::connection::budget::{Permit, Purpose};
use crate::connection::settings::Settings;
use crate::file::claim::{Claim, Claimed};
use crate::file::job_file::JobFile;
use crate::file::root::{self, RootLock};

/// How long opening and reading wait for another process.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// How long one try of a commit waits. The engine then tries again.
pub(crate) const COMMIT_PATIENCE: Duration = Duration::from_millis(100);

/// As many statements as a connection ever prepares, so that none is prepared twice.
const STATEMENTS: usize = 32;

/// The way to the file by which SQLite lets in no other process, from the first lock to the last close. It keeps
/// the index of the WAL in memory.
const EXCLUSIVE_VFS: &str = "unix-excl";

/// For looking at a file that may not be ours: it changes nothing, nor leaves anything beside it.
pub(crate) fn for_probing(file: &JobFile) -> Result<Connection, Error> {
    if !has_wal(file) || has_journal(file) {
        // Nobody has it open in WAL mode. Even a reader that takes locks would create a WAL then, and one
        // that may not write couldn't read at all where a crash has left a journal.
        return of_immutable(file);
    }
    without_writing(file)
}

/// For undoing what a crash has left half written, which comes with the first read.
pub(crate) fn for_undoing(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    let connection = for_writing_again(file, settings)?;
    checkpoint_on_close(&connection, false)
        .map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

fn has_wal(file: &JobFile) -> bool {
    fs::symlink_metadata(file.wal()).is_ok()
}

/// Whether a commit outside of WAL mode may have been cut short.
fn has_journal(file: &JobFile) -> bool {
    fs::symlink_metadata(file.journal()).is_ok_and(|journal| journal.len() > 0)
}

/// For a file that nobody changes: without locks, and without anything beside it.
fn of_immutable(file: &JobFile) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    open(file, &immutable(&file.path), flags, Settings::default())
}

/// For reading what others write. SQLite makes a WAL and its index where there is none, but changes nothing.
fn without_writing(file: &JobFile) -> Result<Connection, Error> {
    let is_whole = !has_wal(file) && !has_journal(file);
    if is_whole && root::is_on_read_only_medium(file.root()) {
        // There it can't make them, and nobody writes.
        return of_immutable(file);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = open(file, &file.path, flags, Settings::default())?;
    checkpoint_on_close(&connection, false)
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

/// For the writer: it creates the file if need be and allowed.
pub(crate) fn for_writing(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    if let Some(refusal) = errors::files_not_writable(file) {
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
                let error = errors::opened_read_only(file, "the database is read-only");
                Err(errors::from_sqlite(&file.place, error))
            }
            Err(error) => Err(errors::from_sqlite(&file.place, error)),
        }
    })
}

/// Opens once more if SQLite opened less than it was asked for, since the cause may have passed.
pub(crate) fn twice<T>(mut open: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    match open() {
        Err(error) if errors::is_less_than_asked(&error) => open(),
        opened => opened,
    }
}

/// Checks that a connection in WAL mode can write. If SQLite can't open the WAL or its index for writing, it opens them for
/// reading and reports nothing until the first write.
///
/// # Errors
///
/// If one of the files is open for reading only. Another connection that holds the lock is no error.
pub(crate) fn check_can_write(connection: &Connection, file: &JobFile) -> Result<(), Error> {
    let failed = |error| errors::from_sqlite(&file.place, error);
    connection.busy_timeout(Duration::ZERO).map_err(failed)?;
    let begun = connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK");
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    match begun {
        Err(error) if errors::is_read_only(&error) => {
            Err(failed(errors::opened_read_only(file, &error.to_string())))
        }
        Err(error) if !errors::is_busy(&error) => Err(failed(error)),
        _ => Ok(()),
    }
}

/// For the writer again, after a pause.
pub(crate) fn for_writing_again(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    for_writing(file, Settings { create: false, ..settings })
}

/// Opens one more connection of an open job, in the way of one of the functions here. Perhaps no other was open, and
/// others did with the file what they like: see [`schema::expect_job`].
///
/// # Errors
///
/// [`Error::TooManyOpen`], [`Error::Busy`], or that the file is gone or another.
pub(crate) fn again(
    file: &JobFile,
    settings: Settings,
    claim: &Arc<Claim>,
    purpose: Purpose,
    open: fn(&JobFile, Settings) -> Result<Connection, Error>,
) -> Result<Claimed, Error> {
    let permit = Permit::acquire(&file.place, purpose)?;
    // As at the opening of a job, until SQLite has its lock on the file. An exclusive job's writer has it all the time.
    let _lock = (!settings.exclusive).then(|| RootLock::shared(file.root()));
    // SQLite goes by names, and would take a file that came in the place of another for that one.
    claim.presence().check()?;
    let connection = open(file, settings)?;
    // Its first read takes the lock.
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Err(error) if errors::is_busy(&error) => {
            return Err(errors::from_sqlite(&file.place, error));
        }
        // What else there is to say, what is read from it does.
        Err(_) => {}
        Ok(()) => {
            keep_small(&connection).map_err(|error| errors::from_sqlite(&file.place, error))?;
        }
    }
    claim.presence().check()?;
    Ok(Claimed::new(connection, Arc::clone(claim), permit))
}

/// Lets a connection to a job take memory for pages as it reads them. Whenever a cache is empty SQLite sets 85 KiB aside for
/// its first twenty pages, unless it is as small as this one is for a moment.
pub(crate) fn keep_small(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA cache_size = 1; PRAGMA shrink_memory;
         SELECT count(*) FROM sqlite_schema; PRAGMA cache_size = -2000",
    )
}

/// For reading a file that the writer has opened. It may have to recover the WAL, so it can write unless
/// nothing may, but no statement of it may.
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
            // SQLite lowers it to what it can do.
            let bytes = i64::try_from(settings.mmap_bytes).unwrap_or(i64::MAX);
            connection.pragma_update(None, "mmap_size", bytes)?;
        }
        Ok(())
    };
    set().map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// For checkpoints, which wait for the disk but for nobody else.
pub(crate) fn for_checkpoints(file: &JobFile, settings: Settings) -> Result<Connection, Error> {
    let connection = open_to_write(file, OpenFlags::SQLITE_OPEN_READ_WRITE, settings)?;
    let set = || {
        set_durability(&connection, settings.durability)?;
        checkpoint_on_close(&connection, false)
    };
    set().map_err(|error| errors::from_sqlite(&file.place, error))?;
    Ok(connection)
}

/// Sets whether the close of a file's last connection brings the WAL into the file. So does only the writer's, at a
/// close at which all is well.
pub(crate) fn checkpoint_on_close(connection: &Connection, does: bool) -> rusqlite::Result<()> {
    configure(connection, DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !does)
}

/// Sets whether commits wait for the disk. On macOS it takes more than a sync: `fullfsync`, which is nothing
/// elsewhere.
pub(crate) fn set_durability(
    connection: &Connection,
    durability: Durability,
) -> rusqlite::Result<()> {
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;
    let full = durability == Durability::Full;
    set(connection, "fullfsync", full)?;
    set(connection, "synchronous", if full { FULL } else { NORMAL })
}

/// Sets a pragma and reads it back: SQLite ignores, without an error, what it can't do.
pub(crate) fn set<T: ToSql + FromSql + PartialEq + Copy>(
    connection: &Connection,
    pragma: &str,
    value: T,
) -> rusqlite::Result<()> {
    connection.pragma_update(None, pragma, value)?;
    let is_set = connection.pragma_query_value(None, pragma, |row| row.get::<_, T>(0))? == value;
    if is_set { Ok(()) } else { Err(errors::not_set(pragma)) }
}

/// Sets an option of a connection, and checks that SQLite took it.
fn configure(connection: &Connection, option: DbConfig, on: bool) -> rusqlite::Result<()> {
    if connection.set_db_config(option, on)? == on {
        Ok(())
    } else {
        Err(errors::not_set(&format!("{option:?}")))
    }
}

fn open(
    file: &JobFile,
    name: &Path,
    access: OpenFlags,
    settings: Settings,
) -> Result<Connection, Error> {
    // Each connection is used by one thread at a time. The root has no links in it any more.
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
        // Otherwise a bound value, which might lead to another plan, would prepare the statement again each time.
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

    use crate::connection::open;
    use crate::connection::settings::Settings;
    use crate::file::job_file::JobFile;
    use crate::file::schema;

    fn pragma(connection: &Connection, name: &str) -> i64 {
        connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    }

    #[test]
    fn checkpoints_wait_for_the_disk_and_never_come_with_a_close() {
        for (durability, synchronous) in [(Durability::Normal, 1), (Durability::Full, 2)] {
            let root = tempfile::tempdir().unwrap();
            let file = JobFile::new(root.path(), "job").unwrap();
            let settings = Settings { durability, ..Settings::default() };
            let mut writing = open::for_writing(&file, settings).unwrap();
            schema::prepare(&mut writing, &file, durability).unwrap();
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
    fn setting_that_sqlite_ignores_is_an_error() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        assert!(open::set(&connection, "synchronous", 1).is_ok());
        // The page size of a database with a table stays; there is no such pragma; and a number is kept within limits.
        for (pragma, value) in [("page_size", 8192), ("no_such_pragma", 1), ("synchronous", 9)] {
            assert!(open::set(&connection, pragma, value).is_err(), "{pragma}");
        }
    }

    #[test]
    fn only_what_reads_is_mapped_and_only_when_told() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let plain = Settings::default();
        let mapped = Settings { mmap_bytes: 1 << 20, ..plain };
        let mut writing = open::for_writing(&file, mapped).unwrap();
        schema::prepare(&mut writing, &file, Durability::Normal).unwrap();
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
