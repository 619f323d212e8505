use std::collections::BTreeMap;

use crate::store::base::contained;
use crate::store::base::error::Error;
use crate::store::base::sync::Mutex;

/// Failed writes that no ticket has reported yet.
///
/// A failure is entered when it happens, and struck off when a ticket reports it. So the failure of a
/// dropped ticket stays here, for `last_error`, a flush and the close.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    entered: u64,
    unseen: BTreeMap<u64, Failure>,
}

#[derive(Debug)]
struct Failure {
    error: Error,
    /// None if the write was never enqueued.
    position: Option<Position>,
}

/// The position of a write among all that were enqueued: the number of its group, and its index there.
pub(crate) type Position = (u64, usize);

/// How many failures are kept; beyond, the oldest but the very first go.
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
        // Its cause may be of a caller's type.
        contained::discard(forgotten);
        number
    }

    /// Strikes off a failure that a ticket has reported.
    pub(crate) fn strike(&self, number: u64) {
        self.0.lock().unseen.remove(&number);
    }

    /// Strikes off the first failure of the writes before a flush, and returns it: those entered before number `entered`, and those
    /// at positions before `end`.
    pub(crate) fn strike_first(&self, entered: u64, end: Option<Position>) -> Option<Error> {
        let mut ledger = self.0.lock();
        let is_before = |number: u64, failure: &Failure| {
            number < entered || failure.position.zip(end).is_some_and(|(at, end)| at < end)
        };
        let mut failures = ledger.unseen.iter();
        let (&first, _) = failures.find(|(number, failure)| is_before(**number, failure))?;
        ledger.unseen.remove(&first).map(|failure| failure.error)
    }

    /// How many were entered, struck off or not.
    pub(crate) fn entered(&self) -> u64 {
        self.0.lock().entered
    }

    pub(crate) fn first(&self) -> Option<Error> {
        self.0.lock().unseen.first_key_value().map(|(_, failure)| failure.error.clone())
    }

    pub(crate) fn last(&self) -> Option<Error> {
        self.0.lock().unseen.last_key_value().map(|(_, failure)| failure.error.clone())
    }
}
