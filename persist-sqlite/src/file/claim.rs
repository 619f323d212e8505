//! The registry of the files that this process has open, each shared by several stores or exclusively for one.
//!
//! File locks belong to the process, and SQLite shares its locks among the connections of a process. So SQLite can't keep two stores
//! of one process apart: an exclusive connection next to an ordinary one would keep out no other process, and an ordinary one next to
//! an exclusive one would be admitted. A store therefore takes a [`Claim`] before SQLite's first look at a file, and every connection
//! to an open job holds the claim until it is closed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::error::Error as StdError;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use persist_core::Error;

use crate::file::job_file::JobFile;
use crate::file::presence::Presence;

/// The files that are open, each with the number of its shared claims, or `None` for an exclusive claim.
static OPEN: Mutex<BTreeMap<PathBuf, Option<usize>>> = Mutex::new(BTreeMap::new());

/// The right of a store to have a file open, until it is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    presence: Arc<Presence>,
}

impl Claim {
    /// Claims a file together with other stores of this process.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another store of this process has an exclusive claim.
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

    /// The record of which files were opened, and whether they are still in their places.
    pub(crate) fn presence(&self) -> &Arc<Presence> {
        &self.presence
    }

    /// Runs `look` unless another store of this process has a claim to the file too. The registry is locked meanwhile, so that no
    /// store can open the file, and `look` must be quick.
    pub(crate) fn while_sole<T>(&self, look: impl FnOnce() -> T) -> Option<T> {
        let open = OPEN.lock();
        matches!(open.get(&self.path), Some(None | Some(1))).then(look)
    }

    /// Claims a file exclusively.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another store of this process has a claim.
    pub(crate) fn exclusive(file: &JobFile) -> Result<Self, Error> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use persist_core::Error;

    use super::Claim;
    use crate::file::job_file::JobFile;

    #[test]
    fn file_has_shared_claims_or_one_exclusive_claim() {
        let file = JobFile::new(Path::new("/claims"), "job").unwrap();
        let other = JobFile::new(Path::new("/claims"), "other").unwrap();
        let is_busy = |claim: Result<Claim, Error>| matches!(claim, Err(Error::Busy { .. }));
        let first = Claim::shared(&file).unwrap();
        let second = Claim::shared(&file).unwrap();
        assert!(is_busy(Claim::exclusive(&file)));
        drop(first);
        assert!(is_busy(Claim::exclusive(&file)));
        drop(second);

        let exclusive = Claim::exclusive(&file).unwrap();
        assert!(is_busy(Claim::exclusive(&file)) && is_busy(Claim::shared(&file)));
        assert!(Claim::exclusive(&other).is_ok());
        drop(exclusive);
        assert!(Claim::shared(&file).is_ok());
    }
}
