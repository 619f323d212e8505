use persist_core::{Error, Job, TxOp};

use crate::Rows;

/// Rows that are written as one batch.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    category: &'static str,
    payload_bytes: usize,
}

/// Rows that leave free pages when they are deleted, and rows that stay.
pub const BATCHES: [Batch; 2] =
    [Batch { category: "free", payload_bytes: 600 }, Batch { category: "c", payload_bytes: 100 }];

impl Batch {
    fn rows(&self) -> impl Iterator<Item = (u64, Vec<u8>)> {
        (0..200_u64).map(|n| (n, n.to_be_bytes().repeat(self.payload_bytes / 8)))
    }
}

/// Writes [`BATCHES`] to a job.
///
/// # Errors
///
/// Returns the error of the write that failed.
pub fn fill(job: &Job) -> Result<(), Error> {
    for batch in BATCHES {
        job.persist(batch.rows().map(|(n, payload)| TxOp::put(batch.category, n, payload)))
            .wait()?;
    }
    Ok(())
}

/// Returns the rows of a job to which these batches were written.
#[must_use]
pub fn rows_of_batches(batches: &[Batch]) -> Rows {
    let mut rows = Rows::new();
    for batch in batches {
        let category = batch.category.as_bytes();
        let key = |n: u64| (category.to_vec(), n.to_be_bytes().to_vec());
        rows.extend(batch.rows().map(|(n, payload)| (key(n), payload)));
    }
    rows
}
