//! SQLite's errors as the store's.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::{ErrorCode, ffi};

use crate::job_file::JobFile;

/// The store's error for one of SQLite's.
pub(crate) fn from_sqlite(place: &Place, error: rusqlite::Error) -> Error {
    let error = recognize_full(error);
    let place = place.clone();
    if let Some(reason) = impossible(&error) {
        return Error::Corrupt { place, reason: reason.into(), source: Some(Arc::new(error)) };
    }
    let code = error.sqlite_error_code();
    let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
    let message = error.to_string();
    let source = Some(Arc::new(error) as _);
    match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { place, source },
        Some(ErrorCode::DiskFull) => Error::DiskFull { place, source },
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::Corrupt { place, reason: "the database is malformed".into(), source }
        }
        Some(ErrorCode::NotADatabase) => {
            Error::Corrupt { place, reason: "it is not a database".into(), source }
        }
        // SQLite has no code for it.
        _ if message == "unsupported file format" => Error::Incompatible {
            place,
            reason: "it is of a format that SQLite doesn't read: a later version's, or damaged"
                .into(),
        },
        // Not the disk's fault: the file, or its WAL, ends before a page that it should have.
        _ if extended == ffi::SQLITE_IOERR_SHORT_READ => {
            Error::Corrupt { place, reason: "it is cut off".into(), source }
        }
        Some(ErrorCode::CannotOpen) if out_of_descriptors() => Error::TooManyOpen { place, source },
        // There is no space for a new file, or for the index of the WAL.
        Some(ErrorCode::CannotOpen) if has_no_space(&place) => Error::DiskFull { place, source },
        _ if extended == ffi::SQLITE_IOERR_SHMSIZE && has_no_space(&place) => {
            Error::DiskFull { place, source }
        }
        _ => Error::Backend { place, code: extended, message, source },
    }
}

/// Changes the code of a failed write to `SQLITE_FULL` if the system had no space for it.
///
/// SQLite does so itself for a full disk (`ENOSPC`), but not for an exceeded quota (`EDQUOT`) or a file that may not grow
/// (`EFBIG`). The system's code is that of the last call on this thread that failed, so this has to follow the call of SQLite
/// directly. No other code of SQLite can be trusted: after a failed sync, for example, it is unknown what the disk has lost.
pub(crate) fn recognize_full(error: rusqlite::Error) -> rusqlite::Error {
    let system = io::Error::last_os_error();
    match error {
        rusqlite::Error::SqliteFailure(code, message)
            if code.extended_code == ffi::SQLITE_IOERR_WRITE && is_for_want_of_space(&system) =>
        {
            let message = message.map(|message| format!("{message}: {system}"));
            rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), message)
        }
        error => error,
    }
}

/// What SQLite gave without an error, and no job's file has.
fn impossible(error: &rusqlite::Error) -> Option<&'static str> {
    use rusqlite::Error as E;
    match error {
        E::FromSqlConversionFailure(..) | E::InvalidColumnType(..) => {
            Some("a row of kv holds something else than bytes")
        }
        E::IntegralValueOutOfRange(..) => Some("a number in its header is out of range"),
        E::Utf8Error(..) => Some("a name in its schema is not UTF-8"),
        _ => None,
    }
}

/// That the checkpoint of a close failed.
pub(crate) fn of_last_checkpoint(place: &Place, error: rusqlite::Error) -> Error {
    match from_sqlite(place, error) {
        Error::Backend { place, code, message, source } => {
            let message = format!(
                "{message}, when the WAL was to be brought into the file: it stays beside it, with all commits"
            );
            Error::Backend { place, code, message, source }
        }
        told => told,
    }
}

/// An I/O error of the system, outside of SQLite.
pub(crate) fn io(place: &Place, what: &str, error: io::Error) -> Error {
    let place = place.clone();
    let code = error.raw_os_error().unwrap_or(0);
    let is_full = is_for_want_of_space(&error);
    let source = Some(Arc::new(error) as _);
    if is_full {
        return Error::DiskFull { place, source };
    }
    Error::Backend { place, code, message: what.into(), source }
}

/// Whether the disk is full, a quota exceeded, or a file as large as the process may make it.
pub(crate) fn is_for_want_of_space(error: &io::Error) -> bool {
    use ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull))
}

/// The bits of an extended code that hold the primary code.
const PRIMARY_CODE: i32 = 0xff;

/// Whether a code says that a file can't be opened, or can't be written.
pub(crate) fn is_no_way_to_write(extended_code: i32) -> bool {
    matches!(extended_code & PRIMARY_CODE, ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY)
}

pub(crate) fn is_read_only(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly))
}

/// That SQLite opened a job's files for reading, though it was asked to open them for writing.
pub(crate) fn opened_read_only(file: &JobFile, message: &str) -> rusqlite::Error {
    let message = format!(
        "SQLite could open {}, {} or {} for reading only ({message}): open the job again",
        file.path.display(),
        file.wal().display(),
        file.index().display()
    );
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), Some(message))
}

/// That SQLite ignored a setting.
pub(crate) fn not_set(setting: &str) -> rusqlite::Error {
    let message = format!("SQLite did not take the setting `{setting}`: open the job again");
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISMATCH), Some(message))
}

/// Whether SQLite did less than it was asked for, which may succeed on another try.
pub(crate) fn is_less_than_asked(error: &Error) -> bool {
    let Error::Backend { code, .. } = error else { return false };
    matches!(code & PRIMARY_CODE, ffi::SQLITE_READONLY | ffi::SQLITE_MISMATCH)
}

/// SQLite says only that it can't open a file. Whether there are no descriptors left, opening
/// something else tells.
fn out_of_descriptors() -> bool {
    #[cfg(unix)]
    if let Err(error) = std::fs::File::open("/dev/null") {
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        return matches!(error.raw_os_error(), Some(ENFILE | EMFILE));
    }
    false
}

/// Whether there is no space next to a job's file for one more file of the size of a new WAL's index. SQLite reports only that it
/// can't open or extend a file, and doesn't keep the system's code; so this creates such a file, and removes it.
fn has_no_space(place: &Place) -> bool {
    const INDEX_BYTES: usize = 32 << 10;
    let Some(root) = place.file().and_then(Path::parent) else { return false };
    let path =
        root.join(format!(".persist-space-{:016x}", RandomState::new().hash_one(place.job())));
    let tried =
        fs::File::options().write(true).create_new(true).open(&path).and_then(|mut file| {
            // Before the write, so that a crash leaves nothing.
            fs::remove_file(&path)?;
            file.write_all(&vec![0; INDEX_BYTES])
        });
    tried.is_err_and(|error| is_for_want_of_space(&error))
}

/// That a job can't be written, if the system doesn't let it be: its file system is mounted read-only, or the right to is
/// missing.
pub(crate) fn not_writable(file: &JobFile) -> Option<Error> {
    let why = refusal(file.root(), Right::Write);
    why.map(|why| unwritable(file, &why)).or_else(|| files_not_writable(file))
}

/// The same for its files alone. SQLite would open them all the same, for reading.
pub(crate) fn files_not_writable(file: &JobFile) -> Option<Error> {
    let files = [file.path.clone(), file.wal(), file.index()];
    let why = files.iter().find_map(|path| refusal(path, Right::Write))?;
    Some(unwritable(file, &why))
}

fn unwritable(file: &JobFile, why: &io::Error) -> Error {
    let what = format!(
        "writing {}, which the system doesn't allow ({why}): open it with a store that is `read_only`, or give the right to \
         write the root and the files",
        file.place
    );
    Error::Unsupported { what }
}

/// Why a job's files can't be read, if the system doesn't let them be.
pub(crate) fn not_readable(file: &JobFile) -> Option<io::Error> {
    [file.path.clone(), file.wal()].iter().find_map(|path| refusal(path, Right::Read))
}

#[derive(Clone, Copy, Debug)]
enum Right {
    Read,
    Write,
}

/// Why something that is there may not be read or written.
fn refusal(path: &Path, right: Right) -> Option<io::Error> {
    #[cfg(unix)]
    {
        let right = match right {
            Right::Read => rustix::fs::Access::READ_OK,
            Right::Write => rustix::fs::Access::WRITE_OK,
        };
        let refused = rustix::fs::access(path, right).err()?;
        (refused != rustix::io::Errno::NOENT).then(|| refused.into())
    }
    #[cfg(not(unix))]
    {
        let _ = (path, right);
        None
    }
}
