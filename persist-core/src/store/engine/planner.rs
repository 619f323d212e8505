//! The planner: what a group or a transaction writes in a job that has system rows.
//!
//! It runs inside the transaction that commits the group, before anything of the group is written. There it reads rows of both spaces,
//! decides which batches are refused, and writes the others together with the system rows that depend on them. A job without system
//! rows and without open tables has no use for it: its groups go to the backend as they are.
//!
//! There are two kinds of system rows. The entry of a table in the [catalog](super::catalog) lists the shapes that were written. The
//! number of the last batch, if a job has it, grows by one with each batch and each transaction with writes that is committed.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::base::category::{Category, Space};
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
use crate::store::engine::catalog::{TABLES, Tables};
use crate::store::port::group::{Batch, Group};
use crate::store::port::write::{Outcome, WriteTransaction};

/// The row with the number of the last batch: 8 bytes, with the most significant byte first.
const LAST_BATCH: (Category<'_>, &[u8]) = (Category::system(b"batches"), b"last");

/// Applies a group in a transaction. Returns the outcome of each batch, if the transaction is committed.
///
/// # Errors
///
/// Errors of the backend; [`Error::Corrupt`] for system rows that can't be decoded.
pub(crate) fn apply(
    transaction: &mut dyn WriteTransaction,
    group: &Group,
    tables: &Tables,
    place: &Place,
) -> Result<Vec<Outcome>, Error> {
    let mut refused = vec![None; group.len()];
    let mut entries = BTreeMap::new();
    if !tables.is_empty() {
        entries = new_entries(transaction, group, tables, place)?;
        for (refused, batch) in refused.iter_mut().zip(group.batches()) {
            *refused =
                categories(&batch).find_map(|name| entries.get(name)?.as_ref().err().cloned());
        }
    }
    let mut accepted = Group::default();
    let is_accepted = |refused: &Option<Error>| refused.is_none();
    let applied = if refused.iter().all(is_accepted) {
        group
    } else {
        for (batch, _) in group.batches().zip(&refused).filter(|(_, refused)| refused.is_none()) {
            accepted.push(&batch.ops().collect::<Vec<_>>());
        }
        &accepted
    };
    let mut removed = transaction.apply_group(applied)?.into_iter();
    // A batch that is refused leaves no trace, and so no entry.
    for name in applied.batches().flat_map(|batch| categories(&batch)).collect::<BTreeSet<_>>() {
        if let Some(Ok(Some(payload))) = entries.get(name) {
            transaction.apply(&Op::Put { category: TABLES, key: name, payload })?;
        }
    }
    number(transaction, applied.len(), place)?;
    let outcome = |refused: Option<Error>| match refused {
        Some(error) => Outcome::NotApplied(error),
        None => Outcome::Committed { removed: removed.next().unwrap_or_default() },
    };
    Ok(refused.into_iter().map(outcome).collect())
}

/// For a table, the entry that a commit has to write if it has to write one, or the reason why the table can't be written.
type NewEntry = Result<Option<Vec<u8>>, Error>;

/// Returns the new entry of each open table to which a group puts rows.
///
/// # Errors
///
/// As for [`apply`].
fn new_entries<'a>(
    transaction: &mut dyn WriteTransaction,
    group: &'a Group,
    tables: &Tables,
    place: &Place,
) -> Result<BTreeMap<&'a [u8], NewEntry>, Error> {
    let mut entries = BTreeMap::new();
    for name in group.batches().flat_map(|batch| categories(&batch)) {
        if !entries.contains_key(name) {
            let entry = match tables.new_entry(transaction, name, place) {
                Err(error) if !matches!(error, Error::IncompatibleTable { .. }) => {
                    return Err(error);
                }
                entry => entry,
            };
            entries.insert(name, entry);
        }
    }
    Ok(entries)
}

/// Returns the names of the user's categories to which a batch puts rows. They may repeat.
fn categories<'a>(batch: &Batch<'a>) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    batch.ops().filter_map(|op| match op {
        Op::Put { category: Category { space: Space::User, name }, .. } => Some(name),
        _ => None,
    })
}

/// What the closure of a transaction has written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Whether it has written anything.
    pub(crate) anything: bool,
    /// The categories of the rows that it has put, if the job has open tables.
    pub(crate) categories: BTreeSet<Vec<u8>>,
}

/// Writes the system rows that depend on the writes of a transaction, which have been applied.
///
/// # Errors
///
/// As for [`apply`]; [`Error::IncompatibleTable`] if the transaction has to be rolled back.
pub(crate) fn follow(
    transaction: &mut dyn WriteTransaction,
    written: &Written,
    tables: &Tables,
    place: &Place,
) -> Result<(), Error> {
    for name in &written.categories {
        if let Some(payload) = tables.new_entry(transaction, name, place)? {
            transaction.apply(&Op::Put { category: TABLES, key: name, payload: &payload })?;
        }
    }
    if written.anything { number(transaction, 1, place) } else { Ok(()) }
}

/// Gives the next numbers to `batches` batches, if the batches of the job have numbers.
///
/// # Errors
///
/// As for [`apply`].
fn number(
    transaction: &mut dyn WriteTransaction,
    batches: usize,
    place: &Place,
) -> Result<(), Error> {
    if !transaction.has_system_rows()? {
        return Ok(());
    }
    let (category, key) = LAST_BATCH;
    let Some(last) = transaction.get(category, key)? else { return Ok(()) };
    let last = last.try_into().ok().map(u64::from_be_bytes);
    let last = last.and_then(|last| last.checked_add(batches as u64)).ok_or_else(|| {
        let reason = "the number of its last batch can't be decoded".into();
        Error::Corrupt { place: place.clone(), reason, source: None }
    })?;
    transaction.apply(&Op::Put { category, key, payload: &last.to_be_bytes() }).map(drop)
}
