//! Filling a store, where single puts aren't measured.

use crate::data::Row;
use crate::engine::{Engine, Outcome};

/// Rows per commit.
pub const BATCH: usize = 100;

/// Puts these rows in batches, and returns once they are committed.
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
