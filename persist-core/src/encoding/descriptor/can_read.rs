//! The check whether rows of one shape can be read as another.

mod compare;
mod enclosing;
mod names;
mod note;
pub(in crate::encoding) mod outcome;
mod place;
mod product;
mod words;

use super::shape::Descriptor;
use outcome::{CannotRead, Changes};

/// Checks whether a type of the shape `current` can read every row that a type of the shape `stored` can read.
///
/// The rows are read as the same values, provided that fields in the same position have the same meaning.
///
/// Rows stay readable if an integer was widened within its eight bytes (`u16` → `u32` → `u64`, `i8` → `i16` → `i32` → `i64`),
/// if fields with defaults were added at the end, if variants were added or moved, if types, fields or variants were renamed,
/// and if fields were grouped into a struct or moved out of one. The returned [`Changes`] list such differences.
///
/// Rows contain no names. If the names of fields or variants have changed places, this is an error. But if a field took the
/// place of another field of the same shape, this is reported as a rename, so read the notes.
///
/// The check knows only what descriptors contain. These differences are not detected:
///
/// - the number of elements of an array,
/// - a `NonZero`, which rejects 0,
/// - the range of instants, dates and `usize`s (only chrono has leap seconds, and a `SystemTime` may lie beyond every
///   `jiff::Timestamp`),
/// - rows nested deeper than [`MAX_DEPTH`](crate::encoding::MAX_DEPTH) after fields were grouped into a struct of a recursive
///   type,
/// - the bytes that a codec writes, since only its name is compared.
///
/// Rows that are affected by such a difference cause an error when they are read. The exception is a codec that changed its
/// bytes but not its name: it may misread rows.
///
/// ```
/// use persist_core::descriptor::{Descriptor, can_read};
///
/// let stored: Descriptor = "struct Message { sender: str, epoch: u32 }".parse()?;
/// let current = "struct Message { sender: str, epoch: u64, mood: opt(str) = default }".parse()?;
///
/// let changes = can_read(&stored, &current)?;
/// assert_eq!(
///     changes.iter().collect::<Vec<_>>(),
///     [
///         "Message.epoch was widened from u32 to u64",
///         "Message.mood is new: rows from before have its default",
///     ]
/// );
///
/// let error = can_read(&current, &stored).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "Message.epoch: u64 was stored, and u32 can't hold all of its values: \
///      keep u64, or convert the rows"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first place, in the order of the stored bytes, that `current` can't read. Also if a manually built shape refers to a type
/// that doesn't enclose the reference, or if the comparison would take more than a million steps, because the shapes refer to
/// themselves too often or differ in too many places.
pub fn can_read(stored: &Descriptor, current: &Descriptor) -> Result<Changes, CannotRead> {
    let mut notes = compare::compare(stored, current)?;
    if notes.is_empty() && stored != current {
        notes.push("written in another way, for the same bytes".into());
    }
    Ok(Changes { notes })
}
