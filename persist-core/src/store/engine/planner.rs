//! The planner: what a group or a transaction writes in a job that has system rows.
//!
//! It runs inside the transaction that commits the group, before anything of the group is written. There it reads rows of both spaces,
//! decides which batches are refused, and writes the others together with the system rows that depend on them. A job without system
//! rows has no use for it: its groups go to the backend as they are.
//!
//! So far there is one kind of system row: the number of the last batch that was committed. If a job has it, each batch and each
//! transaction with writes that is committed takes the next number, in the same transaction.

use crate::store::base::category::Category;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
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
    place: &Place,
) -> Result<Vec<Outcome>, Error> {
    let removed = transaction.apply_group(group)?;
    number(transaction, group.len(), place)?;
    Ok(removed.into_iter().map(|removed| Outcome::Committed { removed }).collect())
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
