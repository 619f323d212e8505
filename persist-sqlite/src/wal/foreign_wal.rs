//! A WAL that belongs to another file, or to another state of the file that it lies next to.
//!
//! SQLite applies any WAL whose checksums are right, and so mixes two databases if a file was copied over a job whose WAL
//! was left there. The change counter in the header of the file tells the two apart. SQLite increments it, by at most one,
//! with each transaction that writes page 1. So if `c1` to `cn` are the counters in the WAL's copies of page 1, then the counter
//! of the file is from `c1 - 1`, before any page was copied from the WAL into the file, to `cn`, after all were.
//!
//! A WAL without page 1 shows nothing. Therefore each new WAL begins with page 1 ([`write_first_page`]). Counters that fit by
//! chance show nothing either. SQLite gives each copy that it makes the counter 1. That fits the WAL of any job that one
//! connection has written since its creation, because SQLite increments the counter once per connection. So a backup gets a
//! random counter ([`make_distinct`]).

use std::collections::hash_map::RandomState;
use std::fs::{self, File, Metadata};
use std::hash::BuildHasher;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use persist_core::Error;
use rusqlite::Connection;

use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::wal::foreign_journal;

/// The parts of a database's header that are read here.
const DATABASE_MAGIC: &[u8] = b"SQLite format 3\0";
const DATABASE_HEADER_BYTES: usize = 100;
/// Where the change counter is, and where SQLite writes it once more: next to the version that wrote it.
pub(crate) const COUNTER_AT: usize = 24;
const COUNTER_AGAIN_AT: usize = 92;

const WAL_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
/// The lowest bit tells the byte order of the checksums.
const WAL_MAGIC: u32 = 0x377f_0682;

/// How often files are read again that another process was changing.
const TRIES: usize = 100;

/// Refuses a WAL, or a rollback journal, that isn't the file's. A file that this process has open is not examined: SQLite
/// uses its WAL already, and to open and close the file would drop SQLite's locks.
///
/// # Errors
///
/// [`Error::Corrupt`], with the names of the files to remove.
pub(crate) fn refuse(
    file: &JobFile,
    entry: &Metadata,
    beside: Beside,
    claim: &Claim,
) -> Result<(), Error> {
    let [wal, index, journal] = [file.wal(), file.index(), file.journal()];
    let (name, path) = match beside {
        Beside::Wal => ("WAL", &wal),
        Beside::Journal => ("rollback journal", &journal),
    };
    let belongs = claim.while_sole(|| is_open_here(entry) || belongs(&file.path, path, beside));
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

/// A file that SQLite keeps next to a database, and applies to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Beside {
    Wal,
    /// It is played back before a WAL is read.
    Journal,
}

impl Beside {
    /// Whether it may belong to a file with this change counter.
    fn fits(self, bytes: impl Read, counter: u32) -> io::Result<bool> {
        match self {
            Self::Wal => fits(bytes, counter),
            Self::Journal => foreign_journal::fits(bytes, counter),
        }
    }
}

/// Whether a descriptor of this process refers to the file, or that can't be found out.
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

/// Whether a WAL or a journal may belong to a database. If one of them can't be read, SQLite reports the reason later.
fn belongs(database: &Path, path: &Path, beside: Beside) -> bool {
    let mut foreign = None;
    for _ in 0..TRIES {
        // Another process may be using both. It begins a WAL, or a journal, with another header before it writes pages, so
        // with one header before and after, the counter and the pages are of one. The counter, read first, was in it by then.
        let Ok(before) = start(path) else { return true };
        let Some(counter) = change_counter(database) else { return true };
        let read = File::open(path).and_then(|file| beside.fits(BufReader::new(file), counter));
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

/// The salts of a WAL are in it, and the nonce of a journal.
fn start(path: &Path) -> io::Result<[u8; 28]> {
    let mut start = [0; 28];
    File::open(path)?.read_exact(&mut start)?;
    Ok(start)
}

/// The change counter of a database. None if it isn't there twice: a power cut may leave half of a header, which SQLite then
/// takes from the WAL.
fn change_counter(database: &Path) -> Option<u32> {
    let mut header = [0; DATABASE_HEADER_BYTES];
    File::open(database).ok()?.read_exact(&mut header).ok()?;
    let counter = number(&header, COUNTER_AT);
    let is_whole =
        header.starts_with(DATABASE_MAGIC) && counter == number(&header, COUNTER_AGAIN_AT);
    is_whole.then_some(counter)
}

/// Whether a WAL may belong to a file with this change counter.
fn fits(wal: impl Read, counter: u32) -> io::Result<bool> {
    let Some(mut frames) = Frames::new(wal)? else { return Ok(true) };
    // The counters of the transaction that is being read: it counts from its last frame on.
    let mut uncommitted = Vec::new();
    let mut before_first = None;
    while let Some(frame) = frames.next()? {
        uncommitted.extend(frame.counter);
        if !frame.is_commit {
            continue;
        }
        for read in uncommitted.drain(..) {
            let before_first: u32 = *before_first.get_or_insert(read.wrapping_sub(1));
            // They wrap around, so they are compared by their distance from the first.
            if counter.wrapping_sub(before_first) <= read.wrapping_sub(before_first) {
                return Ok(true);
            }
        }
    }
    Ok(before_first.is_none())
}

/// The frames of a WAL that SQLite would read.
struct Frames<R> {
    wal: R,
    /// Whether the checksums are of big-endian words.
    big_endian: bool,
    salts: [u8; 8],
    checksum: (u32, u32),
    page: Vec<u8>,
}

struct Frame {
    /// The change counter, if it holds page 1.
    counter: Option<u32>,
    is_commit: bool,
}

impl<R: Read> Frames<R> {
    /// None if the header isn't valid: SQLite then reads nothing of it.
    fn new(mut wal: R) -> io::Result<Option<Self>> {
        let mut header = [0; WAL_HEADER_BYTES];
        if !read_whole(&mut wal, &mut header)? {
            return Ok(None);
        }
        let page_bytes = number(&header, 8);
        let is_known = number(&header, 0) & !1 == WAL_MAGIC
            && page_bytes.is_power_of_two()
            && (512..=65536).contains(&page_bytes);
        let big_endian = number(&header, 0) & 1 == 1;
        let checksum = sum((0, 0), &header[..24], big_endian);
        if !is_known || checksum != (number(&header, 24), number(&header, 28)) {
            return Ok(None);
        }
        let mut salts = [0; 8];
        salts.copy_from_slice(&header[16..24]);
        let page = vec![0; usize::try_from(page_bytes).map_err(io::Error::other)?];
        Ok(Some(Self { wal, big_endian, salts, checksum, page }))
    }

    fn next(&mut self) -> io::Result<Option<Frame>> {
        let mut header = [0; FRAME_HEADER_BYTES];
        if !read_whole(&mut self.wal, &mut header)? || !read_whole(&mut self.wal, &mut self.page)? {
            return Ok(None);
        }
        self.checksum = sum(self.checksum, &header[..8], self.big_endian);
        self.checksum = sum(self.checksum, &self.page, self.big_endian);
        let number_of_page = number(&header, 0);
        let is_valid = number_of_page > 0
            && header[8..16] == self.salts
            && self.checksum == (number(&header, 16), number(&header, 20));
        Ok(is_valid.then(|| Frame {
            counter: (number_of_page == 1).then(|| number(&self.page, COUNTER_AT)),
            is_commit: number(&header, 4) > 0,
        }))
    }
}

/// SQLite's checksum, continued over more bytes: a multiple of eight.
fn sum((mut first, mut second): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let word = |bytes: &[u8]| {
        let word = number(bytes, 0);
        if big_endian { word } else { word.swap_bytes() }
    };
    for words in bytes.chunks_exact(8) {
        first = first.wrapping_add(word(&words[..4])).wrapping_add(second);
        second = second.wrapping_add(word(&words[4..])).wrapping_add(first);
    }
    (first, second)
}

/// The big-endian number at a place.
pub(crate) fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// Fills the buffer. Returns false if there were too few bytes.
pub(crate) fn read_whole(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes page 1 in a transaction that has begun, so that the change counter is in the WAL: sets `user_version` to the value
/// that it has, for which SQLite writes the page.
pub(crate) fn write_first_page(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}

/// Writes a random change counter into a database that no connection has open, so that no WAL but one that is written for it later
/// is taken for its own.
pub(crate) fn make_distinct(database: &mut File) -> io::Result<()> {
    let counter = RandomState::new().hash_one(DATABASE_MAGIC).to_be_bytes();
    for at in [COUNTER_AT, COUNTER_AGAIN_AT] {
        database.seek(SeekFrom::Start(at as u64))?;
        database.write_all(&counter[..4])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::{Seek, SeekFrom, Write};
    use std::sync::atomic::{AtomicBool, Ordering};

    use rusqlite::Connection;

    use super::{
        Beside, COUNTER_AGAIN_AT, COUNTER_AT, DATABASE_HEADER_BYTES, DATABASE_MAGIC,
        FRAME_HEADER_BYTES, WAL_HEADER_BYTES, WAL_MAGIC, belongs, change_counter, fits,
        make_distinct, sum,
    };

    /// A WAL with these change counters in its frames of page 1, a transaction each; without one, of page 2.
    fn wal(counters: &[Option<u32>]) -> Vec<u8> {
        wal_with_salt(7, counters)
    }

    fn wal_with_salt(salt: u32, counters: &[Option<u32>]) -> Vec<u8> {
        let mut wal = Vec::new();
        for word in [WAL_MAGIC | 1, 3_007_000, 512, 0, salt, 8] {
            wal.extend_from_slice(&word.to_be_bytes());
        }
        let mut checksum = sum((0, 0), &wal, true);
        let put_sum = |wal: &mut Vec<u8>, (first, second): (u32, u32)| {
            wal.extend_from_slice(&first.to_be_bytes());
            wal.extend_from_slice(&second.to_be_bytes());
        };
        put_sum(&mut wal, checksum);
        assert_eq!(wal.len(), WAL_HEADER_BYTES);
        for counter in counters {
            let mut page = vec![0; 512];
            page[24..28].copy_from_slice(&counter.unwrap_or(99).to_be_bytes());
            let number = if counter.is_some() { 1_u32 } else { 2 };
            let mut header: Vec<u8> =
                [number, 9, salt, 8].iter().flat_map(|n| n.to_be_bytes()).collect();
            checksum = sum(sum(checksum, &header[..8], true), &page, true);
            put_sum(&mut header, checksum);
            assert_eq!(header.len(), FRAME_HEADER_BYTES);
            wal.extend(header);
            wal.extend(page);
        }
        wal
    }

    fn is_own(wal: &[u8], counter: u32) -> bool {
        fits(wal, counter).unwrap()
    }

    #[test]
    fn counter_from_one_before_the_first_to_the_last_fits() {
        let of_three = wal(&[None, Some(5), None, Some(5), Some(7)]);
        for (counter, own) in [(0, false), (3, false), (4, true), (5, true), (7, true), (8, false)]
        {
            assert_eq!(is_own(&of_three, counter), own, "{counter}");
        }
        assert!(!is_own(&of_three, u32::MAX));
    }

    #[test]
    fn counter_that_wraps_around_is_compared_by_distance() {
        let wrapping = wal(&[Some(u32::MAX), Some(0), Some(2)]);
        for counter in [u32::MAX - 1, u32::MAX, 0, 1, 2] {
            assert!(is_own(&wrapping, counter), "{counter}");
        }
        for counter in [u32::MAX - 2, 3, 1 << 31] {
            assert!(!is_own(&wrapping, counter), "{counter}");
        }
        assert!(is_own(&wal(&[Some(0)]), u32::MAX));
    }

    #[test]
    fn wal_that_sqlite_ignores_fits_any_counter() {
        assert!(is_own(&wal(&[None, None]), 0));
        assert!(is_own(&[], 0));
        let whole = wal(&[Some(50)]);
        assert!(!is_own(&whole, 0));
        // Cut off in its only frame, in its header, and with a byte changed in each part.
        for length in [whole.len() - 1, 60, 32, 31, 1] {
            assert!(is_own(&whole[..length], 0), "{length}");
        }
        for at in [0, 8, 20, 30, 32, 36, 44, 50, 80, 500] {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            assert!(is_own(&changed, 0), "{at}");
        }
    }

    #[test]
    fn frames_without_a_commit_do_not_count() {
        let mut wal = wal(&[Some(5), Some(9)]);
        assert!(is_own(&wal, 9));
        let last = wal.len() - 512 - 24;
        wal.truncate(last + 100);
        assert!(!is_own(&wal, 9));
    }

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
            let refused = (0..20_000).filter(|_| !belongs(&database, &log, Beside::Wal)).count();
            ended.store(true, Ordering::Relaxed);
            assert_eq!(refused, 0);
        });
    }

    #[test]
    fn frames_that_sqlite_wrote_are_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a)").unwrap();
        let written = fs::read(directory.path().join("a.db-wal")).unwrap();
        // SQLite has written 1 into the file, and 2 into the WAL.
        for (counter, own) in [(0, false), (1, true), (2, true), (3, false)] {
            assert_eq!(is_own(&written, counter), own, "{counter}");
        }
    }

    #[test]
    fn distinct_database_has_another_counter_and_is_sound() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert_eq!(change_counter(&path), Some(1));
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        make_distinct(&mut file).unwrap();
        drop(file);
        // It is 1 again once in four thousand million runs.
        assert!(change_counter(&path).is_some_and(|counter| counter != 1));
        let connection = Connection::open(&path).unwrap();
        let found: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(found, "ok");
        connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        let half = directory.path().join("half.db");
        let mut bytes = fs::read(&path).unwrap();
        bytes[27] ^= 1;
        fs::write(&half, bytes).unwrap();
        assert_eq!(change_counter(&half), None);
    }
}
