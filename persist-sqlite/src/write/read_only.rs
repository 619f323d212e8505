//! The writer of a `read_only` store, and the errors of such a store.

use std::sync::Arc;

use persist_core::Error;
use persist_core::error::Place;
use persist_core::port::{Commit, CompactStep, Group, Outcome, WriteTransaction, Writer};

use crate::base::errors;
use crate::file::access;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;

/// The writer of a job in a `read_only` store. It has no connection and refuses all writes.
pub(crate) struct ReadOnly {
    place: Place,
    /// Held until the close, as by the other writer: the readers' connections are closed before.
    _claim: Arc<Claim>,
}

impl ReadOnly {
    pub(crate) fn new(place: Place, claim: Arc<Claim>) -> Self {
        Self { place, _claim: claim }
    }

    /// Returns the error for a change of a job.
    pub(crate) fn refusal(place: &Place) -> Error {
        Error::Unsupported {
            what: format!("a change of {place} by a `read_only` store: use one that isn't"),
        }
    }

    /// Explains why SQLite can't open or write a file, although the job is only read: there is a transaction to recover, or the index
    /// of the WAL is missing and can't be created.
    pub(crate) fn explain(file: &JobFile, error: Error) -> Error {
        let place = &file.place;
        match error {
            Error::Backend { ref message, .. } if errors::is_no_way_to_write(&error) => {
                let what = match access::not_readable(file) {
                    Some(why) => format!(
                        "reading {place}, which the system doesn't allow ({why}): give the right to read the file and its WAL"
                    ),
                    None => format!(
                        "reading {place} by a `read_only` store where SQLite can't write next to the file ({message}): \
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

    /// Nothing was written, so there is nothing to sync.
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
