//! The state that the queue's lock guards: the unresolved writes, and whether the worker is awake.
//!
//! Pending work comes first, the open group last. Any thread that holds the lock may append. Only a thread that holds the committer
//! takes work, so at most one unit of work is in flight, and work is committed in the order of the queue.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

use crate::store::engine::filter::{Filter, Touched, Wanted};
use crate::store::engine::group_commit::GroupCommit;
use crate::store::engine::work::Work;
use crate::store::port::group::Group;

/// The state of a queue.
#[derive(Debug)]
pub(super) struct State {
    /// Whether writes are accepted. `false` once the close has begun; it never becomes `true` again.
    pub(super) is_open: bool,
    /// The pending work before the open group, oldest first.
    pub(super) before: VecDeque<Pending>,
    /// The open group, to which batches are appended, and its commit.
    pub(super) group: Group,
    pub(super) commit: Arc<GroupCommit>,
    /// The capacity that the open group takes, in bytes.
    pub(super) cost: usize,
    /// The keys that the open group writes.
    pub(super) filter: Filter,
    /// A cleared filter for a later group, which saves an allocation.
    pub(super) spare: Option<Filter>,
    /// The work that is being committed.
    pub(super) in_flight: Option<Unresolved>,
    /// The number of the newest commit.
    pub(super) sequence: u64,
    /// The number of times that work was taken.
    pub(super) taken: u64,
    pub(super) rest: Rest,
}

/// Whether the worker is awake. Only the worker itself begins to doze or sleep. Any thread may end that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Awake,
    /// The worker looks for work again within a millisecond. It is woken only for callers that wait.
    Dozing,
    /// The worker does not look for work. The next write wakes it.
    Asleep,
}

/// Work that no thread has taken yet.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) work: Work,
    pub(super) unresolved: Unresolved,
}

/// The part of the data of a unit of work that the queue keeps until the work is resolved.
#[derive(Debug)]
pub(super) struct Unresolved {
    pub(super) commit: Arc<GroupCommit>,
    /// The number of outcomes of the work.
    pub(super) len: usize,
    /// The capacity that the work takes, in bytes.
    pub(super) cost: usize,
    /// The keys that the work writes. A read of one of them waits for the work.
    pub(super) touched: Touched,
}

/// Work that was taken from the queue. The thread that took it must resolve it.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) work: Work,
    /// The work's number among all that was taken from the queue.
    pub(super) number: u64,
    pub(super) commit: Arc<GroupCommit>,
}

/// The number of pending entries before the open group that keep their key filter. Later ones count as writing every key. This
/// limits the filters in memory, and the filters that a read checks, even if other work often ends a group.
const KNOWN_BEFORE: usize = 16;

impl State {
    pub(super) fn new(commit: Arc<GroupCommit>) -> Self {
        Self {
            is_open: true,
            before: VecDeque::new(),
            group: Group::default(),
            commit,
            cost: 0,
            filter: Filter::default(),
            spare: None,
            in_flight: None,
            sequence: 0,
            taken: 0,
            rest: Rest::Awake,
        }
    }

    /// Ends the open group and returns it. `next` is the commit of the group that is open from now on.
    pub(super) fn take_group(&mut self, next: Arc<GroupCommit>) -> Pending {
        let filter = self.spare.take().unwrap_or_default();
        let unresolved = Unresolved {
            commit: mem::replace(&mut self.commit, next),
            len: self.group.len(),
            cost: mem::take(&mut self.cost),
            touched: Touched::Known(mem::replace(&mut self.filter, filter)),
        };
        Pending { work: Work::Group(mem::take(&mut self.group)), unresolved }
    }

    /// Appends work to the pending work before the open group.
    pub(super) fn put_before(&mut self, mut pending: Pending) {
        if self.before.len() >= KNOWN_BEFORE {
            let known = mem::replace(&mut pending.unresolved.touched, Touched::Anything);
            self.reuse(known);
        }
        self.before.push_back(pending);
    }

    /// Keeps a filter that is no longer needed for a later group, unless one is kept already.
    pub(super) fn reuse(&mut self, touched: Touched) {
        if let Touched::Known(mut filter) = touched
            && self.spare.is_none()
        {
            filter.clear();
            self.spare = Some(filter);
        }
    }

    /// Returns whether there is work to take.
    pub(super) fn has_work(&self) -> bool {
        !self.group.is_empty() || !self.before.is_empty()
    }

    /// Marks pending work as in flight.
    pub(super) fn take(&mut self, Pending { work, unresolved }: Pending) -> Taken {
        let commit = Arc::clone(&unresolved.commit);
        self.in_flight = Some(unresolved);
        self.taken += 1;
        Taken { work, number: self.taken, commit }
    }

    /// Returns whether everything is resolved.
    pub(super) fn is_idle(&self) -> bool {
        !self.has_work() && self.in_flight.is_none()
    }

    /// Returns the commit of the newest unresolved work that may write the keys that a read asks for.
    pub(super) fn newest_touching(&self, wanted: &Wanted) -> Option<Arc<GroupCommit>> {
        if !self.group.is_empty() && self.filter.may_touch(wanted) {
            return Some(Arc::clone(&self.commit));
        }
        let before = self.before.iter().map(|pending| &pending.unresolved);
        let mut oldest_first = self.in_flight.iter().chain(before);
        let touching = oldest_first.rfind(|unresolved| unresolved.touched.may_touch(wanted))?;
        Some(Arc::clone(&touching.commit))
    }
}
