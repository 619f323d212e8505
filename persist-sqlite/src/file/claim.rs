//! Which files this process has open, and whether for one store alone.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error as StdError;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use persist_core::Error;
use rusqlite::Connection;

use crate::connection::budget::Permit;
use crate::file::job_file::JobFile;
use crate::file::presence::Presence;

/// The files that are open, each with how many claim it, or none for one who has it alone.
static OPEN: Mutex<BTreeMap<PathBuf, Option<usize>>> = Mutex::new(BTreeMap::new());

/// The right of a store to have a file open, until it is dropped.
///
/// The locks of files belong to the process, and SQLite shares those that it holds among the connections of the
/// process: an exclusive connection beside an ordinary one would shut out nobody, and an ordinary one beside an
/// exclusive one would get in. So the claim comes before SQLite's first look at the file.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    presence: Arc<Presence>,
}

impl Claim {
    /// To have it open beside others.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another store of this process has it alone.
    pub(crate) fn shared(file: &JobFile) -> Result<Self, Error> {
        match OPEN.lock().entry(file.path.clone()).or_insert(Some(0)) {
            Some(claims) => *claims += 1,
            None => return Err(busy(file, "another store of this process has it exclusively")),
        }
        Ok(Self::of(file))
    }

    fn of(file: &JobFile) -> Self {
        Self { path: file.path.clone(), presence: Arc::new(Presence::new(file)) }
    }

    /// Whether the files are still the ones that were opened.
    pub(crate) fn presence(&self) -> &Arc<Presence> {
        &self.presence
    }

    /// Runs `look` unless another store of this process has the file open too. None can open it meanwhile, so `look` must be
    /// quick.
    pub(crate) fn while_sole<T>(&self, look: impl FnOnce() -> T) -> Option<T> {
        let open = OPEN.lock();
        matches!(open.get(&self.path), Some(None | Some(1))).then(look)
    }

    /// To have it open alone.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another store of this process has it open.
    pub(crate) fn alone(file: &JobFile) -> Result<Self, Error> {
        match OPEN.lock().entry(file.path.clone()) {
            Entry::Vacant(free) => free.insert(None),
            Entry::Occupied(_) => {
                return Err(busy(file, "another store of this process has it open"));
            }
        };
        Ok(Self::of(file))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut open = OPEN.lock();
        match open.get_mut(&self.path) {
            Some(Some(claims)) if *claims > 1 => *claims -= 1,
            _ => drop(open.remove(&self.path)),
        }
    }
}

fn busy(file: &JobFile, reason: &str) -> Error {
    let source: Box<dyn StdError + Send + Sync> = reason.into();
    Error::Busy { place: file.place.clone(), source: Some(source.into()) }
}

/// A connection that holds a claim and a place in the budget until it is closed.
pub(crate) struct Claimed {
    // It goes first.
    connection: Connection,
    claim: Arc<Claim>,
    _permit: Permit,
}

impl Claimed {
    pub(crate) fn new(connection: Connection, claim: Arc<Claim>, permit: Permit) -> Self {
        Self { connection, claim, _permit: permit }
    }

    pub(crate) fn claim(&self) -> &Claim {
        &self.claim
    }

    pub(crate) fn close(self) -> rusqlite::Result<()> {
        self.connection.close().map_err(|(_, error)| error)
    }
}

impl Deref for Claimed {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Claimed {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use persist_core::Error;

    use super::Claim;
    use crate::file::job_file::JobFile;

    #[test]
    fn a_file_is_claimed_by_many_or_by_one_alone() {
        let file = JobFile::new(Path::new("/claims"), "job").unwrap();
        let other = JobFile::new(Path::new("/claims"), "other").unwrap();
        let is_busy = |claim: Result<Claim, Error>| matches!(claim, Err(Error::Busy { .. }));
        let first = Claim::shared(&file).unwrap();
        let second = Claim::shared(&file).unwrap();
        assert!(is_busy(Claim::alone(&file)));
        drop(first);
        assert!(is_busy(Claim::alone(&file)));
        drop(second);

        let alone = Claim::alone(&file).unwrap();
        assert!(is_busy(Claim::alone(&file)) && is_busy(Claim::shared(&file)));
        assert!(Claim::alone(&other).is_ok());
        drop(alone);
        assert!(Claim::shared(&file).is_ok());
    }
}
