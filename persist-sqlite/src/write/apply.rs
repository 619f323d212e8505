//! Applying a group of batches: neighbours that put rows, or delete them, go in the order of their keys.
//!
//! Where keys are random each of them is on a page of its own, and what costs is the pages; sorted, neighbours share
//! them. The order of what touches one key stays, since the sort is stable.

use std::mem;
use std::sync::LazyLock;

use persist_core::port::{Batch, Op};
use rusqlite::params_from_iter;

use crate::pool::write_connection::{Failure, PUT, PUT_END, PUT_START, Writing};

/// How many rows one statement puts. Beyond that it gains nothing more.
const ROWS: usize = 16;

static PUT_ROWS: LazyLock<String> = LazyLock::new(|| {
    let rows = vec!["(?, ?, ?)"; ROWS].join(", ");
    format!("{PUT_START} {rows} {PUT_END}")
});

/// Applies batches in a transaction that has begun; gives how many rows the deletes of each removed.
pub(crate) fn apply<'a>(
    writer: &Writing,
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
                    removed[batch] += writer.apply(&other)?;
                }
            }
        }
    }
    run.apply_all(writer, &mut removed)?;
    Ok(removed)
}

/// Neighbours of one kind that wait to be applied: one of the two is empty.
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
    /// The batch that it is of.
    batch: usize,
}

impl Run<'_> {
    fn apply_all(&mut self, writer: &Writing, removed: &mut [u64]) -> Result<(), Failure> {
        self.apply_puts(writer)?;
        self.apply_deletes(writer, removed)
    }

    fn apply_puts(&mut self, writer: &Writing) -> Result<(), Failure> {
        let mut puts = mem::take(&mut self.puts);
        let in_order = |left: &Put<'_>, right: &Put<'_>| {
            (left.category, left.key) < (right.category, right.key)
        };
        if !puts.is_sorted_by(in_order) {
            puts.sort_by_key(|put| (put.category, put.key));
            // Of the puts of one key the last one holds.
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

    fn apply_deletes(&mut self, writer: &Writing, removed: &mut [u64]) -> Result<(), Failure> {
        let mut deletes = mem::take(&mut self.deletes);
        deletes.sort_by_key(|delete| (delete.category, delete.key));
        for Delete { category, key, batch } in deletes {
            removed[batch] += writer.apply(&Op::Delete { category, key })?;
        }
        Ok(())
    }
}
