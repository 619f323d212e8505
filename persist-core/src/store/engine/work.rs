use std::fmt;
use std::mem;

use crate::store::base::contained;
use crate::store::base::error::Error;
use crate::store::port::group::Group;
use crate::store::port::overlay::Overlay;
use crate::store::port::read::Snapshot;
use crate::store::port::write::{Commit, CompactStep, Outcome, WriteTransaction, Writer};

/// A unit of work of a job's writer. Units are done in the order in which they were submitted.
pub(crate) enum Work {
    /// Batches that are committed together.
    Group(Group),
    /// A sync: all earlier commits must reach the disk.
    Sync,
    /// A closure of a caller, which runs in a separate transaction.
    Transact(Transact),
    /// A step of a compaction.
    Compact(CompactStep),
}

/// A transaction that has not been committed.
pub(crate) struct Transact {
    run: Box<Closure>,
    /// Whether the closure has returned an error.
    has_failed: bool,
}

impl Transact {
    pub(crate) fn new(run: Box<Closure>) -> Self {
        Self { run, has_failed: false }
    }
}

/// The code of a transaction. It runs once. If it returns `Ok`, its writes are committed.
pub(crate) type Closure = dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error> + Send;

impl Work {
    /// Returns the number of outcomes: one for each batch of a group, and one for any other work.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Group(group) => group.len(),
            Self::Sync | Self::Transact(_) | Self::Compact(_) => 1,
        }
    }

    /// Returns whether this is a transaction whose closure has returned an error.
    pub(crate) fn is_rolled_back(&self) -> bool {
        matches!(self, Self::Transact(Transact { has_failed: true, .. }))
    }

    /// Does the work. The call is repeated after [`Commit::Busy`] and [`Commit::InDoubt`].
    pub(crate) fn run(&mut self, writer: &mut dyn Writer) -> Commit {
        match self {
            Self::Group(group) => writer.commit(group),
            Self::Sync => writer.sync(),
            Self::Transact(Transact { run, has_failed }) => {
                let mut run = |transaction: &mut dyn WriteTransaction| {
                    let result = run(transaction);
                    *has_failed |= result.is_err();
                    result
                };
                // The snapshot ends with this statement, so the commit below is not held up by it.
                let ran = match writer.begin_overlay() {
                    None => return writer.transact(&mut run),
                    Some(Err(retry)) => return Commit::Busy(retry),
                    Some(Ok(mut snapshot)) => run_over(&mut *snapshot, &mut run),
                };
                match ran {
                    Ok(Some(group)) => {
                        let commit = writer.commit(&group);
                        // From here on, the work is an ordinary group: the closure has run, and is not called again. It may hold the
                        // last reference to the transaction's result, whose drop may panic. Such a panic must not hide that the
                        // transaction is committed.
                        contained::discard(mem::replace(self, Self::Group(group)));
                        commit
                    }
                    Ok(None) => Commit::Resolved(vec![Outcome::Committed { removed: 0 }]),
                    Err(error) => Commit::Resolved(vec![Outcome::NotApplied(error)]),
                }
            }
            Self::Compact(step) => writer.compact(*step),
        }
    }
}

/// Runs the closure of a transaction over a snapshot. Returns its writes, or `None` if there are none.
///
/// # Errors
///
/// The error of the closure, or of its first write that failed.
fn run_over(
    snapshot: &mut (dyn Snapshot + Send),
    run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
) -> Result<Option<Group>, Error> {
    let mut overlay = Overlay::new(snapshot);
    run(&mut overlay)?;
    overlay.into_group()
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "Group({} batches)", group.len()),
            Self::Sync => f.write_str("Sync"),
            Self::Transact(_) => f.write_str("Transact"),
            Self::Compact(step) => write!(f, "Compact({step:?})"),
        }
    }
}
