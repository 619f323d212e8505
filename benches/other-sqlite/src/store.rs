//! The common operations of the engines of this program, all of which are awaited.

use measure::data::{Row, RowKey};
use measure::engine::Outcome;
use measure::tasks::Awaited;

pub(crate) type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// An awaited store. Ranges are half open.
pub(crate) trait Store: Awaited {
    /// Puts all rows or none.
    fn put_batch(&self, rows: &[Row<'_>]) -> impl Future<Output = Outcome<()>>;

    /// Deletes all keys or none.
    fn delete_batch(&self, keys: &[RowKey]) -> impl Future<Output = Outcome<()>>;

    fn scan(
        &self,
        start: &[u8],
        stop: &[u8],
        limit: Option<usize>,
    ) -> impl Future<Output = Outcome<Rows>>;

    fn count(&self, start: &[u8], stop: &[u8]) -> impl Future<Output = Outcome<usize>>;
}
