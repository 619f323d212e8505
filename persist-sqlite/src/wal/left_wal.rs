//! The WAL that an earlier run has left, perhaps because the disk failed.
//!
//! If a sync fails, the system reports that once, to the process that waits for the sync. It then treats the data as written:
//! it reads the data back from its memory, and the next sync succeeds, but after a power cut the data is lost. The process that got
//! the error has failed its job and left the WAL unchanged. In that WAL, the data that the disk has lost would be a gap: later commits
//! after it would be lost with it, and a WAL that ends before the gap would put old pages over newer ones of the file. So nothing is
//! appended to the WAL or copied into the file before all of the WAL is certainly on the disk.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use persist_core::Error;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::base::errors;
use crate::file::job_file::JobFile;

/// The number of bytes that are in memory at a time.
const STEP_BYTES: u64 = 1 << 20;

/// Returns whether a job has a WAL that is not empty. This is called before the file is opened.
pub(crate) fn is_there(file: &JobFile) -> bool {
    fs::symlink_metadata(file.wal()).is_ok_and(|wal| wal.is_file() && wal.len() > 0)
}

/// Writes the bytes of the WAL over themselves and syncs them, so that the system writes all of them to the disk.
///
/// # Errors
///
/// If the disk still can't be written.
pub(crate) fn write_again(file: &JobFile, writing: &Connection) -> Result<(), Error> {
    // Under the writer's lock no other process appends to the WAL or starts it again.
    let locked = writing
        .busy_timeout(Duration::ZERO)
        .and_then(|()| Transaction::new_unchecked(writing, TransactionBehavior::Immediate));
    let _lock = match locked {
        Ok(lock) => lock,
        // The process that has the lock is writing the WAL, and gets the errors of the disk.
        Err(error) if errors::is_busy(&error) => return Ok(()),
        Err(error) => return Err(errors::from_sqlite(&file.place, error)),
    };
    rewrite(&file.wal()).map_err(|error| {
        errors::io(&file.place, "its WAL can't be written once more, to be sure of it", error)
    })
}

/// Writes a file's bytes over themselves.
fn rewrite(path: &Path) -> io::Result<()> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut step = Vec::new();
    loop {
        step.clear();
        let read = (&file).take(STEP_BYTES).read_to_end(&mut step)?;
        if read == 0 {
            return file.sync_all();
        }
        let back = i64::try_from(read).map_err(io::Error::other)?;
        file.seek(SeekFrom::Current(-back))?;
        file.write_all(&step)?;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{STEP_BYTES, rewrite};

    #[test]
    fn rewritten_file_has_the_same_bytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        for length in [0, 1, STEP_BYTES - 1, STEP_BYTES, 2 * STEP_BYTES + 1] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            fs::write(&path, &bytes).unwrap();
            rewrite(&path).unwrap();
            assert!(fs::read(&path).unwrap() == bytes);
        }
    }
}
