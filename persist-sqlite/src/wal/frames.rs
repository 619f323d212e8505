//! The frames of a WAL, as SQLite reads them: up to the first one whose salts or checksum are wrong.

use std::io::{self, Read};

use crate::wal::change_counter::{COUNTER_AT, number, read_whole};

pub(super) const WAL_HEADER_BYTES: usize = 32;
pub(super) const FRAME_HEADER_BYTES: usize = 24;
/// The first number of a WAL. Its lowest bit is the byte order of the checksums.
pub(super) const WAL_MAGIC: u32 = 0x377f_0682;

/// Returns whether a WAL may belong to a file with this change counter.
pub(super) fn fits(wal: impl Read, counter: u32) -> io::Result<bool> {
    let Some(mut frames) = Frames::new(wal)? else { return Ok(true) };
    // The counters in the transaction that is being read. It counts once its last frame, the commit, is read.
    let mut uncommitted = Vec::new();
    let mut before_first = None;
    while let Some(frame) = frames.next()? {
        uncommitted.extend(frame.counter);
        if !frame.is_commit {
            continue;
        }
        for read in uncommitted.drain(..) {
            let before_first: u32 = *before_first.get_or_insert(read.wrapping_sub(1));
            // Counters wrap around, so they are compared by their distance from the first.
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
    /// Whether the checksums are computed over big-endian words.
    big_endian: bool,
    salts: [u8; 8],
    checksum: (u32, u32),
    page: Vec<u8>,
}

struct Frame {
    /// The change counter, if the frame contains page 1.
    counter: Option<u32>,
    is_commit: bool,
}

impl<R: Read> Frames<R> {
    /// Reads the header. Returns `None` if it is not valid: SQLite then ignores the WAL.
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

/// Continues SQLite's checksum over more bytes, a multiple of eight.
pub(super) fn sum(
    (mut first, mut second): (u32, u32),
    bytes: &[u8],
    big_endian: bool,
) -> (u32, u32) {
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

/// WALs for tests.
#[cfg(test)]
pub(super) mod examples {
    use super::{FRAME_HEADER_BYTES, WAL_HEADER_BYTES, WAL_MAGIC, sum};

    /// A WAL with one transaction for each item: page 1 with this change counter, or page 2 for `None`.
    pub(in crate::wal) fn wal(counters: &[Option<u32>]) -> Vec<u8> {
        wal_with_salt(7, counters)
    }

    pub(in crate::wal) fn wal_with_salt(salt: u32, counters: &[Option<u32>]) -> Vec<u8> {
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
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::Connection;

    use super::examples::wal;
    use super::fits;

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
}
