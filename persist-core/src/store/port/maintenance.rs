//! The maintenance of a job: sizes, checks and backups, which a backend may offer in addition to rows.

use std::path::Path;

use crate::store::base::error::Error;
use crate::store::base::reports::{BackupProgress, CheckReport, StorageStats};
use crate::store::port::stop::Stop;

/// The maintenance of a job. Calls may run at the same time on any threads, and never wait for the writer. After the reader was
/// closed, they fail with [`Error::Closed`].
pub trait Maintenance: Send + Sync {
    /// Returns the storage that the job uses. This is as fast as [`Reader::get`](super::Reader::get).
    ///
    /// # Errors
    ///
    /// Errors of the backend.
    fn storage(&self) -> Result<StorageStats, Error>;

    /// Checks all stored data for damage. Damage is listed in the report, and is not an error.
    ///
    /// # Errors
    ///
    /// Errors of the backend; [`Error::Closed`] soon after the reader is closed during the check, or `stop` is set.
    fn check(&self, stop: &Stop) -> Result<CheckReport, Error>;

    /// Writes all rows, as they are at one moment, to a new file at the absolute path `to`. Either the file is complete and on the
    /// disk, or it is not created.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if `to` exists or can't be created; [`Error::Unsupported`] from a backend without files; others as
    /// for [`check`](Self::check).
    fn backup(
        &self,
        to: &Path,
        stop: &Stop,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<(), Error>;
}
