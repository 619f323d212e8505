use std::fmt;
use std::mem;

use crate::store::base::contained;
use crate::store::base::error::{Error, Place};
use crate::store::engine::catalog::Tables;
use crate::store::engine::planner::{self, Written};
use crate::store::port::group::{Batch, Group};
use crate::store::port::overlay::Overlay;
use crate::store::port::read::Snapshot;
use crate::store::port::write::{Commit, CompactStep, Outcome, Retry, WriteTransaction, Writer};

/// A unit of work of a job's writer. Units are done in the order in which they were submitted.
pub(crate) enum Work {
    /// Batches that are committed together.
    Group(Group),
    /// The planned writes of a group of batches or of a transaction, as one batch.
    Planned(Box<Planned>),
    /// A sync: all earlier commits must reach the disk.
    Sync,
    /// A closure of a caller, which runs in a separate transaction.
    Transact(Transact),
    /// A step of a compaction.
    Compact(CompactStep),
}

/// Planned writes, which are committed together.
pub(crate) struct Planned {
    group: Group,
    /// The outcomes if the group is committed.
    outcomes: Vec<Outcome>,
    /// The batches as they were before; empty for a transaction.
    batches: Group,
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
pub(crate) type Closure = dyn FnMut(&mut dyn WriteTransaction) -> Result<Written, Error> + Send;

/// The facts about a job that decide how its work is done.
pub(crate) struct Context {
    pub(crate) place: Place,
    /// The maximum size of a batch of the backend, in bytes.
    batch_limit: usize,
    /// The tables that are open.
    tables: Tables,
    /// Whether the job is known to have system rows.
    has_system_rows: bool,
    /// The outcomes of the group that is being committed, if it is committed. They are kept over further calls for the same group,
    /// which may only determine whether an earlier call has committed it.
    planned: Vec<Outcome>,
}

impl Context {
    pub(crate) fn new(place: Place, batch_limit: usize, tables: Tables) -> Self {
        Self { place, batch_limit, tables, has_system_rows: false, planned: Vec::new() }
    }

    /// Returns whether groups are planned.
    fn plans(&self) -> bool {
        self.has_system_rows || !self.tables.is_empty()
    }
}

impl Work {
    /// Returns the number of outcomes: one for each batch of a group, and one for any other work.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Group(group) => group.len(),
            Self::Planned(planned) => planned.outcomes.len(),
            Self::Sync | Self::Transact(_) | Self::Compact(_) => 1,
        }
    }

    /// Returns whether this is a transaction whose closure has returned an error.
    pub(crate) fn is_rolled_back(&self) -> bool {
        matches!(self, Self::Transact(Transact { has_failed: true, .. }))
    }

    /// Returns each batch as work of its own, if this is a planned group of several batches. A backend splits other groups itself.
    pub(crate) fn split(&self, context: &Context) -> Vec<Self> {
        let batches = match self {
            Self::Group(group) if context.plans() => group,
            Self::Planned(planned) => &planned.batches,
            Self::Group(_) | Self::Sync | Self::Transact(_) | Self::Compact(_) => {
                return Vec::new();
            }
        };
        if batches.len() < 2 {
            return Vec::new();
        }
        let alone = |batch: Batch<'_>| {
            let mut group = Group::default();
            group.push(&batch.ops().collect::<Vec<_>>());
            Self::Group(group)
        };
        batches.batches().map(alone).collect()
    }

    /// Does the work. The call is repeated after [`Commit::Busy`] and [`Commit::InDoubt`].
    pub(crate) fn run(&mut self, writer: &mut dyn Writer, context: &mut Context) -> Commit {
        let planned = match self {
            Self::Group(group) => {
                if !context.plans() {
                    match writer.commit(group) {
                        Commit::Unplanned => context.has_system_rows = true,
                        commit => return commit,
                    }
                }
                plan(group, writer, context)
            }
            Self::Planned(planned) => return planned.commit(writer),
            Self::Sync => return writer.sync(),
            Self::Transact(transact) => {
                let mut code = transact.planned(&context.place, &context.tables);
                match writer.begin_overlay() {
                    None => return writer.transact(&mut code),
                    Some(begun) => run_over(begun, context.batch_limit, &mut code).map(|group| {
                        let outcomes = vec![Outcome::Committed { removed: 0 }];
                        Planned { group, outcomes, batches: Group::default() }
                    }),
                }
            }
            Self::Compact(step) => return writer.compact(*step),
        };
        match planned {
            Ok(planned) => self.commit_in_place(planned, writer, &context.place),
            Err(commit) => commit,
        }
    }

    /// Commits planned writes in place of the work that they are from. Further calls repeat only this commit, so the closure of a
    /// transaction is not called again.
    fn commit_in_place(
        &mut self,
        planned: Planned,
        writer: &mut dyn Writer,
        place: &Place,
    ) -> Commit {
        // The batches need their outcomes also if the backend panics, so the work is replaced before.
        let replaced = mem::replace(self, Self::Planned(Box::new(planned)));
        let commit = contained::run(|| match self {
            Self::Planned(planned) => planned.commit(writer),
            _ => Commit::Resolved(Vec::new()),
        });
        // The closure may hold the last reference to the transaction's result, whose drop may panic. Such a panic must not hide the
        // outcome, nor follow a panic of the backend, which would abort the process.
        contained::discard(replaced);
        commit.unwrap_or_else(|message| {
            let error = Error::Panicked { place: place.clone(), message };
            Commit::Resolved(vec![Outcome::Unknown(error); self.len()])
        })
    }
}

impl Planned {
    fn commit(&self, writer: &mut dyn Writer) -> Commit {
        each(writer.commit(&self.group), &self.outcomes)
    }
}

/// Plans a group, and returns its writes together with the system rows that depend on them.
///
/// # Errors
///
/// Returns the result if nothing is left to commit: a backend with transactions has committed the writes, the plan has failed, or the
/// backend is busy.
fn plan(
    batches: &mut Group,
    writer: &mut dyn Writer,
    context: &mut Context,
) -> Result<Planned, Commit> {
    let Context { place, tables, planned, .. } = context;
    let mut code = |transaction: &mut dyn WriteTransaction| {
        *planned = planner::apply(transaction, batches, tables, place)?;
        Ok(())
    };
    let commit = match writer.begin_overlay() {
        None => writer.transact(&mut code),
        // The planned writes of many batches may be more than the backend's limit for one.
        Some(begun) => match run_over(begun, usize::MAX, &mut code) {
            Ok(group) => {
                let outcomes = mem::take(planned);
                return Ok(Planned { group, outcomes, batches: mem::take(batches) });
            }
            Err(commit) => again_if_unreachable(commit),
        },
    };
    if !matches!(commit, Commit::Resolved(_)) {
        return Err(commit);
    }
    // An error of the plan or of the commit is the outcome of every batch, and the plan may not have got that far.
    let mut outcomes = mem::take(planned);
    outcomes.resize(batches.len(), Outcome::Committed { removed: 0 });
    Err(each(commit, &outcomes))
}

/// Lets the engine plan again if the rows could not be read because the server was out of reach. Nothing has been applied.
fn again_if_unreachable(commit: Commit) -> Commit {
    match commit {
        Commit::Resolved(mut outcomes) => match outcomes.pop() {
            Some(Outcome::NotApplied(
                error @ (Error::Busy { .. }
                | Error::Unavailable { .. }
                | Error::TimedOut { .. }
                | Error::SnapshotExpired { .. }),
            )) => Commit::Busy(Retry::at_once(error)),
            Some(outcome) => Commit::Resolved(vec![outcome]),
            None => Commit::Resolved(outcomes),
        },
        commit => commit,
    }
}

impl Transact {
    /// Returns the code of the transaction: the closure, and then the system rows that depend on its writes.
    fn planned(
        &mut self,
        place: &Place,
        tables: &Tables,
    ) -> impl FnMut(&mut dyn WriteTransaction) -> Result<(), Error> {
        let Self { run, has_failed } = self;
        move |transaction| {
            let result = run(transaction);
            *has_failed |= result.is_err();
            planner::follow(transaction, &result?, tables, place)
        }
    }
}

/// Runs the code of a transaction over a snapshot. Returns its writes.
///
/// # Errors
///
/// Returns the result of the transaction if there is nothing to commit: it has failed, or has not written, or can't run now.
fn run_over(
    begun: Result<Box<dyn Snapshot + Send>, Retry>,
    limit: usize,
    code: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
) -> Result<Group, Commit> {
    // The snapshot ends with this function, so the commit of the writes is not held up by it.
    let mut snapshot = begun.map_err(Commit::Busy)?;
    let mut overlay = Overlay::new(&mut *snapshot, limit);
    let outcome = match code(&mut overlay).and_then(|()| overlay.into_group()) {
        Ok(Some(group)) => return Ok(group),
        Ok(None) => Outcome::Committed { removed: 0 },
        Err(error) => Outcome::NotApplied(error),
    };
    Err(Commit::Resolved(vec![outcome]))
}

/// Returns the outcomes of the batches that one commit contains, from the outcome of the commit.
fn each(commit: Commit, outcomes: &[Outcome]) -> Commit {
    match commit {
        Commit::Resolved(mut resolved) => match resolved.pop() {
            Some(Outcome::Committed { .. }) => Commit::Resolved(outcomes.to_vec()),
            Some(other) => Commit::Resolved(vec![other; outcomes.len()]),
            None => Commit::Resolved(resolved),
        },
        other => other,
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "Group({} batches)", group.len()),
            Self::Planned(planned) => write!(f, "Planned({} batches)", planned.outcomes.len()),
            Self::Sync => f.write_str("Sync"),
            Self::Transact(_) => f.write_str("Transact"),
            Self::Compact(step) => write!(f, "Compact({step:?})"),
        }
    }
}
