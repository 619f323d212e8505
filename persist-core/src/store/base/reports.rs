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
    /// For an empty batch, which commits nothing, this is the number of the job's last commit; 0 before the first commit.
    pub commit: u64,
    /// The number of rows that the deletes of the batch removed. A put that replaces a row does not count.
    pub removed: u64,
}

impl Committed {
    /// Returns whether an acknowledged delete of one key has removed a row.
    pub(crate) fn has_removed(self) -> bool {
        self.removed > 0
    }
}

/// The statistics of a job, which [`Job::stats`](crate::Job::stats) returns.
///
/// The values are read one after the other, so they are from nearly the same moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The size of the writes that are queued or being committed, in bytes: keys, categories, payloads and a constant for each
    /// operation.
    pub queue_bytes: usize,
    /// The limit of `queue_bytes`: [`Config::queue_limit_bytes`](crate::Config::queue_limit_bytes).
    pub queue_limit_bytes: usize,
    /// The number of commits of groups of writes since the job was opened. The tickets of the last one report the same number, in
    /// [`Committed::commit`].
    pub commits: u64,
    /// The number of writes that have failed since the job was opened, whether or not their tickets have reported the failure.
    pub failures: u64,
    /// The storage that the job uses; `None` if the backend does not report it.
    pub storage: Option<StorageStats>,
}

/// The storage that a job uses. With the backend in memory, all values are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StorageStats {
    /// The size of the job's file, in bytes.
    pub file_bytes: u64,
    /// The size of the log next to the file (the WAL), which contains the newest commits, in bytes.
    pub wal_bytes: u64,
    /// Whether the last checkpoint, which moves the log's commits into the file, had to leave a part of them in the log, since a
    /// snapshot, here or in another process, still read an older state of the rows. While this lasts, the log grows with each write.
    pub wal_held_back: bool,
    /// The free space in the file, in bytes. The next writes use it, and [`compact`](crate::Job::compact) could return it to the
    /// file system.
    pub free_bytes: u64,
    /// The number of open connections for reading.
    pub read_connections: usize,
}

/// The progress of a backup, which [`Job::backup_to_with`](crate::Job::backup_to_with) reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// The number of bytes copied so far.
    pub copied_bytes: u64,
    /// The number of bytes to copy. It does not change during the backup.
    pub total_bytes: u64,
}

/// The progress of a copy, which [`Job::copy_to_with`](crate::Job::copy_to_with) reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyProgress {
    /// The number of rows copied so far.
    pub copied_rows: u64,
    /// The size of the categories, keys and payloads of these rows, in bytes.
    pub copied_bytes: u64,
    /// The number of rows to copy. It does not change during the copy.
    pub total_rows: u64,
}

/// The result of a check, which [`Job::check`](crate::Job::check) returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The problems found, as messages of the backend without keys and payloads: about the first hundred. Empty if the job is
    /// sound.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Returns whether no problem was found.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}
