//! Probes of the system, which find out why SQLite failed: SQLite reports only that a file can't be opened or extended.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use persist_core::error::Place;

/// Returns whether the disk is full, a quota is exceeded, or a file has the largest size that the process may create.
pub(crate) fn is_out_of_space(error: &io::Error) -> bool {
    use ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// Returns whether the process, or the system, has no descriptor left, by opening another file.
pub(crate) fn is_out_of_descriptors() -> bool {
    #[cfg(unix)]
    if let Err(error) = fs::File::open("/dev/null") {
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        return matches!(error.raw_os_error(), Some(ENFILE | EMFILE));
    }
    false
}

/// Returns whether there is no space next to a job's file for one more file of the size of a new WAL's index, by creating such a
/// file and removing it. The system's own code for the failure is gone by the time SQLite returns.
pub(crate) fn has_no_space(place: &Place) -> bool {
    const INDEX_BYTES: usize = 32 << 10;
    // The location is the path of the job's file. If it isn't UTF-8, the text names no directory, and this returns `false`.
    let Some(root) = place.location().map(Path::new).and_then(Path::parent) else { return false };
    let path =
        root.join(format!(".persist-space-{:016x}", RandomState::new().hash_one(place.job())));
    let tried =
        fs::File::options().write(true).create_new(true).open(&path).and_then(|mut file| {
            // The file is removed before it is written, so that a crash leaves nothing.
            fs::remove_file(&path)?;
            file.write_all(&vec![0; INDEX_BYTES])
        });
    tried.is_err_and(|error| is_out_of_space(&error))
}
