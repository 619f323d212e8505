//! The planner: what a group or a transaction writes in a job that has system rows.
//!
//! It runs inside the transaction that commits the group, before anything of the group is written. There it reads rows of both spaces,
//! decides which batches are refused, and writes the others together with the system rows that depend on them. A job without system
//! rows and without open tables has no use for it: its groups go to the backend as they are.
//!
//! There are two kinds of system rows. The entry of a table in the [catalog](super::catalog) lists the shapes that were written. The
//! number of the last batch, if a job has it, grows by one with each batch and each transaction with writes that is committed.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::store::base::category::{Category, Space};
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
use crate::store::engine::catalog::Tables;
use crate::store::port::group::Group;
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
    let refused = refused(transaction, group, tables, place)?;
    if refused.iter().all(Option::is_none) {
        let removed = transaction.apply_group(group)?;
        number(transaction, group.len(), place)?;
        return Ok(removed.into_iter().map(|removed| Outcome::Committed { removed }).collect());
    }
    let mut accepted = Group::default();
    for (batch, _) in group.batches().zip(&refused).filter(|(_, refused)| refused.is_none()) {
        accepted.push(&batch.ops().collect::<Vec<_>>());
    }
    let mut removed = transaction.apply_group(&accepted)?.into_iter();
    number(transaction, accepted.len(), place)?;
    let outcome = |refused: Option<Error>| match refused {
        Some(error) => Outcome::NotApplied(error),
        None => Outcome::Committed { removed: removed.next().unwrap_or_default() },
    };
    Ok(refused.into_iter().map(outcome).collect())
}

/// Returns for each batch why it is refused, if it is, and writes the entries of the catalog that the others need.
///
/// # Errors
///
/// As for [`apply`].
fn refused(
    transaction: &mut dyn WriteTransaction,
    group: &Group,
    tables: &Tables,
    place: &Place,
) -> Result<Vec<Option<Error>>, Error> {
    let mut refused = vec![None; group.len()];
    if tables.is_empty() {
        return Ok(refused);
    }
    // The result for each category that the group writes to.
    let mut admitted: BTreeMap<&[u8], Option<Error>> = BTreeMap::new();
    for (batch, refused) in group.batches().zip(&mut refused) {
        for op in batch.ops() {
            let Op::Put { category: Category { space: Space::User, name }, .. } = op else {
                continue;
            };
            let known = match admitted.entry(name) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let error = match tables.admit(transaction, name, place) {
                        Ok(()) => None,
                        Err(error @ Error::IncompatibleTable { .. }) => Some(error),
                        Err(error) => return Err(error),
                    };
                    unknown.insert(error)
                }
            };
            if let Some(error) = known {
                refused.get_or_insert_with(|| error.clone());
            }
        }
    }
    Ok(refused)
}

/// Gives the next numbers to `batches` batches, if the batches of the job have numbers.
///
/// # Errors
///
/// As for [`apply`].
pub(crate) fn number(
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
