//! A WAL that belongs to another file, or to another state of the file that it is next to.
//!
//! SQLite applies any WAL whose checksums are right, and so mixes two databases if a file was copied over a job whose WAL
//! was left there. The change counter in the header of the file tells the two apart. SQLite increments it, by at most one,
//! with each transaction that writes page 1. So if `c1` to `cn` are the counters in the WAL's copies of page 1, then the counter
//! of the file is from `c1 - 1`, before any page was copied from the WAL into the file, to `cn`, after all were.
//!
//! A WAL without page 1 shows nothing. Therefore each new WAL begins with page 1
//! ([`write_first_page`](crate::wal::change_counter::write_first_page)). Counters that fit by chance show nothing either. SQLite gives
//! each copy that it makes the counter 1. That fits the WAL of any job that one connection has written since its creation, because
//! SQLite increments the counter once per connection. So a backup gets a random counter
//! ([`make_distinct`](crate::wal::change_counter::make_distinct)).

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read};
use std::path::Path;

use persist_core::Error;

use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::wal::{change_counter, foreign_journal, frames};

/// The number of times that files are read again while another process changes them.
const TRIES: usize = 100;

/// Refuses a WAL, or a rollback journal, that isn't the file's. If this process has the file open, it is not examined: SQLite
/// uses its WAL already, and opening and closing the file here would drop SQLite's locks.
///
/// # Errors
///
/// [`Error::Corrupt`], with the names of the files to remove.
pub(crate) fn refuse(
    file: &JobFile,
    entry: &Metadata,
    log: Log,
    claim: &Claim,
) -> Result<(), Error> {
    let [wal, index, journal] = [file.wal(), file.index(), file.journal()];
    let (name, path) = match log {
        Log::Wal => ("WAL", &wal),
        Log::Journal => ("rollback journal", &journal),
    };
    let belongs = claim.while_sole(|| is_open_here(entry) || belongs(&file.path, path, log));
    if belongs.unwrap_or(true) {
        return Ok(());
    }
    Err(Error::Corrupt {
        place: file.place.clone(),
        reason: format!(
            "its {name} {} belongs to another file or to another state of this file: a file was copied over the job without \
             removing what SQLite keeps next to it; use `Persistency::restore_from` to put a copy in place, or remove {}, {} \
             and {} to open the file without what is in its {name}",
            path.display(),
            wal.display(),
            index.display(),
            journal.display()
        ),
        source: None,
    })
}

/// A file that SQLite keeps next to a database and applies to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Log {
    Wal,
    /// The rollback journal. SQLite plays it back before it reads a WAL.
    Journal,
}

impl Log {
    /// Returns whether the bytes of the log may belong to a file with this change counter.
    fn fits(self, bytes: impl Read, counter: u32) -> io::Result<bool> {
        match self {
            Self::Wal => frames::fits(bytes, counter),
            Self::Journal => foreign_journal::fits(bytes, counter),
        }
    }
}

/// Returns whether a descriptor of this process refers to the file, or whether that can't be determined.
fn is_open_here(entry: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let is_file = |open: &Metadata| (open.dev(), open.ino()) == (entry.dev(), entry.ino());
        let open = ["/proc/self/fd", "/dev/fd"].iter().find_map(|list| fs::read_dir(list).ok());
        open.is_none_or(|open| {
            open.flatten().any(|open| fs::metadata(open.path()).is_ok_and(|open| is_file(&open)))
        })
    }
    #[cfg(not(unix))]
    {
        let _ = entry;
        false
    }
}

/// Returns whether a WAL or a journal may belong to a database. If one of them can't be read, SQLite reports the reason later.
fn belongs(database: &Path, path: &Path, log: Log) -> bool {
    let mut foreign = None;
    for _ in 0..TRIES {
        // Another process may be writing both files. It starts a WAL, or a journal, with a new header before it writes pages. So if
        // the header is the same before and after, the pages belong to that header, and the counter, which was read first, is not
        // newer than they are. The log is refused only if two attempts in a row read the same header and the same counter.
        let Ok(before) = start(path) else { return true };
        let Some(counter) = change_counter::read(database) else { return true };
        let read = File::open(path).and_then(|file| log.fits(BufReader::new(file), counter));
        if read.unwrap_or(true) {
            return true;
        }
        let seen = Some((before, counter));
        if seen == foreign && start(path).is_ok_and(|after| after == before) {
            return false;
        }
        foreign = seen;
    }
    true
}

/// Reads the start of a log, which contains the salts of a WAL or the nonce of a journal.
fn start(path: &Path) -> io::Result<[u8; 28]> {
    let mut start = [0; 28];
    File::open(path)?.read_exact(&mut start)?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::{Log, belongs};
    use crate::wal::change_counter::{
        COUNTER_AGAIN_AT, COUNTER_AT, DATABASE_HEADER_BYTES, DATABASE_MAGIC,
    };
    use crate::wal::frames::WAL_HEADER_BYTES;
    use crate::wal::frames::examples::wal_with_salt;

    #[test]
    fn files_that_change_meanwhile_belong_together() {
        let directory = tempfile::tempdir().unwrap();
        let [database, log] = ["a.db", "a.db-wal"].map(|name| directory.path().join(name));
        let mut header = [0; DATABASE_HEADER_BYTES];
        header[..DATABASE_MAGIC.len()].copy_from_slice(DATABASE_MAGIC);
        let open = |path| File::options().create(true).truncate(false).write(true).open(path);
        let (mut file, mut wal_file) = (open(&database).unwrap(), open(&log).unwrap());
        let write = |to: &mut File, at: usize, bytes: &[u8]| {
            to.seek(SeekFrom::Start(at as u64)).unwrap();
            to.write_all(bytes).unwrap();
        };
        write(&mut file, 0, &header);
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // A checkpoint, and the first commit in the WAL after it.
                for counter in (0_u32..).take_while(|_| !ended.load(Ordering::Relaxed)) {
                    for at in [COUNTER_AT, COUNTER_AGAIN_AT] {
                        write(&mut file, at, &counter.to_be_bytes());
                    }
                    let wal = wal_with_salt(counter, &[Some(counter + 1)]);
                    write(&mut wal_file, 0, &wal[..WAL_HEADER_BYTES]);
                    write(&mut wal_file, WAL_HEADER_BYTES, &wal[WAL_HEADER_BYTES..]);
                }
            });
            let refused = (0..20_000).filter(|_| !belongs(&database, &log, Log::Wal)).count();
            ended.store(true, Ordering::Relaxed);
            assert_eq!(refused, 0);
        });
    }
}
