/// How far a backup is: what [`Job::backup_to_with`](crate::Job::backup_to_with) tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// How much is copied, in bytes.
    pub copied_bytes: u64,
    /// How much there is to copy, in bytes. It stays the same all the time.
    pub total_bytes: u64,
}
