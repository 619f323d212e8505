//! A WAL that somebody has left, perhaps since the disk failed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use persist_core::Error;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::base::errors;
use crate::file::job_file::JobFile;

/// How much of it is in memory at a time.
const STEP_BYTES: u64 = 1 << 20;

/// Whether a job's file has a WAL with something in it. To be asked before the file is opened.
pub(crate) fn is_there(file: &JobFile) -> bool {
    fs::symlink_metadata(file.wal()).is_ok_and(|wal| wal.is_file() && wal.len() > 0)
}

/// Writes the WAL's bytes over themselves, and waits for the disk.
///
/// A system that couldn't write to the disk says so once, to who waits for it, and then takes for written what it still has in
/// memory: it is read back, and the next wait succeeds, but after a power cut it is gone. Whoever was told has failed
/// its job. What is read back is a gap in the WAL then: commits behind it would be lost with it, and a WAL that ends
/// before the gap would put old pages over newer ones of the file. So nothing goes behind it, nor into the file, before all of
/// it has surely been written.
///
/// # Errors
///
/// That the disk still can't be written.
pub(crate) fn write_again(file: &JobFile, writing: &Connection) -> Result<(), Error> {
    // Nobody else adds to it meanwhile, or begins it anew.
    let locked = writing
        .busy_timeout(Duration::ZERO)
        .and_then(|()| Transaction::new_unchecked(writing, TransactionBehavior::Immediate));
    let _lock = match locked {
        Ok(lock) => lock,
        // Who has the lock writes the WAL, and is told by the disk.
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
    fn a_file_that_is_written_again_is_as_it_was() {
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
