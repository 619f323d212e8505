use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use persist_core::port::{Commit, CompactStep, Group, Outcome, WriteTransaction, Writer};

use crate::claim::Claim;
use crate::errors;
use crate::job_file::JobFile;

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

    /// What it means, where nothing may be changed, that SQLite can't open or write what it wants: there is
    /// something to recover, or no index of the WAL and no right to create one.
    pub(crate) fn explain(file: &JobFile, error: Error) -> Error {
        let place = &file.place;
        match error {
            Error::Backend { code, message, .. } if errors::is_no_way_to_write(code) => {
                let what = match errors::not_readable(file) {
                    Some(why) => format!(
                        "reading {place}, which the system doesn't allow ({why}): give the right to read the file and its WAL"
                    ),
                    None => format!(
                        "reading {place} by a `read_only` store where SQLite can't write beside the file ({message}): \
                         open it once with a store that writes, or give it the right to create files in the root"
                    ),
                };
                Error::Unsupported { what }
            }
            error => error,
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
        _run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        self.refuse(1)
    }

    fn logged_bytes(&self) -> u64 {
        0
    }

    fn compact(&mut self, _step: CompactStep) -> Commit {
        self.refuse(1)
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}
