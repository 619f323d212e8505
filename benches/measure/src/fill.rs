//! How rows get into a store, where a put each isn't what is measured.

use crate::data::{Data, Keys, Row};
use crate::engine::{Engine, Outcome};

/// Rows a commit.
pub const BATCH: usize = 100;

/// Puts these rows in batches, and comes back when they are committed.
pub fn fill(
    engine: &dyn Engine,
    data: &Data,
    keys: Keys,
    mut numbers: impl Iterator<Item = usize>,
) -> Outcome<()> {
    let mut batch: Vec<Row<'_>> = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        let some = numbers.by_ref().take(BATCH);
        batch.extend(some.map(|number| (keys.key(number), data.payload(number))));
        if batch.is_empty() {
            return engine.settle();
        }
        engine.put_batch(&batch)?;
    }
}
