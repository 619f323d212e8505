//! Applying operations to the rows, in a transaction that has begun.
//!
//! A group has many operations. Runs of adjacent puts, and of adjacent deletes, are sorted by key. If the keys are random, each of
//! them is on another page, and the pages are the cost; in sorted order, neighbors share pages. Operations on one key keep their
//! order, since the sort is stable.

use std::mem;
use std::sync::LazyLock;

use persist_core::port::{Batch, Category, Op, Space, Span};
use persist_core::{Key, KeyRange};
use rusqlite::{params, params_from_iter};

use crate::pool::write_connection::{Failure, WriteConnection};

/// Returns a statement for the table of a space.
macro_rules! sql {
    ($space:expr, $before:literal, $after:literal) => {
        match $space {
            Space::User => concat!($before, "kv", $after),
            Space::System => concat!($before, "persist_system", $after),
        }
    };
}

const fn put_sql(space: Space) -> &'static str {
    sql!(
        space,
        "INSERT INTO ",
        " (category, key, payload) VALUES (?, ?, ?)
    ON CONFLICT (category, key) DO UPDATE SET payload = excluded.payload"
    )
}

const fn delete_sql(space: Space) -> &'static str {
    sql!(space, "DELETE FROM ", " WHERE category = ?1 AND key = ?2")
}

/// The number of rows that one statement puts. More rows per statement gain nothing.
const ROWS: usize = 16;

/// The statements that put [`ROWS`] rows, for the user's space and for the system's.
static PUT_ROWS: LazyLock<[String; 2]> = LazyLock::new(|| {
    let rows = vec!["(?, ?, ?)"; ROWS].join(", ");
    [Space::User, Space::System].map(|space| {
        let one = put_sql(space);
        one.replace("(?, ?, ?)", &rows)
    })
});

fn put_rows_sql(space: Space) -> &'static str {
    let [user, system] = &*PUT_ROWS;
    match space {
        Space::User => user,
        Space::System => system,
    }
}

/// Applies an operation. Returns the number of rows that it removed.
pub(crate) fn apply_one(writer: &WriteConnection, op: &Op<'_>) -> Result<u64, Failure> {
    writer.prepare_space(op.category().space)?;
    match *op {
        Op::Put { category, key, payload } => {
            let Category { space, name } = category;
            writer.run(put_sql(space), params![name, key, payload]).map(|_| 0)
        }
        Op::Delete { category: Category { space, name }, key } => {
            writer.run(delete_sql(space), params![name, key])
        }
        Op::DeletePrefix { category, prefix } => {
            let range = KeyRange::prefix(&Key::from_bytes(prefix));
            let stop = range.stop().map(Key::as_bytes);
            delete(writer, category, Span { start: prefix, stop })
        }
        Op::DeleteRange { category, span } => delete(writer, category, span),
    }
}

fn delete(
    writer: &WriteConnection,
    category: Category<'_>,
    span: Span<'_>,
) -> Result<u64, Failure> {
    let Category { space, name } = category;
    match span.stop {
        None => {
            let sql = sql!(space, "DELETE FROM ", " WHERE category = ?1 AND key >= ?2");
            writer.run(sql, params![name, span.start])
        }
        Some(stop) => {
            let sql =
                sql!(space, "DELETE FROM ", " WHERE category = ?1 AND key >= ?2 AND key < ?3");
            writer.run(sql, params![name, span.start, stop])
        }
    }
}

/// Applies batches. Returns the number of rows that the deletes of each batch removed.
pub(crate) fn apply_group<'a>(
    writer: &WriteConnection,
    batches: impl Iterator<Item = Batch<'a>>,
) -> Result<Vec<u64>, Failure> {
    let mut run = Run::default();
    let mut removed = Vec::new();
    for (batch, ops) in batches.map(|batch| batch.ops()).enumerate() {
        removed.push(0);
        for op in ops {
            writer.prepare_space(op.category().space)?;
            match op {
                Op::Put { category, key, payload } => {
                    run.apply_deletes(writer, &mut removed)?;
                    run.puts.push(Put { category, key, payload });
                }
                Op::Delete { category, key } => {
                    run.apply_puts(writer)?;
                    run.deletes.push(Delete { category, key, batch });
                }
                other => {
                    run.apply_all(writer, &mut removed)?;
                    removed[batch] += apply_one(writer, &other)?;
                }
            }
        }
    }
    run.apply_all(writer, &mut removed)?;
    Ok(removed)
}

/// Adjacent operations of one kind that are not applied yet: one of the two lists is empty.
#[derive(Default)]
struct Run<'a> {
    puts: Vec<Put<'a>>,
    deletes: Vec<Delete<'a>>,
}

struct Put<'a> {
    category: Category<'a>,
    key: &'a [u8],
    payload: &'a [u8],
}

impl Put<'_> {
    fn apply(&self, writer: &WriteConnection) -> Result<(), Failure> {
        let Category { space, name } = self.category;
        writer.run(put_sql(space), (name, self.key, self.payload)).map(drop)
    }
}

struct Delete<'a> {
    category: Category<'a>,
    key: &'a [u8],
    /// The index of its batch.
    batch: usize,
}

impl Run<'_> {
    fn apply_all(&mut self, writer: &WriteConnection, removed: &mut [u64]) -> Result<(), Failure> {
        self.apply_puts(writer)?;
        self.apply_deletes(writer, removed)
    }

    fn apply_puts(&mut self, writer: &WriteConnection) -> Result<(), Failure> {
        let mut puts = mem::take(&mut self.puts);
        // Most groups of a job that is written now and then have one operation.
        if let [] | [_] = puts[..] {
            return puts.iter().try_for_each(|put| put.apply(writer));
        }
        let in_order = |left: &Put<'_>, right: &Put<'_>| {
            (left.category, left.key) < (right.category, right.key)
        };
        if !puts.is_sorted_by(in_order) {
            puts.sort_by_key(|put| (put.category, put.key));
            // The last put of a key determines its payload.
            puts.dedup_by(|later, kept| {
                let same = (later.category, later.key) == (kept.category, kept.key);
                if same {
                    kept.payload = later.payload;
                }
                same
            });
        }
        for puts in puts.chunk_by(|left, right| left.category.space == right.category.space) {
            let Some(Put { category: Category { space, .. }, .. }) = puts.first() else { break };
            let (chunks, rest) = puts.as_chunks::<ROWS>();
            for rows in chunks {
                let values = rows.iter().flat_map(|row| [row.category.name, row.key, row.payload]);
                writer.run(put_rows_sql(*space), params_from_iter(values))?;
            }
            rest.iter().try_for_each(|put| put.apply(writer))?;
        }
        Ok(())
    }

    fn apply_deletes(
        &mut self,
        writer: &WriteConnection,
        removed: &mut [u64],
    ) -> Result<(), Failure> {
        if self.deletes.is_empty() {
            return Ok(());
        }
        let mut deletes = mem::take(&mut self.deletes);
        deletes.sort_by_key(|delete| (delete.category, delete.key));
        for Delete { category, key, batch } in deletes {
            let Category { space, name } = category;
            removed[batch] += writer.run(delete_sql(space), params![name, key])?;
        }
        Ok(())
    }
}
