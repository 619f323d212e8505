//! Whether rows of one shape can be read as another.

mod compare;
mod enclosing;
mod names;
mod note;
mod place;
mod product;
mod words;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Descriptor;

/// Whether the rows that `stored` can read are read by `current` too, and as the same values if what
/// stands in the same place means the same.
///
/// Rows can be read on when an integer was widened within its eight bytes (`u16` → `u32` → `u64`,
/// `i8` → `i16` → `i32` → `i64`), when fields with defaults were added at the end, when variants
/// were added or moved, when things were renamed, and when fields were put together in a struct or
/// taken out of one. What differs in such ways is told by [`Changes`].
///
/// Rows have no names in them. Fields and variants whose names have changed places are refused; a field
/// that took the place of another of its shape is told as a rename. So read the notes.
///
/// It sees no more than descriptors say. It does not see the number of an array's elements, that a `NonZero` refuses 0,
/// which instants, dates and `usize`s a type can hold (chrono's leap seconds are only chrono's, and a `SystemTime` may
/// lie beyond every `jiff::Timestamp`), that a row may be nested deeper than [`MAX_DEPTH`](crate::codec::MAX_DEPTH) once fields
/// were put together in a struct of a recursive type, or what a codec writes, whose name is all that is compared. Such
/// rows are refused when they are read; only a codec that writes otherwise by the same name may misread them.
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
/// The first place, in the order of the stored bytes, where the two part. Also if one of them was
/// made by hand and refers to a type that isn't around, or if comparing would take more than a million steps,
/// since they refer to themselves so often or have so much to be noted.
pub fn can_read(stored: &Descriptor, current: &Descriptor) -> Result<Changes, CannotRead> {
    let mut notes = compare::compare(stored, current)?;
    if notes.is_empty() && stored != current {
        notes.push("written in another way, for the same bytes".into());
    }
    Ok(Changes { notes })
}

/// What differs between two shapes though the one reads the other's rows: notes in words.
///
/// There is none exactly if the two are equal. See [`can_read`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    notes: Vec<String>,
}

impl Changes {
    /// The notes, in the order of the bytes that they are about.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }

    /// Whether the two shapes are equal.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing differs");
        }
        f.write_str(&self.notes.join("\n"))
    }
}

/// Rows of one shape can't be read as another: at which place, why, and what to do.
///
/// ```
/// use persist_core::descriptor::can_read;
///
/// let error = can_read(&"opt(u8)".parse()?, &"opt(str)".parse()?).unwrap_err();
/// assert_eq!(error.place(), "value?");
/// assert_eq!(error.reason(), "u8 was stored, which str doesn't read: keep u8, or convert the rows");
/// # Ok::<(), persist_core::descriptor::ParseDescriptorError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotRead {
    place: String,
    reason: String,
}

impl CannotRead {
    #[cold]
    fn new(place: String, reason: impl Into<String>) -> Self {
        Self { place, reason: reason.into() }
    }

    /// The place, like `Message.header.epoch`: `?` is the inside of an option, `[]` of a sequence or
    /// set, `[key]` and `[value]` of a map, `[ok]` and `[err]` of a result.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Why, and what to do.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for CannotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl core::error::Error for CannotRead {}
