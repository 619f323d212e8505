//! A rollback journal that belongs to another file, or to another state of the file that it is next to.
//!
//! A transaction outside of WAL mode increments the change counter of the file by one, and saves page 1, with the counter from
//! before, in the journal. So the file has the same counter as the journal, or one more.

use std::io::{self, Read};

use crate::wal::change_counter::{COUNTER_AT, number, read_whole};

/// The length of a header. The rest of its sector is padding.
const HEADER_BYTES: usize = 28;
/// The distance between the bytes of a page that its checksum covers.
const CHECKSUM_STEP: usize = 200;
const PAGE_BYTES: std::ops::RangeInclusive<u32> = 512..=65536;
const SECTOR_BYTES: std::ops::RangeInclusive<u32> = 32..=65536;

/// Returns whether a journal may belong to a file with this change counter. SQLite ends the first part of a journal when it syncs the
/// journal for the first time. If page 1 isn't in that part, the journal may belong to any file.
pub(crate) fn fits(mut journal: impl Read, counter: u32) -> io::Result<bool> {
    let mut header = [0; HEADER_BYTES];
    if !read_whole(&mut journal, &mut header)? {
        return Ok(true);
    }
    let [records, nonce, sector_bytes, page_bytes] = [8, 12, 20, 24].map(|at| number(&header, at));
    if !PAGE_BYTES.contains(&page_bytes) || !SECTOR_BYTES.contains(&sector_bytes) {
        return Ok(true);
    }
    let rest = u64::from(sector_bytes) - HEADER_BYTES as u64;
    io::copy(&mut journal.by_ref().take(rest), &mut io::sink())?;

    let mut number_of_page = [0; 4];
    let mut page = vec![0; usize::try_from(page_bytes).map_err(io::Error::other)?];
    let mut checksum = [0; 4];
    for _ in 0..records {
        if !read_whole(&mut journal, &mut number_of_page)?
            || !read_whole(&mut journal, &mut page)?
            || !read_whole(&mut journal, &mut checksum)?
            || number(&checksum, 0) != sum(nonce, &page)
        {
            break;
        }
        if number(&number_of_page, 0) == 1 {
            return Ok(counter.wrapping_sub(number(&page, COUNTER_AT)) <= 1);
        }
    }
    Ok(true)
}

/// Returns the checksum of a page.
fn sum(nonce: u32, page: &[u8]) -> u32 {
    let bytes = page.iter().rev().skip(CHECKSUM_STEP - 1).step_by(CHECKSUM_STEP);
    bytes.fold(nonce, |sum, &byte| sum.wrapping_add(u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::Connection;

    use super::fits;

    /// Returns the journal of a transaction that is under way in a file with the change counter 3.
    fn journal() -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let writing = Connection::open(directory.path().join("a.db")).unwrap();
        let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
             INSERT INTO t SELECT zeroblob(3000) FROM n";
        let sql = format!(
            "PRAGMA cache_size = 5; CREATE TABLE t (a); {insert}; UPDATE t SET a = zeroblob(3001);
             BEGIN; PRAGMA user_version = 7; UPDATE t SET a = zeroblob(3002)"
        );
        writing.execute_batch(&sql).unwrap();
        fs::read(directory.path().join("a.db-journal")).unwrap()
    }

    #[test]
    fn counter_of_the_journal_and_the_next_fit() {
        let journal = journal();
        for (counter, own) in [(0, false), (2, false), (3, true), (4, true), (5, false)] {
            assert_eq!(fits(&*journal, counter).unwrap(), own, "{counter}");
        }
    }

    #[test]
    fn journal_without_a_valid_page_1_fits_any_counter() {
        let journal = journal();
        for length in [0, 27, 512, 600, 4000] {
            assert!(fits(&journal[..length], 99).unwrap(), "{length}");
        }
        // The number of records, the nonce, the size of a sector, and the size of a page.
        for (at, byte) in [(8, 0), (15, 1), (20, 0xff), (24, 0xff)] {
            let mut changed = journal.clone();
            changed[at..at + 4].fill(byte);
            assert!(fits(&*changed, 99).unwrap(), "{at}");
        }
    }
}
