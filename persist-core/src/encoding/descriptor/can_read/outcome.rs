//! The outcome of a comparison.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What differs between two shapes though the one reads the other's rows: notes in words.
///
/// There is none exactly if the two are equal. See [`can_read`](crate::encoding::can_read) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    pub(super) notes: Vec<String>,
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
/// use persist_core::can_read;
///
/// let error = can_read(&"opt(u8)".parse()?, &"opt(str)".parse()?).unwrap_err();
/// assert_eq!(error.place(), "value?");
/// assert_eq!(error.reason(), "u8 was stored, which str doesn't read: keep u8, or convert the rows");
/// # Ok::<(), persist_core::ParseDescriptorError>(())
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
