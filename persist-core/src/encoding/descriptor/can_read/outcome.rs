//! The outcome of a comparison.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The differences between two shapes of which one can read the other's rows, as notes in words.
///
/// There are no notes if and only if the shapes are equal. See [`can_read`](crate::encoding::can_read) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub(super) notes: Vec<String>,
}

impl Changes {
    /// Returns the notes, in the order of the bytes that they are about.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.notes.iter().map(String::as_str)
    }

    /// Returns whether the two shapes are equal.
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

/// An error for rows of one shape that can't be read as another. It contains the place, the reason and a remedy.
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
    pub(super) fn new(place: String, reason: impl Into<String>) -> Self {
        Self { place, reason: reason.into() }
    }

    /// Returns the place, such as `Message.header.epoch`.
    ///
    /// `?` is the inside of an option, `[]` of a sequence or set, `[key]` and `[value]` of a map, and `[ok]` and `[err]` of a
    /// result.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the reason and the remedy.
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
