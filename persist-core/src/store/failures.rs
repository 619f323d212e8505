use std::collections::BTreeMap;

use super::sync::Mutex;
use super::{Error, contained};

/// Failed writes that no ticket has shown yet.
///
/// A failure is entered when it happens and struck off when a ticket gives it to its holder. So what a
/// dropped ticket would have told stays here, for `last_error` and for the close.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    entered: u64,
    unseen: BTreeMap<u64, Error>,
}

/// How many failures are kept; beyond, the oldest but the very first go.
const KEPT: usize = 1_000;

impl Failures {
    /// Enters a failure; gives its number.
    pub(super) fn enter(&self, error: Error) -> u64 {
        let mut ledger = self.0.lock();
        let number = ledger.entered;
        ledger.entered += 1;
        ledger.unseen.insert(number, error);
        let second = ledger.unseen.keys().nth(1).copied();
        let forgotten = second.filter(|_| ledger.unseen.len() > KEPT);
        let forgotten = forgotten.and_then(|second| ledger.unseen.remove(&second));
        drop(ledger);
        // Its cause may be of a caller's type.
        contained::discard(forgotten);
        number
    }

    /// Strikes off a failure that a ticket has shown.
    pub(super) fn strike(&self, number: u64) {
        self.0.lock().unseen.remove(&number);
    }

    /// How many were entered, struck off or not.
    pub(super) fn entered(&self) -> u64 {
        self.0.lock().entered
    }

    pub(super) fn first(&self) -> Option<Error> {
        self.0.lock().unseen.first_key_value().map(|(_, error)| error.clone())
    }

    pub(super) fn last(&self) -> Option<Error> {
        self.0.lock().unseen.last_key_value().map(|(_, error)| error.clone())
    }
}
