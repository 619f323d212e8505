//! The statements that read rows. They run on connections for reads, in snapshots, and in transactions of callers.

use persist_core::port::{Category, Page, PageRequest, Space, Span};
use rusqlite::{Connection, OptionalExtension, Row, ffi};

use crate::file::schema;

/// Returns a statement for the table of a space.
macro_rules! sql {
    ($space:expr, $before:expr, $after:expr) => {
        match $space {
            Space::User => concat!($before, "kv", $after),
            Space::System => concat!($before, "persist_system", $after),
        }
    };
}

const CATEGORIES: &str = "\
    WITH RECURSIVE found (category) AS (
        SELECT min(category) FROM kv
        UNION ALL
        SELECT (SELECT min(kv.category) FROM kv WHERE kv.category > found.category)
        FROM found WHERE found.category IS NOT NULL
    )
    SELECT category FROM found WHERE category IS NOT NULL";
/// There are few system rows in most categories of the engine, and few such categories.
const SYSTEM_CATEGORIES: &str = "SELECT DISTINCT category FROM persist_system ORDER BY category";

/// Prepares a statement that reads rows, or returns from the function with `$empty` if the statement reads system rows and the file
/// has no table for them.
macro_rules! prepare {
    ($connection:expr, $space:expr, $sql:expr, $empty:expr) => {
        match $connection.prepare_cached($sql) {
            Ok(statement) => statement,
            Err(error) => {
                expect_missing_table($connection, $space, error)?;
                return Ok($empty);
            }
        }
    };
}

/// Checks that a statement can't be prepared because the file has no table of system rows.
///
/// # Errors
///
/// The error of the statement, if that isn't the reason.
#[cold]
fn expect_missing_table(
    connection: &Connection,
    space: Space,
    error: rusqlite::Error,
) -> rusqlite::Result<()> {
    if space == Space::System && !schema::has_system_table(connection)? {
        Ok(())
    } else {
        Err(error)
    }
}

/// Returns the payload of a key.
pub(crate) fn get(
    connection: &Connection,
    category: Category<'_>,
    key: &[u8],
) -> rusqlite::Result<Option<Vec<u8>>> {
    let sql = sql!(category.space, "SELECT payload FROM ", " WHERE category = ?1 AND key = ?2");
    let mut statement = prepare!(connection, category.space, sql, None);
    statement.query_row((category.name, key), |row| Ok(bytes(row, 0)?.to_vec())).optional()
}

/// Returns whether a key has a row.
pub(crate) fn exists(
    connection: &Connection,
    category: Category<'_>,
    key: &[u8],
) -> rusqlite::Result<bool> {
    let sql = sql!(category.space, "SELECT 1 FROM ", " WHERE category = ?1 AND key = ?2");
    let mut statement = prepare!(connection, category.space, sql, false);
    statement.exists((category.name, key))
}

/// Returns the number of rows in a span.
pub(crate) fn count(
    connection: &Connection,
    category: Category<'_>,
    span: Span<'_>,
) -> rusqlite::Result<u64> {
    let sql = match span.stop {
        None => sql!(category.space, "SELECT count(*) FROM ", " WHERE category = ?1 AND key >= ?2"),
        Some(_) => sql!(
            category.space,
            "SELECT count(*) FROM ",
            " WHERE category = ?1 AND key >= ?2 AND key < ?3"
        ),
    };
    let mut statement = prepare!(connection, category.space, sql, 0);
    let count: i64 = match span.stop {
        None => statement.query_row((category.name, span.start), |row| row.get(0)),
        Some(stop) => statement.query_row((category.name, span.start, stop), |row| row.get(0)),
    }?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Returns the names of the categories of a space that have rows, in ascending order.
pub(crate) fn categories(connection: &Connection, space: Space) -> rusqlite::Result<Vec<Vec<u8>>> {
    let sql = match space {
        Space::User => CATEGORIES,
        Space::System => SYSTEM_CATEGORIES,
    };
    let mut statement = prepare!(connection, space, sql, Vec::new());
    let categories = statement.query_map([], |row| Ok(bytes(row, 0)?.to_vec()))?;
    categories.collect()
}

/// Appends rows to a page. Returns whether the page is full, so that more rows may follow.
///
/// A caller that continues after the last row reaches an end even in a damaged file, in which rows may be in any order and may repeat:
/// a page whose last row is not in the span that was asked for is an error.
pub(crate) fn page(
    connection: &Connection,
    request: &PageRequest<'_>,
    page: &mut Page,
) -> rusqlite::Result<bool> {
    let Category { space, name } = request.category;
    let sql = page_sql(space, request.keys_only, request.reverse, request.span.stop.is_some());
    let mut statement = prepare!(connection, space, sql, false);
    let limit = i64::try_from(request.rows).unwrap_or(i64::MAX);
    let Span { start, stop } = request.span;
    let mut rows = match stop {
        None => statement.query((name, start, limit))?,
        Some(stop) => statement.query((name, start, limit, stop))?,
    };
    let (first, before) = (page.len(), page.bytes());
    while let Some(row) = rows.next()? {
        page.push(bytes(row, 0)?, if request.keys_only { &[] } else { bytes(row, 1)? });
        if page.len() - first >= request.rows || page.bytes() - before >= request.bytes {
            let is_further = page.last_key().is_some_and(|last| is_within(last, request.span));
            return if is_further { Ok(true) } else { Err(disordered()) };
        }
    }
    Ok(false)
}

fn is_within(key: &[u8], span: Span<'_>) -> bool {
    key >= span.start && span.stop.is_none_or(|stop| key < stop)
}

/// Returns the error for rows that are not in the order of their keys, if SQLite has not noticed that.
fn disordered() -> rusqlite::Error {
    let reason = "the rows are not in the order of their keys";
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(reason.into()))
}

macro_rules! page_sql {
    ($space:expr, $columns:literal, $bound:literal, $order:literal) => {
        sql!(
            $space,
            concat!("SELECT ", $columns, " FROM "),
            concat!(
                " WHERE category = ?1 AND key >= ?2",
                $bound,
                " ORDER BY key",
                $order,
                " LIMIT ?3"
            )
        )
    };
}

const fn page_sql(space: Space, keys_only: bool, reverse: bool, bounded: bool) -> &'static str {
    match (keys_only, reverse, bounded) {
        (false, false, false) => page_sql!(space, "key, payload", "", ""),
        (false, false, true) => page_sql!(space, "key, payload", " AND key < ?4", ""),
        (false, true, false) => page_sql!(space, "key, payload", "", " DESC"),
        (false, true, true) => page_sql!(space, "key, payload", " AND key < ?4", " DESC"),
        (true, false, false) => page_sql!(space, "key", "", ""),
        (true, false, true) => page_sql!(space, "key", " AND key < ?4", ""),
        (true, true, false) => page_sql!(space, "key", "", " DESC"),
        (true, true, true) => page_sql!(space, "key", " AND key < ?4", " DESC"),
    }
}

/// Returns the bytes of a column. A store writes no other type.
fn bytes<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_bytes()?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use persist_core::port::{Category, Page, PageRequest, Span, Stop};
    use rusqlite::{Connection, ErrorCode};

    use super::page;

    const PAGE: usize = 4_096;

    /// Creates a file of a hundred rows with long keys, so that a page has few rows.
    fn make(file: &Path) -> Vec<u8> {
        let connection = Connection::open(file).unwrap();
        let rows =
            "CREATE TABLE kv (category BLOB NOT NULL, key BLOB NOT NULL, payload BLOB NOT NULL,
                 PRIMARY KEY (category, key)) WITHOUT ROWID;
             WITH n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 99)
             INSERT INTO kv SELECT x'63', unhex(printf('%02x%01400d', i, 0)), x'' FROM n";
        connection.execute_batch(rows).unwrap();
        drop(connection);
        fs::read(file).unwrap()
    }

    /// Returns copies of the file, each with one page changed: its first or last child is the page itself, or its rows are rotated.
    fn disordered(bytes: &[u8]) -> Vec<Vec<u8>> {
        const INNER: u8 = 2;
        const LEAF: u8 = 10;
        let number = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        let mut changed = Vec::new();
        for page in (PAGE..bytes.len()).step_by(PAGE) {
            let this = u32::try_from(page / PAGE + 1).unwrap().to_be_bytes();
            let rows = number(page + 3);
            let pointers = match bytes[page] {
                INNER => page + 12,
                LEAF => page + 8,
                _ => continue,
            };
            if bytes[page] == INNER {
                for child in [page + 8, page + number(pointers)] {
                    let mut bytes = bytes.to_vec();
                    bytes[child..child + 4].copy_from_slice(&this);
                    changed.push(bytes);
                }
            }
            for by in 1..rows {
                let mut bytes = bytes.to_vec();
                bytes[pointers..pointers + 2 * rows].rotate_left(2 * by);
                changed.push(bytes);
            }
        }
        changed
    }

    /// Reads all pages of the category `c`, as the engine does. Fails if that doesn't end.
    fn scan(connection: &Connection, rows: usize, reverse: bool) -> rusqlite::Result<()> {
        let (mut start, mut stop) = (Vec::new(), vec![0xff]);
        for _ in 0..1_000 {
            let span = Span { start: &start, stop: Some(&stop) };
            let request = PageRequest {
                category: Category::user(b"c"),
                span,
                reverse,
                keys_only: true,
                rows,
                bytes: usize::MAX,
                stop: &Stop::default(),
            };
            let mut found = Page::default();
            if !page(connection, &request, &mut found)? {
                return Ok(());
            }
            let last = found.last_key().unwrap().to_vec();
            if reverse { stop = last } else { start = [&last[..], &[0]].concat() }
        }
        panic!("the scan doesn't end");
    }

    #[test]
    fn scan_ends_for_any_order_of_the_rows() {
        let directory = tempfile::tempdir().unwrap();
        let [whole, file] = ["whole.db", "disordered.db"].map(|name| directory.path().join(name));
        let mut refused = [0, 0];
        for bytes in disordered(&make(&whole)) {
            fs::write(&file, bytes).unwrap();
            let connection = Connection::open(&file).unwrap();
            for (reverse, refused) in [false, true].into_iter().zip(&mut refused) {
                for rows in [1, 3, 30, 70, 130, 250] {
                    if let Err(error) = scan(&connection, rows, reverse) {
                        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt));
                        *refused += 1;
                    }
                }
            }
        }
        assert!(refused.iter().all(|&count| count > 0), "{refused:?}");
    }
}
