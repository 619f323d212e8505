use std::sync::Arc;

use crate::store::base::contained;
use crate::store::base::error::{Error, Place};
use crate::store::engine::close_signal::CloseSignal;
use crate::store::engine::work::Work;
use crate::store::port::write::{Commit, Outcome, Writer};

/// A job's writer, and whether the job has failed.
///
/// It is behind a lock of the worker. The thread that holds that lock commits: the worker's, or that of a caller that waits for a
/// write while the worker rests.
pub(crate) struct Committer {
    place: Place,
    writer: Box<dyn Writer>,
    close: Arc<CloseSignal>,
    /// The outcome of every write since the job has failed.
    failed: Option<Error>,
}

impl Committer {
    pub(crate) fn new(place: Place, writer: Box<dyn Writer>, close: Arc<CloseSignal>) -> Self {
        Self { place, writer, close, failed: None }
    }

    /// Runs work that was taken from the queue. Returns one outcome for each batch.
    pub(crate) fn run(&mut self, work: &mut Work) -> Vec<Outcome> {
        if let Some(error) = &self.failed {
            return not_applied(work, error);
        }
        let outcomes = self.try_until_overdue(work);
        if let Some(Outcome::Unknown(error)) =
            outcomes.iter().find(|outcome| matches!(outcome, Outcome::Unknown(_)))
        {
            let source = Some(Arc::new(error.clone()) as _);
            self.failed = Some(Error::Failed { place: self.place.clone(), source });
        }
        outcomes
    }

    /// Retries while another process holds the lock, until the job is closing and its deadline is over.
    fn try_until_overdue(&mut self, work: &mut Work) -> Vec<Outcome> {
        let mut tries = 0_u64;
        loop {
            match contained::run(|| work.run(&mut *self.writer)) {
                Ok(Commit::Resolved(outcomes)) => return outcomes,
                Ok(Commit::Busy(error)) if self.close.is_overdue() => {
                    return not_applied(work, &error);
                }
                Ok(Commit::Busy(error)) => {
                    if tries.is_power_of_two() {
                        contained::log(|| {
                            tracing::warn!(place = %self.place, tries, %error, "writes are waiting");
                        });
                    }
                }
                Err(message) => {
                    let error = Error::Panicked { place: self.place.clone(), message };
                    return vec![Outcome::Unknown(error); work.len()];
                }
            }
            tries += 1;
        }
    }

    /// Returns [`Writer::logged_bytes`].
    pub(crate) fn logged_bytes(&self) -> u64 {
        self.writer.logged_bytes()
    }

    /// Closes the writer, once the readers are.
    ///
    /// # Errors
    ///
    /// As for [`Writer::close`].
    pub(crate) fn close(self) -> Result<(), Error> {
        self.writer.close()
    }
}

impl std::fmt::Debug for Committer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Committer").field("failed", &self.failed).finish_non_exhaustive()
    }
}

fn not_applied(work: &Work, error: &Error) -> Vec<Outcome> {
    vec![Outcome::NotApplied(error.clone()); work.len()]
}
