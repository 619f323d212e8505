//! The statements that read, on whatever connection.

use persist_core::port::{Page, PageRequest, Span};
use rusqlite::{Connection, OptionalExtension, Row};

const GET: &str = "SELECT payload FROM kv WHERE category = ?1 AND key = ?2";
const EXISTS: &str = "SELECT 1 FROM kv WHERE category = ?1 AND key = ?2";
const COUNT_FROM: &str = "SELECT count(*) FROM kv WHERE category = ?1 AND key >= ?2";
const COUNT_BETWEEN: &str =
    "SELECT count(*) FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3";
const CATEGORIES: &str = "\
    WITH RECURSIVE found (category) AS (
        SELECT min(category) FROM kv
        UNION ALL
        SELECT (SELECT min(kv.category) FROM kv WHERE kv.category > found.category)
        FROM found WHERE found.category IS NOT NULL
    )
    SELECT category FROM found WHERE category IS NOT NULL";

/// The payload under a key.
pub(crate) fn get(
    connection: &Connection,
    category: &[u8],
    key: &[u8],
) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached(GET)?
        .query_row((category, key), |row| Ok(bytes(row, 0)?.to_vec()))
        .optional()
}

/// Whether there is a row under a key.
pub(crate) fn exists(
    connection: &Connection,
    category: &[u8],
    key: &[u8],
) -> rusqlite::Result<bool> {
    connection.prepare_cached(EXISTS)?.exists((category, key))
}

/// How many rows lie in a span.
pub(crate) fn count(
    connection: &Connection,
    category: &[u8],
    span: Span<'_>,
) -> rusqlite::Result<u64> {
    let count: i64 = match span.stop {
        None => connection
            .prepare_cached(COUNT_FROM)?
            .query_row((category, span.start), |row| row.get(0)),
        Some(stop) => connection
            .prepare_cached(COUNT_BETWEEN)?
            .query_row((category, span.start, stop), |row| row.get(0)),
    }?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The categories that have rows, in ascending order.
pub(crate) fn categories(connection: &Connection) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = connection.prepare_cached(CATEGORIES)?;
    let categories = statement.query_map([], |row| Ok(bytes(row, 0)?.to_vec()))?;
    categories.collect()
}

/// Appends rows to a page; says whether it is full, and so rows may be left.
pub(crate) fn page(
    connection: &Connection,
    request: &PageRequest<'_>,
    page: &mut Page,
) -> rusqlite::Result<bool> {
    let sql = page_sql(request.keys_only, request.reverse, request.span.stop.is_some());
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(request.rows).unwrap_or(i64::MAX);
    let Span { start, stop } = request.span;
    let mut rows = match stop {
        None => statement.query((request.category, start, limit))?,
        Some(stop) => statement.query((request.category, start, limit, stop))?,
    };
    let (first, before) = (page.len(), page.bytes());
    while let Some(row) = rows.next()? {
        page.push(bytes(row, 0)?, if request.keys_only { &[] } else { bytes(row, 1)? });
        if page.len() - first >= request.rows || page.bytes() - before >= request.bytes {
            return Ok(true);
        }
    }
    Ok(false)
}

macro_rules! page_sql {
    ($columns:literal, $bound:literal, $order:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM kv WHERE category = ?1 AND key >= ?2",
            $bound,
            " ORDER BY key",
            $order,
            " LIMIT ?3"
        )
    };
}

const fn page_sql(keys_only: bool, reverse: bool, bounded: bool) -> &'static str {
    match (keys_only, reverse, bounded) {
        (false, false, false) => page_sql!("key, payload", "", ""),
        (false, false, true) => page_sql!("key, payload", " AND key < ?4", ""),
        (false, true, false) => page_sql!("key, payload", "", " DESC"),
        (false, true, true) => page_sql!("key, payload", " AND key < ?4", " DESC"),
        (true, false, false) => page_sql!("key", "", ""),
        (true, false, true) => page_sql!("key", " AND key < ?4", ""),
        (true, true, false) => page_sql!("key", "", " DESC"),
        (true, true, true) => page_sql!("key", " AND key < ?4", " DESC"),
    }
}

/// The bytes of a column. A store writes nothing else.
fn bytes<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_bytes()?)
}
