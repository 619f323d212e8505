//! How rows get into a store, where a put each isn't what is measured.

use crate::data::Row;
use crate::engine::{Engine, Outcome};

/// Rows a commit.
pub const BATCH: usize = 100;

/// Puts these rows in batches, and comes back when they are committed.
pub fn fill<'a>(engine: &dyn Engine, mut rows: impl Iterator<Item = Row<'a>>) -> Outcome<()> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        batch.extend(rows.by_ref().take(BATCH));
        if batch.is_empty() {
            return engine.settle();
        }
        engine.put_batch(&batch)?;
    }
}
