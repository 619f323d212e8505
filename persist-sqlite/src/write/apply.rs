//! Applying operations to the rows, in a transaction that has begun.
//!
//! A group has many operations. Runs of adjacent puts, and of adjacent deletes, are sorted by key. If the keys are random, each of
//! them is on another page, and the pages are the cost; in sorted order, neighbors share pages. Operations on one key keep their
//! order, since the sort is stable.

use std::mem;
use std::sync::LazyLock;

use persist_core::port::{Batch, Op, Span};
use persist_core::{Key, KeyRange};
use rusqlite::{params, params_from_iter};

use crate::pool::write_connection::{Failure, WriteConnection};

const PUT: &str = "INSERT INTO kv (category, key, payload) VALUES (?, ?, ?)
    ON CONFLICT (category, key) DO UPDATE SET payload = excluded.payload";
const DELETE: &str = "DELETE FROM kv WHERE category = ?1 AND key = ?2";
const DELETE_FROM: &str = "DELETE FROM kv WHERE category = ?1 AND key >= ?2";
const DELETE_BETWEEN: &str = "DELETE FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3";

/// The number of rows that one statement puts. More rows per statement gain nothing.
const ROWS: usize = 16;

/// [`PUT`] for [`ROWS`] rows.
static PUT_ROWS: LazyLock<String> = LazyLock::new(|| {
    let rows = vec!["(?, ?, ?)"; ROWS].join(", ");
    format!(
        "INSERT INTO kv (category, key, payload) VALUES {rows} \
         ON CONFLICT (category, key) DO UPDATE SET payload = excluded.payload"
    )
});

/// Applies an operation. Returns the number of rows that it removed.
pub(crate) fn apply_one(writer: &WriteConnection, op: &Op<'_>) -> Result<u64, Failure> {
    match *op {
        Op::Put { category, key, payload } => {
            writer.run(PUT, params![category, key, payload]).map(|_| 0)
        }
        Op::Delete { category, key } => writer.run(DELETE, params![category, key]),
        Op::DeletePrefix { category, prefix } => {
            let range = KeyRange::prefix(&Key::from_bytes(prefix));
            let stop = range.stop().map(Key::as_bytes);
            delete(writer, category, Span { start: prefix, stop })
        }
        Op::DeleteRange { category, span } => delete(writer, category, span),
    }
}

fn delete(writer: &WriteConnection, category: &[u8], span: Span<'_>) -> Result<u64, Failure> {
    match span.stop {
        None => writer.run(DELETE_FROM, params![category, span.start]),
        Some(stop) => writer.run(DELETE_BETWEEN, params![category, span.start, stop]),
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
    category: &'a [u8],
    key: &'a [u8],
    payload: &'a [u8],
}

struct Delete<'a> {
    category: &'a [u8],
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
        let (chunks, rest) = puts.as_chunks::<ROWS>();
        for rows in chunks {
            let values = rows.iter().flat_map(|row| [row.category, row.key, row.payload]);
            writer.run(&PUT_ROWS, params_from_iter(values))?;
        }
        for row in rest {
            writer.run(PUT, (row.category, row.key, row.payload))?;
        }
        Ok(())
    }

    fn apply_deletes(
        &mut self,
        writer: &WriteConnection,
        removed: &mut [u64],
    ) -> Result<(), Failure> {
        let mut deletes = mem::take(&mut self.deletes);
        deletes.sort_by_key(|delete| (delete.category, delete.key));
        for Delete { category, key, batch } in deletes {
            removed[batch] += writer.run(DELETE, params![category, key])?;
        }
        Ok(())
    }
}
