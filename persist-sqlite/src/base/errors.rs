//! The store's errors for SQLite's errors and for I/O errors of the system.

use std::io;
use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use rusqlite::{ErrorCode, ffi};

use crate::base::system;

/// Returns the store's error for an error of SQLite.
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
        // Only the progress handlers of this crate interrupt a statement, once nobody waits for it or the job closes.
        Some(ErrorCode::OperationInterrupted) => Error::Closed { what: place.to_string() },
        Some(ErrorCode::DiskFull) => Error::DiskFull { place, source },
        Some(ErrorCode::DatabaseCorrupt) => {
            Error::Corrupt { place, reason: "the database is malformed".into(), source }
        }
        Some(ErrorCode::NotADatabase) => {
            Error::Corrupt { place, reason: "it is not a database".into(), source }
        }
        // SQLite has no code for this error.
        _ if message == "unsupported file format" => Error::Incompatible {
            place,
            reason: "it is of a format that SQLite doesn't read: a later version's, or damaged"
                .into(),
        },
        // This is no I/O error of the disk: the file, or its WAL, ends before a page that should be in it.
        _ if extended == ffi::SQLITE_IOERR_SHORT_READ => {
            Error::Corrupt { place, reason: "it is cut off".into(), source }
        }
        Some(ErrorCode::CannotOpen) if system::is_out_of_descriptors() => {
            Error::TooManyOpen { place, source }
        }
        // There is no space for a new file, or for the index of the WAL.
        Some(ErrorCode::CannotOpen) if system::has_no_space(&place) => {
            Error::DiskFull { place, source }
        }
        _ if extended == ffi::SQLITE_IOERR_SHMSIZE && system::has_no_space(&place) => {
            Error::DiskFull { place, source }
        }
        _ => Error::Backend { place, code: extended.to_string(), message, source },
    }
}

/// Changes the code of a failed write to `SQLITE_FULL` if the system had no space for it.
///
/// SQLite does so itself for a full disk (`ENOSPC`), but not for an exceeded quota (`EDQUOT`) or a file that may not grow
/// (`EFBIG`). This reads the system's code of the last failed call on this thread, so it has to be called directly after SQLite
/// has returned. The system's code is not used with any other error of SQLite: after a failed sync, for example, it is unknown
/// which data the disk has lost.
pub(crate) fn recognize_full(error: rusqlite::Error) -> rusqlite::Error {
    let cause = io::Error::last_os_error();
    match error {
        rusqlite::Error::SqliteFailure(code, message)
            if code.extended_code == ffi::SQLITE_IOERR_WRITE && system::is_out_of_space(&cause) =>
        {
            let message = message.map(|message| format!("{message}: {cause}"));
            rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), message)
        }
        error => error,
    }
}

/// Returns the damage that an error of the binding shows: SQLite returned, without an error, a value that no job's file contains.
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

/// Returns the error for a failed checkpoint at a close.
pub(crate) fn of_last_checkpoint(place: &Place, error: rusqlite::Error) -> Error {
    match from_sqlite(place, error) {
        Error::Backend { place, code, message, source } => {
            let message = format!(
                "{message}, when the WAL was to be checkpointed at the close: the WAL stays next to the file, with all commits"
            );
            Error::Backend { place, code, message, source }
        }
        other => other,
    }
}

/// Returns the error for an I/O error that the system reported outside of SQLite. `what` states which operation failed.
pub(crate) fn io(place: &Place, what: &str, error: io::Error) -> Error {
    let place = place.clone();
    let code = error.raw_os_error().unwrap_or(0).to_string();
    let is_full = system::is_out_of_space(&error);
    let source = Some(Arc::new(error) as _);
    if is_full {
        return Error::DiskFull { place, source };
    }
    Error::Backend { place, code, message: what.into(), source }
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

pub(crate) fn is_full(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DiskFull))
}

/// The bits of an extended code that hold the primary code.
const PRIMARY_CODE: i32 = 0xff;

/// Returns the extended code of an [`Error::Backend`], or `None` for any other error.
pub(crate) fn extended_code(error: &Error) -> Option<i32> {
    let Error::Backend { code, .. } = error else { return None };
    code.parse().ok()
}

/// Returns the primary code of an [`Error::Backend`], or `None` for any other error.
pub(crate) fn primary_code(error: &Error) -> Option<i32> {
    extended_code(error).map(|code| code & PRIMARY_CODE)
}

/// Returns whether an error means that a file can't be opened or can't be written.
pub(crate) fn is_no_way_to_write(error: &Error) -> bool {
    matches!(primary_code(error), Some(ffi::SQLITE_CANTOPEN | ffi::SQLITE_READONLY))
}

pub(crate) fn is_read_only(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly))
}
