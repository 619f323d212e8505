use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Stored bytes that are not the encoding of the type asked for.
///
/// It says what was expected, what stood there, at which byte, and in which field.
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
    /// An error for a hand-written decoder: what was expected, what was found, and at which byte.
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

    /// The same error, known to have happened in `field` of the type `owner`.
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

    /// What was expected.
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

    /// What stood there instead.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// How many bytes of the input come before the place.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// The fields that lead to the place, outermost first: type and field name.
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
