/// The result of a committed write.
///
/// ```
/// use persist_core::{Committed, Memory, Persistency};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.persist_put("raw", 1u64, b"one").wait()?;
/// let Committed { commit, removed, .. } = job.persist_delete_range("raw", ..).wait()?;
/// assert_eq!((commit, removed), (2, 1));
/// # Ok::<(), persist_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Committed {
    /// The number of the commit. A job's commits are counted from 1 each time it is opened, and writes that are committed
    /// together share one number.
    ///
    /// For an empty batch, which commits nothing, the number of the job's last commit; 0 before the first.
    pub commit: u64,
    /// The number of rows that the deletes of the batch removed. A put that replaces a row does not count.
    pub removed: u64,
}

impl Committed {
    /// The result of an acknowledged delete of one key.
    pub(crate) fn has_removed(self) -> bool {
        self.removed > 0
    }
}
