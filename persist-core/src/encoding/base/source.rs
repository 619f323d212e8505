use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::error::DecodeError;

/// The maximum nesting depth of derived types in decoding. Deeper input causes a [`DecodeError`] instead of a stack overflow.
///
/// Each struct and enum counts as a level. This number of levels fits into a stack of 2 MiB, the default of threads, if
/// each struct and enum takes up to 1.5 KiB of memory; that holds in debug builds too. So box larger arrays in recursive types.
/// A build without optimizations and without debug assertions needs a larger stack.
///
/// ```
/// use persist_core::codec::MAX_DEPTH;
/// use persist_core::KeyDecode;
///
/// #[derive(KeyDecode)]
/// struct List { next: Option<Box<List>> }
///
/// let deep = |levels| [vec![1; levels - 1], vec![0]].concat();
/// assert!(List::from_key_bytes(&deep(MAX_DEPTH)).is_ok());
/// assert!(List::from_key_bytes(&deep(MAX_DEPTH + 1)).is_err());
/// ```
pub const MAX_DEPTH: usize = 128;

/// The level of nesting down to which memory is reserved for as many elements as the remaining bytes could hold.
const DEPTH_OF_FULL_ROOM: usize = 4;

/// The input of decoding: a slice and the position in it.
///
/// ```
/// use persist_core::codec::Source;
/// use persist_core::KeyDecode;
///
/// let mut source = Source::new(&[0, 2, b'h', b'i', 1]);
/// assert_eq!(<&str>::decode_key(&mut source)?, "hi");
/// assert_eq!(source.offset(), 4);
/// assert!(bool::decode_key(&mut source)?);
/// source.finish()?;
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
///
/// # Memory
///
/// Decoded values take memory in proportion to the input, even if the counts in the input are wrong. A sequence first reserves no
/// more memory than there are bytes left in the input, and grows as further elements are read. The
/// [description of the format](https://docs.rs/persist-core/latest/persist_core/guide/encoding/index.html#decoding) lists the factor
/// for each type.
#[derive(Clone, Debug)]
pub struct Source<'de> {
    all: &'de [u8],
    rest: &'de [u8],
    depth: usize,
    /// Whether all bits are flipped, as in a `Reverse`.
    flipped: bool,
}

impl<'de> Source<'de> {
    /// Creates a source at the beginning of `bytes`.
    #[inline]
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { all: bytes, rest: bytes, depth: 0, flipped: false }
    }

    /// Returns the number of bytes that have been read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    /// Returns the number of remaining bytes.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes `count` bytes, borrowed from the input. `what` names them in the error.
    ///
    /// # Errors
    ///
    /// If fewer bytes remain, or if their bits are flipped, as in a `Reverse`: flipped bytes can't be borrowed.
    #[inline]
    pub fn borrowed(&mut self, count: usize, what: &'static str) -> Result<&'de [u8], DecodeError> {
        if self.flipped {
            return Err(not_borrowable(self.offset()));
        }
        self.take(count, what)
    }

    /// Takes `count` bytes, borrowed from the input unless their bits are flipped. `what` names them in the error.
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use persist_core::codec::Source;
    ///
    /// let mut source = Source::new(&[1, 2, !3]);
    /// assert!(matches!(source.bytes(2, "two bytes")?, Cow::Borrowed([1, 2])));
    /// let flipped = source.flipped(|source| source.bytes(1, "a byte"))?;
    /// assert_eq!(flipped.into_owned(), [3]);
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If fewer bytes remain.
    #[inline]
    pub fn bytes(
        &mut self,
        count: usize,
        what: &'static str,
    ) -> Result<Cow<'de, [u8]>, DecodeError> {
        let taken = self.take(count, what)?;
        Ok(if self.flipped {
            Cow::Owned(taken.iter().map(|byte| !byte).collect())
        } else {
            Cow::Borrowed(taken)
        })
    }

    /// Takes `N` bytes. `what` names them in the error.
    ///
    /// ```
    /// use persist_core::codec::Source;
    ///
    /// let mut source = Source::new(&[1, 2, 3]);
    /// assert_eq!(source.array::<2>("two bytes")?, [1, 2]);
    /// assert_eq!(source.remaining(), 1);
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If fewer bytes remain.
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.rest = rest;
                Ok(if self.flipped { chunk.map(|byte| !byte) } else { *chunk })
            }
            None => Err(truncated(what, self.offset())),
        }
    }

    /// Takes a count that [`Sink::write_len`](crate::encoding::Sink::write_len) has written.
    ///
    /// ```
    /// use persist_core::codec::Source;
    /// use persist_core::KeyDecode;
    ///
    /// let mut source = Source::new(&[0, 2, 7, 8]);
    /// let count = source.length()?;
    /// assert_eq!(source.elements(count, u8::decode_key)?, [7, 8]);
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the input ends within the count, or if the count is in the long form although it fits into the short one.
    #[inline]
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        match u16::from_be_bytes(self.array("a length")?) {
            u16::MAX => {
                let at = self.offset();
                long_length(u64::from_be_bytes(self.array("a length")?), at - 2)
            }
            short => Ok(usize::from(short)),
        }
    }

    /// Takes a length and that many bytes, borrowed from the input unless their bits are flipped. `what` names the bytes in the
    /// error.
    ///
    /// ```
    /// use persist_core::codec::Source;
    ///
    /// let mut source = Source::new(b"\x00\x02hi!");
    /// assert_eq!(&*source.len_prefixed("a greeting")?, b"hi");
    /// let error = source.len_prefixed("a greeting").unwrap_err();
    /// assert_eq!(error.to_string(), "expected a length but found the end of the input at byte 4");
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the length is malformed or fewer bytes remain.
    #[inline]
    pub fn len_prefixed(&mut self, what: &'static str) -> Result<Cow<'de, [u8]>, DecodeError> {
        let count = self.length()?;
        self.bytes(count, what)
    }

    /// Takes a length and that many bytes, borrowed from the input. `what` names the bytes in the error.
    ///
    /// # Errors
    ///
    /// The errors of [`borrowed`](Self::borrowed), and an error if the length is malformed.
    #[inline]
    pub fn borrowed_len_prefixed(&mut self, what: &'static str) -> Result<&'de [u8], DecodeError> {
        let count = self.length()?;
        self.borrowed(count, what)
    }

    /// Takes `count` elements. It first reserves no more memory than there are bytes left.
    /// [`length`](Self::length) has an example.
    ///
    /// # Errors
    ///
    /// The first error of an element. Also if an element has no bytes: a count of such elements can't be verified.
    pub fn elements<T>(
        &mut self,
        count: usize,
        mut decode: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        if count > self.remaining() {
            let at = self.offset();
            return Err(if self.has_no_bytes(decode) {
                without_bytes(at)
            } else {
                truncated("the elements of a sequence", at)
            });
        }
        let mut elements = Vec::with_capacity(self.room_for::<T>(count));
        for _ in 0..count {
            let before = self.remaining();
            // In a build that isn't optimized, a `?` would take twice the stack space.
            match decode(self) {
                Ok(element) => elements.push(element),
                Err(error) => return Err(error),
            }
            if self.remaining() == before {
                return Err(without_bytes(self.offset()));
            }
        }
        Ok(elements)
    }

    /// Whether the next value has no bytes, so that none are missing. Only a type without a size in memory may have none.
    pub(in crate::encoding) fn has_no_bytes<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> bool {
        let at = self.offset();
        size_of::<T>() == 0 && decode(self).is_ok() && self.offset() == at
    }

    /// Returns for how many of `count` elements to reserve memory. They take no more memory than there are bytes left.
    ///
    /// A recursive type reserves at each level, so an input that consists of counts could make it reserve the remaining length
    /// at each of 128 levels. Below the first levels, the limit is therefore halved from level to level.
    pub(in crate::encoding) fn room_for<T>(&self, count: usize) -> usize {
        let halvings = self.depth.saturating_sub(DEPTH_OF_FULL_ROOM);
        let room = u32::try_from(halvings).ok().and_then(|by| self.remaining().checked_shr(by));
        count.min(room.unwrap_or(0) / size_of::<T>().max(1))
    }

    /// Calls `decode` with all bits flipped, as `Reverse` has written them.
    ///
    /// ```
    /// use persist_core::codec::Source;
    /// use persist_core::KeyDecode;
    ///
    /// let mut source = Source::new(&[!7, 7]);
    /// assert_eq!(source.flipped(u8::decode_key)?, 7);
    /// assert_eq!(u8::decode_key(&mut source)?, 7);
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of `decode`.
    #[inline]
    pub fn flipped<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.flipped = !self.flipped;
        let value = decode(self);
        self.flipped = !self.flipped;
        value
    }

    /// Calls `decode` one level deeper. Derived types do this, since only they can be recursive.
    ///
    /// ```
    /// use persist_core::codec::Source;
    /// use persist_core::{DecodeError, KeyDecode};
    ///
    /// /// Counts the 01 bytes before a 00, with a limit on the recursion.
    /// fn depth(source: &mut Source<'_>) -> Result<u32, DecodeError> {
    ///     match bool::decode_key(source)? {
    ///         true => Ok(1 + source.nested(depth)?),
    ///         false => Ok(0),
    ///     }
    /// }
    /// assert_eq!(depth(&mut Source::new(&[1, 1, 0]))?, 2);
    /// assert!(depth(&mut Source::new(&[1; 1000])).is_err());
    /// # Ok::<(), DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The error of `decode`, or an error if the depth exceeds [`MAX_DEPTH`].
    #[inline]
    pub fn nested<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(too_deep(self.offset()));
        }
        self.depth += 1;
        let value = decode(self);
        self.depth -= 1;
        value
    }

    /// Checks that all bytes have been read.
    ///
    /// # Errors
    ///
    /// If bytes remain.
    #[inline]
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            more => Err(left_over(more, self.offset())),
        }
    }

    #[inline]
    fn take(&mut self, count: usize, what: &'static str) -> Result<&'de [u8], DecodeError> {
        match self.rest.split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(truncated(what, self.offset())),
        }
    }

    /// Returns the remaining input verbatim, even if bits are read flipped.
    #[inline]
    pub(in crate::encoding) fn unread(&self) -> &'de [u8] {
        self.rest
    }

    /// Skips to the beginning of `rest`, a suffix of [`unread`](Self::unread).
    #[inline]
    pub(in crate::encoding) fn go_on_at(&mut self, rest: &'de [u8]) {
        debug_assert!(self.rest.ends_with(rest));
        self.rest = rest;
    }

    /// Returns the bytes read since `offset` verbatim, even if bits are read flipped.
    pub(in crate::encoding) fn read_since(&self, offset: usize) -> &'de [u8] {
        self.all.get(offset..self.offset()).unwrap_or_default()
    }

    #[inline]
    pub(in crate::encoding) fn is_flipped(&self) -> bool {
        self.flipped
    }
}

// These functions take no reference to the source, so that the compiler can keep the source in registers.

#[cold]
pub(in crate::encoding) fn truncated(what: &'static str, at: usize) -> DecodeError {
    DecodeError::new(what, "the end of the input", at)
}

#[cold]
fn long_length(length: u64, at: usize) -> Result<usize, DecodeError> {
    if length < u64::from(u16::MAX) {
        let found = alloc::format!("{length} in the long form");
        return Err(DecodeError::new("a length in its short form", found, at));
    }
    usize::try_from(length).map_err(|_| {
        DecodeError::new("a length that fits the memory", alloc::format!("{length}"), at)
    })
}

#[cold]
fn not_borrowable(at: usize) -> DecodeError {
    let found = "flipped bytes, which only an owned type can hold";
    DecodeError::new("bytes to borrow", found, at)
}

#[cold]
fn without_bytes(at: usize) -> DecodeError {
    DecodeError::new("elements that have bytes", "an element without any", at)
}

#[cold]
fn too_deep(at: usize) -> DecodeError {
    DecodeError::new("nesting of at most 128 levels", "a deeper one", at)
}

#[cold]
fn left_over(count: usize, at: usize) -> DecodeError {
    let found = match count {
        1 => "1 more byte".into(),
        more => alloc::format!("{more} more bytes"),
    };
    DecodeError::new("the end of the input", found, at)
}
