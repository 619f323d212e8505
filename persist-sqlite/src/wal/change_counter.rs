//! The change counter in the header of a database, by which a WAL or a rollback journal is recognized as the file's own.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::Connection;

/// The parts of a database's header that are read here.
pub(super) const DATABASE_MAGIC: &[u8] = b"SQLite format 3\0";
pub(super) const DATABASE_HEADER_BYTES: usize = 100;
/// The offset of the change counter.
pub(super) const COUNTER_AT: usize = 24;
/// The offset of its copy, next to the version of the SQLite that wrote it.
pub(super) const COUNTER_AGAIN_AT: usize = 92;

/// Reads the change counter of a database. Returns `None` if its copy differs: a power cut may leave half of a header, which SQLite
/// then reads from the WAL.
pub(super) fn read(database: &Path) -> Option<u32> {
    let mut header = [0; DATABASE_HEADER_BYTES];
    File::open(database).ok()?.read_exact(&mut header).ok()?;
    let counter = number(&header, COUNTER_AT);
    let is_whole =
        header.starts_with(DATABASE_MAGIC) && counter == number(&header, COUNTER_AGAIN_AT);
    is_whole.then_some(counter)
}

/// Writes page 1 in a transaction that has begun, so that the change counter is in the WAL: sets `user_version` to the value that it
/// has, for which SQLite writes the page.
pub(crate) fn write_first_page(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    connection.pragma_update(None, "user_version", version)
}

/// Writes a random change counter into a database that no connection has open. So only a WAL that is written for this database later is
/// taken for its own.
pub(crate) fn make_distinct(database: &mut File) -> io::Result<()> {
    let counter = RandomState::new().hash_one(DATABASE_MAGIC).to_be_bytes();
    for at in [COUNTER_AT, COUNTER_AGAIN_AT] {
        database.seek(SeekFrom::Start(at as u64))?;
        database.write_all(&counter[..4])?;
    }
    Ok(())
}

/// Returns the big-endian number at an offset.
pub(super) fn number(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// Fills the buffer. Returns false if there are too few bytes.
pub(super) fn read_whole(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rusqlite::Connection;

    use super::{make_distinct, read};

    #[test]
    fn distinct_database_has_another_counter_and_is_sound() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert_eq!(read(&path), Some(1));
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        make_distinct(&mut file).unwrap();
        drop(file);
        // It is 1 by chance in one of four billion runs.
        assert!(read(&path).is_some_and(|counter| counter != 1));
        let connection = Connection::open(&path).unwrap();
        let found: String =
            connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(found, "ok");
        connection.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        let half = directory.path().join("half.db");
        let mut bytes = fs::read(&path).unwrap();
        bytes[27] ^= 1;
        fs::write(&half, bytes).unwrap();
        assert_eq!(read(&half), None);
    }
}
