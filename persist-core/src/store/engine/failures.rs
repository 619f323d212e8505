//! The failed writes of a job that no ticket has reported.

use std::collections::BTreeMap;

use crate::store::base::contained;
use crate::store::base::error::Error;
use crate::store::base::sync::Mutex;

/// The failed writes of a job that no ticket has reported yet.
///
/// A failure is entered when it happens, and removed when a ticket reports it. If the ticket was dropped, the failure stays here
/// for `last_error`, a flush and the close.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    /// The number of failures that were ever entered, and the number of the next one.
    entered: u64,
    /// The unreported failures, by number, so the oldest comes first.
    unseen: BTreeMap<u64, Failure>,
}

#[derive(Debug)]
struct Failure {
    error: Error,
    /// `None` if the write was never enqueued.
    position: Option<Position>,
}

/// The position of a write among all that were enqueued: the number of its group, and its index in the group.
pub(crate) type Position = (u64, usize);

/// The number of failures that are kept. If there are more, the second oldest is forgotten: the close returns the oldest, and
/// `last_error` the newest.
const KEPT: usize = 1_000;

impl Failures {
    /// Enters a failure, and returns its number.
    pub(crate) fn enter(&self, error: Error, position: Option<Position>) -> u64 {
        let mut ledger = self.0.lock();
        let number = ledger.entered;
        ledger.entered += 1;
        ledger.unseen.insert(number, Failure { error, position });
        let second = ledger.unseen.keys().nth(1).copied();
        let forgotten = second.filter(|_| ledger.unseen.len() > KEPT);
        let forgotten = forgotten.and_then(|second| ledger.unseen.remove(&second));
        drop(ledger);
        // The error's source may be of a caller's type, whose drop may panic.
        contained::discard(forgotten);
        number
    }

    /// Removes a failure that a ticket has reported.
    pub(crate) fn strike(&self, number: u64) {
        self.0.lock().unseen.remove(&number);
    }

    /// Removes and returns the first failure of the writes before a flush: the failures with a number below `entered`, and those of
    /// writes at positions before `end`.
    pub(crate) fn strike_first(&self, entered: u64, end: Option<Position>) -> Option<Error> {
        let mut ledger = self.0.lock();
        let is_before = |number: u64, failure: &Failure| {
            number < entered || failure.position.zip(end).is_some_and(|(at, end)| at < end)
        };
        let mut failures = ledger.unseen.iter();
        let (&first, _) = failures.find(|(number, failure)| is_before(**number, failure))?;
        ledger.unseen.remove(&first).map(|failure| failure.error)
    }

    /// Returns the number of failures that were entered, including those removed since.
    pub(crate) fn entered(&self) -> u64 {
        self.0.lock().entered
    }

    /// Returns the oldest unreported failure.
    pub(crate) fn first(&self) -> Option<Error> {
        self.0.lock().unseen.first_key_value().map(|(_, failure)| failure.error.clone())
    }

    /// Returns the newest unreported failure.
    pub(crate) fn last(&self) -> Option<Error> {
        self.0.lock().unseen.last_key_value().map(|(_, failure)| failure.error.clone())
    }
}
