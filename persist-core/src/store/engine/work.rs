use std::fmt;

use crate::store::base::error::Error;
use crate::store::port::group::Group;
use crate::store::port::write::{Commit, CompactStep, WriteTransaction, Writer};

/// What the worker is asked to do, in the order asked.
pub(crate) enum Work {
    /// Batches that are committed together.
    Group(Group),
    /// All that was committed before has to be on disk.
    Sync,
    /// Code of a caller, in a transaction of its own.
    Transact(Box<Closure>),
    /// Free space has to be given back.
    Compact(CompactStep),
}

/// Runs once, and says whether to commit.
pub(crate) type Closure = dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error> + Send;

impl Work {
    /// How many outcomes it has.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Group(group) => group.len(),
            Self::Sync | Self::Transact(_) | Self::Compact(_) => 1,
        }
    }

    /// Does it, or finds that another process doesn't let it yet.
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
