use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::DecodeError;

/// How deep derived types may nest when decoded. Deeper is a [`DecodeError`], not a stack overflow.
pub const MAX_DEPTH: usize = 128;

/// What values read their bytes from: a slice, and how far it has been read.
///
/// ```
/// use persist_core::{KeyDecode, Source};
///
/// let mut source = Source::new(&[0, 2, b'h', b'i', 1]);
/// assert_eq!(<&str>::decode_key(&mut source)?, "hi");
/// assert_eq!(source.offset(), 4);
/// assert!(bool::decode_key(&mut source)?);
/// source.finish()?;
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Source<'de> {
    bytes: &'de [u8],
    offset: usize,
    depth: usize,
}

impl<'de> Source<'de> {
    /// A source at the beginning of `bytes`.
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { bytes, offset: 0, depth: 0 }
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    /// Takes `count` bytes, which must be borrowed from the input: `what` names them in the error.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    #[inline]
    pub fn borrowed(&mut self, count: usize, what: &'static str) -> Result<&'de [u8], DecodeError> {
        let end = self.offset.checked_add(count);
        match end.and_then(|end| self.bytes.get(self.offset..end)) {
            Some(taken) => {
                self.offset += count;
                Ok(taken)
            }
            None => Err(self.truncated(what)),
        }
    }

    /// Takes `count` bytes, borrowed where the input holds them as they are.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    pub fn bytes(
        &mut self,
        count: usize,
        what: &'static str,
    ) -> Result<Cow<'de, [u8]>, DecodeError> {
        self.borrowed(count, what).map(Cow::Borrowed)
    }

    /// Takes `N` bytes.
    ///
    /// # Errors
    ///
    /// If fewer are left.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        match self.bytes[self.offset..].first_chunk::<N>() {
            Some(chunk) => {
                self.offset += N;
                Ok(*chunk)
            }
            None => Err(self.truncated(what)),
        }
    }

    /// Takes a count, as [`Sink::write_len`](super::Sink::write_len) writes it.
    ///
    /// # Errors
    ///
    /// If the input ends in it, or it is in the long form and would have fitted the short one.
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        let at = self.offset;
        let short = u16::from_be_bytes(self.array("a length")?);
        if short < u16::MAX {
            return Ok(usize::from(short));
        }
        let long = u64::from_be_bytes(self.array("a length")?);
        if long < u64::from(u16::MAX) {
            return Err(DecodeError::new(
                "a length in its short form",
                alloc::format!("{long} in the long form"),
                at,
            ));
        }
        usize::try_from(long).map_err(|_| {
            DecodeError::new("a length that fits the memory", alloc::format!("{long}"), at)
        })
    }

    /// Takes a length and as many bytes; `what` names them in the error.
    ///
    /// # Errors
    ///
    /// If the length is malformed or fewer bytes are left.
    #[inline]
    pub fn len_prefixed(&mut self, what: &'static str) -> Result<&'de [u8], DecodeError> {
        let count = self.length()?;
        self.borrowed(count, what)
    }

    /// Takes all that is left.
    pub fn rest(&mut self) -> &'de [u8] {
        let rest = &self.bytes[self.offset..];
        self.offset = self.bytes.len();
        rest
    }

    /// Takes `count` elements, reserving no more than the remaining bytes can hold.
    ///
    /// # Errors
    ///
    /// The first element's error, or if an element has no bytes at all: a count of such could be
    /// anything.
    pub fn elements<T>(
        &mut self,
        count: usize,
        mut decode: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        if count > self.remaining() {
            return Err(self.truncated("the elements of a sequence"));
        }
        let mut elements = Vec::new();
        for _ in 0..count {
            let before = self.offset;
            let element = decode(self)?;
            if self.offset == before {
                return Err(DecodeError::new(
                    "elements that have bytes",
                    "an element without any",
                    before,
                ));
            }
            elements.push(element);
        }
        Ok(elements)
    }

    /// Decodes a part one level deeper. Derived types do so, since only they can be recursive.
    ///
    /// # Errors
    ///
    /// The part's own, or if it is nested deeper than [`MAX_DEPTH`].
    #[inline]
    pub fn nested<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(DecodeError::new(
                "nesting of at most 128 levels",
                "a deeper one",
                self.offset,
            ));
        }
        self.depth += 1;
        let value = decode(self);
        self.depth -= 1;
        value
    }

    /// Checks that all has been read.
    ///
    /// # Errors
    ///
    /// If bytes are left.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            1 => Err(DecodeError::new("the end of the input", "1 more byte", self.offset)),
            more => Err(DecodeError::new(
                "the end of the input",
                alloc::format!("{more} more bytes"),
                self.offset,
            )),
        }
    }

    #[cold]
    fn truncated(&self, what: &'static str) -> DecodeError {
        DecodeError::new(what, "the end of the input", self.offset)
    }
}
