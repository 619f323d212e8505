//! The reports that calls return: about a write, a job, a backup and a check.

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

/// How a job is doing: what [`Job::stats`](crate::Job::stats) gives.
///
/// Its parts are looked at one after the other, so they are of nearly the same moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// What waits in the queue or is being committed, in bytes: keys, categories, payloads and a constant an
    /// operation.
    pub queue_bytes: usize,
    /// How much of that may wait, in bytes: [`Config::queue_limit_bytes`](crate::Config::queue_limit_bytes).
    pub queue_limit_bytes: usize,
    /// How many commits there were since the job was opened, of groups of writes; also the number that the last
    /// one's tickets give.
    pub commits: u64,
    /// How many writes have failed since the job was opened, whether their tickets have told it or not.
    pub failures: u64,
    /// What the job takes where it is stored.
    pub storage: StorageStats,
}

/// What a job takes where it is stored. All is 0 in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageStats {
    /// The size of the job's file, in bytes.
    pub file_bytes: u64,
    /// The size of the log beside it that holds the newest commits (the WAL), in bytes.
    pub wal_bytes: u64,
    /// Whether the last checkpoint, which moves that into the file, had to leave a part of it, since somebody still read
    /// an older state of the rows: a snapshot, here or in another process. While it lasts, the log grows with each write.
    pub wal_held_back: bool,
    /// What of the file holds nothing and is used by the next writes, in bytes: what a
    /// [`compact`](crate::Job::compact) could give back.
    pub free_bytes: u64,
    /// How many connections for reading are open.
    pub read_connections: usize,
}

/// How far a backup is: what [`Job::backup_to_with`](crate::Job::backup_to_with) tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// How much is copied, in bytes.
    pub copied_bytes: u64,
    /// How much there is to copy, in bytes. It stays the same all the time.
    pub total_bytes: u64,
}

/// What a check has found: what [`Job::check`](crate::Job::check) gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// What is wrong, in the backend's words, without keys and payloads: the first hundred or so. Empty if all is
    /// well.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Whether nothing was found wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}
