use std::sync::Arc;

use persist_core::port::{Commit, Group, Outcome, Transaction, Writer};
use persist_core::{Error, Place};

use crate::claim::Claim;

/// In the writer's place, where nothing may be written: it has no connection, and refuses all writes.
pub(crate) struct ReadOnly {
    place: Place,
    /// Held as the writer holds it: the readers live no longer.
    _claim: Arc<Claim>,
}

impl ReadOnly {
    pub(crate) fn new(place: Place, claim: Arc<Claim>) -> Self {
        Self { place, _claim: claim }
    }

    /// That nothing can be changed.
    pub(crate) fn refusal(place: &Place) -> Error {
        Error::Unsupported {
            what: format!("a change of {place} by a `read_only` store: use one that isn't"),
        }
    }

    fn refuse(&self, batches: usize) -> Commit {
        Commit::Resolved(vec![Outcome::NotApplied(Self::refusal(&self.place)); batches])
    }
}

impl Writer for ReadOnly {
    fn commit(&mut self, group: &Group) -> Commit {
        self.refuse(group.len())
    }

    /// Nothing was written, so nothing is left to be.
    fn sync(&mut self) -> Commit {
        Commit::Resolved(vec![Outcome::Committed { removed: 0 }])
    }

    fn transact(
        &mut self,
        _run: &mut dyn FnMut(&mut dyn Transaction) -> Result<(), Error>,
    ) -> Commit {
        self.refuse(1)
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}
