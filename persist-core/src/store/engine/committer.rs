//! The committer: a job's writer, and whether the job has failed.
//!
//! It is behind a lock of the worker (`worker.rs`). The thread that holds the lock commits: the worker, or a caller that waits
//! for a write while the worker is idle. Only that thread changes the state:
//!
//! 1. Working: work is passed to the backend. If the backend is busy, or can't tell yet whether the work was applied, the same
//!    work is passed to it again.
//! 2. Failed: an outcome was unknown, because of an error or a panic, so that it is not known which rows are there; or the backend
//!    has failed; or another process has taken over the job; or acknowledged writes are lost. From then on, no work reaches the
//!    backend. The job has to be reopened.
//! 3. Closed: the worker has taken the committer out of the lock, and closes the writer.

use std::sync::Arc;
use std::time::Duration;

use crate::store::base::contained;
use crate::store::base::error::Error;
use crate::store::engine::work::{Context, Work};
use crate::store::port::closing::Closing;
use crate::store::port::write::{Commit, Outcome, Retry, Writer};

/// The shortest wait between two calls with the same work.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// The writer of a job, with its state.
pub(crate) struct Committer {
    writer: Box<dyn Writer>,
    close: Closing,
    context: Context,
    /// The error of every write after the job has failed.
    failed: Option<Error>,
}

impl Committer {
    pub(crate) fn new(writer: Box<dyn Writer>, close: Closing, context: Context) -> Self {
        Self { writer, close, context, failed: None }
    }

    /// Runs work that was taken from the queue. Returns one outcome for each batch, or one for any other work.
    pub(crate) fn run(&mut self, work: &mut Work) -> Vec<Outcome> {
        if let Some(error) = &self.failed {
            return not_applied(work, error);
        }
        let mut outcomes = self.try_until_overdue(work);
        if outcomes.len() != work.len() {
            // A missing outcome is unknown. A surplus one is of no batch.
            outcomes.resize(work.len(), Outcome::Unknown(self.unknown()));
        }
        if outcomes.len() > 1 && outcomes.iter().all(is_not_applied) {
            // If one batch fails, or the disk has no space for all of them, the other batches can still be committed.
            let alone = work.split(&self.context);
            if !alone.is_empty() {
                return alone
                    .into_iter()
                    .zip(outcomes)
                    .map(|(batch, together)| self.run_alone(batch, together))
                    .collect();
            }
        }
        self.failed = match &outcomes[..] {
            // The error of a closure may come from another job, and says nothing about this one.
            [Outcome::NotApplied(_)] if work.is_rolled_back() => None,
            outcomes => outcomes.iter().find_map(|outcome| self.failure(outcome)),
        };
        outcomes
    }

    /// Runs a batch of a group whose batches failed together. Once the job is closing and its deadline has passed, the batch keeps the
    /// outcome that it had with the others: there may be thousands of batches.
    fn run_alone(&mut self, mut batch: Work, together: Outcome) -> Outcome {
        if let Some(error) = &self.failed {
            return Outcome::NotApplied(error.clone());
        }
        if self.close.is_overdue() {
            return together;
        }
        let outcome = self.try_until_overdue(&mut batch).into_iter().next();
        let outcome = outcome.unwrap_or_else(|| Outcome::Unknown(self.unknown()));
        self.failed = self.failure(&outcome);
        outcome
    }

    /// Returns the error of every later write, if the job has failed with this outcome.
    fn failure(&self, outcome: &Outcome) -> Option<Error> {
        match outcome {
            Outcome::Unknown(error) => {
                let source = Some(Arc::new(error.clone()) as _);
                Some(Error::Failed { place: self.context.place.clone(), source })
            }
            Outcome::NotApplied(error) if is_final(error) => Some(error.clone()),
            Outcome::NotApplied(_) | Outcome::Committed { .. } => None,
        }
    }

    fn unknown(&self) -> Error {
        Error::Unknown { place: self.context.place.clone(), source: None }
    }

    /// Runs work, and repeats the call until the outcomes are known. Once the job is closing and its deadline has passed, no further
    /// call is made. Then the work is not applied, or the outcome is unknown if any of the calls was in doubt.
    fn try_until_overdue(&mut self, work: &mut Work) -> Vec<Outcome> {
        let mut tries = 0_u64;
        let mut is_in_doubt = false;
        loop {
            let retry = match contained::run(|| work.run(&mut *self.writer, &mut self.context)) {
                Ok(Commit::Resolved(outcomes)) => return outcomes,
                Ok(Commit::Unplanned) if is_in_doubt => {
                    return vec![Outcome::Unknown(self.unplanned()); work.len()];
                }
                Ok(Commit::Unplanned) => return not_applied(work, &self.unplanned()),
                Ok(Commit::Busy(retry)) => retry,
                Ok(Commit::InDoubt(retry)) => {
                    is_in_doubt = true;
                    retry
                }
                Err(message) => {
                    let error = Error::Panicked { place: self.context.place.clone(), message };
                    return vec![Outcome::Unknown(error); work.len()];
                }
            };
            let Retry { error, after } = retry;
            if self.close.is_overdue() {
                return if is_in_doubt {
                    let source = Some(Arc::new(error) as _);
                    let unknown = Error::Unknown { place: self.context.place.clone(), source };
                    vec![Outcome::Unknown(unknown); work.len()]
                } else {
                    not_applied(work, &error)
                };
            }
            // The longer the wait, the fewer the warnings.
            if tries.is_power_of_two() {
                contained::log(|| {
                    tracing::warn!(place = %self.context.place, tries, %error, "writes are waiting");
                });
            }
            self.close.wait(after.max(SHORTEST_WAIT));
            tries += 1;
        }
    }

    /// Returns the error for a backend that refuses planned writes.
    fn unplanned(&self) -> Error {
        let (place, code) = (self.context.place.clone(), String::new());
        let message = "the backend takes planned writes for unplanned ones".into();
        Error::Backend { place, code, message, source: None }
    }

    /// Returns [`Writer::logged_bytes`].
    pub(crate) fn logged_bytes(&self) -> u64 {
        self.writer.logged_bytes()
    }

    /// Closes the writer. The readers must be closed before.
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

/// Returns whether a batch was not applied, and the job can go on.
fn is_not_applied(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::NotApplied(error) => !is_final(error),
        Outcome::Committed { .. } | Outcome::Unknown(_) => false,
    }
}

/// Returns whether no work reaches the backend after this error.
fn is_final(error: &Error) -> bool {
    matches!(error, Error::Failed { .. } | Error::Fenced { .. } | Error::HistoryLost { .. })
}

fn not_applied(work: &Work, error: &Error) -> Vec<Outcome> {
    vec![Outcome::NotApplied(error.clone()); work.len()]
}
