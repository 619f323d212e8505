//! Categories in one of the two spaces of a job.

/// One of the two parts into which the categories of a job are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// The rows of users.
    User,
    /// The rows that the engine itself keeps, such as descriptions of types. No read or write of a user reaches them.
    System,
}

/// A category: an ordered key space of a job, in one of its two spaces. Categories of different spaces are different, even if their
/// names are equal.
///
/// ```
/// use persist_core::port::{Category, Space};
///
/// assert_eq!(Category::user(b"msg").name, b"msg");
/// assert_eq!(Category::system(b"msg").space, Space::System);
/// assert_ne!(Category::user(b"msg"), Category::system(b"msg"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category<'a> {
    /// The space.
    pub space: Space,
    /// The name. It may be any bytes.
    pub name: &'a [u8],
}

impl<'a> Category<'a> {
    /// Returns a category of users.
    pub const fn user(name: &'a [u8]) -> Self {
        Self { space: Space::User, name }
    }

    /// Returns a category of the engine.
    pub const fn system(name: &'a [u8]) -> Self {
        Self { space: Space::System, name }
    }
}
