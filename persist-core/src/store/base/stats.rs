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
