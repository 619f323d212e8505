use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// An error for bytes that are not an encoding of the requested type.
///
/// It contains the expected and the found value, the offset, and the field.
///
/// ```
/// use persist_core::KeyDecode;
///
/// let error = <(u8, bool)>::from_key_bytes(&[1, 7]).unwrap_err();
/// assert_eq!(error.to_string(), "expected a bool, 00 or 01, but found 07 at byte 1");
/// assert_eq!(error.offset(), 1);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Detail>);

#[derive(Clone, PartialEq, Eq)]
struct Detail {
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
    offset: usize,
    /// Innermost first: the type and its field or variant.
    fields: Vec<(&'static str, &'static str)>,
}

impl DecodeError {
    /// Creates an error from the expected value, the found value and the offset, for a hand-written decoder.
    /// [`in_field`](Self::in_field) has an example.
    #[cold]
    pub fn new(
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
        offset: usize,
    ) -> Self {
        Self(Box::new(Detail {
            expected: expected.into(),
            found: found.into(),
            offset,
            fields: Vec::new(),
        }))
    }

    /// Adds that the error occurred in `field` of the type `owner`.
    ///
    /// ```
    /// use persist_core::DecodeError;
    ///
    /// let error = DecodeError::new("a level", "a negative one", 8).in_field("Battery", "level");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "expected a level but found a negative one at byte 8, in Battery.level"
    /// );
    /// assert_eq!(error.fields().collect::<Vec<_>>(), [("Battery", "level")]);
    /// ```
    #[cold]
    #[must_use]
    pub fn in_field(mut self, owner: &'static str, field: &'static str) -> Self {
        self.0.fields.push((owner, field));
        self
    }

    /// Returns a description of the expected value.
    ///
    /// ```
    /// use persist_core::KeyDecode;
    ///
    /// let error = bool::from_key_bytes(&[7]).unwrap_err();
    /// assert_eq!((error.expected(), error.found()), ("a bool, 00 or 01,", "07"));
    /// ```
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// Returns a description of the found value.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// Returns the offset of the error in the input, in bytes.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Returns the fields that contain the error, outermost first, each as a type name and a field name.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.0.fields.iter().rev().copied()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { expected, found, offset, .. } = &*self.0;
        write!(f, "expected {expected} but found {found} at byte {offset}")?;
        for (index, (owner, field)) in self.fields().enumerate() {
            let link = if index == 0 { ", in " } else { " > " };
            write!(f, "{link}{owner}.{field}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl core::error::Error for DecodeError {}
