use alloc::borrow::Cow;
use core::fmt;

/// An error for text that is not a [`Descriptor`](crate::encoding::Descriptor).
///
/// It contains the expected and the found text, and the offset.
///
/// ```
/// use persist_core::descriptor::Descriptor;
///
/// let error = "opt(u8".parse::<Descriptor>().unwrap_err();
/// assert_eq!(error.to_string(), "expected `)` but found the end of the text at byte 6");
/// assert_eq!(error.offset(), 6);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ParseDescriptorError {
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
    offset: usize,
}

impl ParseDescriptorError {
    #[cold]
    pub(super) fn new(
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
        offset: usize,
    ) -> Self {
        Self { expected: expected.into(), found: found.into(), offset }
    }

    /// Returns a description of the expected text.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// Returns the found text.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Returns the offset of the error in the text, in bytes.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for ParseDescriptorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { expected, found, offset } = self;
        write!(f, "expected {expected} but found {found} at byte {offset}")
    }
}

impl fmt::Debug for ParseDescriptorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseDescriptorError({self})")
    }
}

impl core::error::Error for ParseDescriptorError {}
