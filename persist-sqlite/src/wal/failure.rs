//! The latch that ends all writes and checkpoints of a job.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use persist_core::Error;
use persist_core::error::{Cause, Place};

/// The reason why a job accepts no more writes, once there is one. It is set at most once and is never reset: closing and opening the
/// job again makes a new latch.
///
/// The writer, a caller that commits in its place, and the checkpointer's thread may all set it. The first reason is kept, since it is
/// the cause of those that follow. While it is set, nothing checkpoints, because the bytes that the disk holds of the WAL may differ
/// from the bytes that the system reads back.
///
/// `reported` is set once a caller has received the error, so that the close of the job reports a failure of which no caller knows.
pub(crate) struct FailureLatch {
    place: Place,
    failure: OnceLock<Error>,
    reported: AtomicBool,
}

impl FailureLatch {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, failure: OnceLock::new(), reported: AtomicBool::new(false) }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.failure.get().is_some()
    }

    /// Returns the failure, if there is one. The caller reports it.
    pub(crate) fn report(&self) -> Option<Error> {
        let failure = self.failure.get()?;
        self.reported.store(true, Ordering::Relaxed);
        Some(failure.clone())
    }

    /// Returns the failure if it has not been reported. The caller reports it.
    pub(crate) fn report_once(&self) -> Option<Error> {
        if self.reported.load(Ordering::Relaxed) { None } else { self.report() }
    }

    /// Sets the latch after an I/O error. Returns the failure, which the caller reports.
    pub(crate) fn fail(&self, cause: Cause) -> Error {
        self.reported.store(true, Ordering::Relaxed);
        self.fail_unreported(cause)
    }

    /// Sets the latch after an I/O error of which no caller knows yet.
    pub(crate) fn fail_unreported(&self, cause: Cause) -> Error {
        let failed = || Error::Failed { place: self.place.clone(), source: Some(cause) };
        self.failure.get_or_init(failed).clone()
    }

    /// Sets the latch because another process has changed the file so that it is no longer a job's. Returns the error that every
    /// later write returns, which the caller reports.
    pub(crate) fn refuse(&self, error: Error) -> Error {
        self.reported.store(true, Ordering::Relaxed);
        self.failure.get_or_init(|| error).clone()
    }
}
