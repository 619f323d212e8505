use std::fmt;

use crate::store::base::error::Error;
use crate::store::port::group::Group;
use crate::store::port::write::{Commit, CompactStep, WriteTransaction, Writer};

/// A unit of work of a job's writer. Units are done in the order in which they were submitted.
pub(crate) enum Work {
    /// Batches that are committed together.
    Group(Group),
    /// A sync: all earlier commits must reach the disk.
    Sync,
    /// A closure of a caller, which runs in a separate transaction.
    Transact(Box<Closure>),
    /// A step of a compaction.
    Compact(CompactStep),
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

    /// Does the work. The call is repeated after [`Commit::Busy`] and [`Commit::InDoubt`].
    pub(crate) fn run(&mut self, writer: &mut dyn Writer) -> Commit {
        match self {
            Self::Group(group) => writer.commit(group),
            Self::Sync => writer.sync(),
            Self::Transact(run) => writer.transact(&mut **run),
            Self::Compact(step) => writer.compact(*step),
        }
    }
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
