use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::DecodeError;

/// How deep derived types may nest when decoded. Deeper is a [`DecodeError`], not a stack overflow.
///
/// Each struct and enum counts as a level. That many levels fit a stack of 2 MiB, which threads have by default, if the
/// structs and enums take up to 1.5 KiB each in memory, in debug builds too. So box larger arrays in recursive types. A build
/// without optimizations and without debug assertions needs a larger stack.
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

/// Down to which level of derived types memory is reserved for all that the bytes left could be.
const DEPTH_OF_FULL_ROOM: usize = 4;

/// What values read their bytes from: a slice, and how far it has been read.
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
/// What is decoded takes memory in proportion to its input, whatever counts stand in it: a sequence reserves room for no
/// more elements than would fill as many bytes as are left, and beyond that grows as they are read. How many bytes that is
/// for each of the input, type by type, is in the format's description, `docs/encoding.md`, under *Decoding*.
#[derive(Clone, Debug)]
pub struct Source<'de> {
    all: &'de [u8],
    rest: &'de [u8],
    depth: usize,
    /// Whether all bits are read flipped, as under `Reverse`.
    flipped: bool,
}

impl<'de> Source<'de> {
    /// A source at the beginning of `bytes`.
    #[inline]
    pub fn new(bytes: &'de [u8]) -> Self {
        Self { all: bytes, rest: bytes, depth: 0, flipped: false }
    }

    /// How many bytes have been read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    /// How many bytes are left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes `count` bytes, which must be borrowed from the input: `what` names them in the error.
    ///
    /// # Errors
    ///
    /// If fewer are left, or if they are read flipped, as under `Reverse`: then only a value that
    /// owns its bytes can be decoded.
    #[inline]
    pub fn borrowed(&mut self, count: usize, what: &'static str) -> Result<&'de [u8], DecodeError> {
        if self.flipped {
            return Err(not_borrowable(self.offset()));
        }
        self.take(count, what)
    }

    /// Takes `count` bytes, borrowed where the input holds them as they are.
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
    /// If fewer are left.
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

    /// Takes `N` bytes.
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
    /// If fewer are left.
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

    /// Takes a count, as [`Sink::write_len`](super::Sink::write_len) writes it.
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
    /// If the input ends in it, or it is in the long form and would have fitted the short one.
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

    /// Takes a length and as many bytes, borrowed where the input holds them as they are; `what`
    /// names them in the error.
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
    /// If the length is malformed or fewer bytes are left.
    #[inline]
    pub fn len_prefixed(&mut self, what: &'static str) -> Result<Cow<'de, [u8]>, DecodeError> {
        let count = self.length()?;
        self.bytes(count, what)
    }

    /// As [`len_prefixed`](Self::len_prefixed), for bytes that must be borrowed.
    ///
    /// # Errors
    ///
    /// As [`borrowed`](Self::borrowed), or if the length is malformed.
    #[inline]
    pub fn borrowed_len_prefixed(&mut self, what: &'static str) -> Result<&'de [u8], DecodeError> {
        let count = self.length()?;
        self.borrowed(count, what)
    }

    /// Takes `count` elements, reserving no more memory at first than there are bytes left.
    /// [`length`](Self::length) has an example.
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
            // A `?` would take twice the room on the stack in a build that isn't optimized.
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

    /// Whether the next value has no bytes. A type without a size in memory may have none, and then none are missing.
    pub(super) fn has_no_bytes<T>(
        &mut self,
        decode: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> bool {
        let at = self.offset();
        size_of::<T>() == 0 && decode(self).is_ok() && self.offset() == at
    }

    /// For how many of `count` elements to reserve memory: no more than would fill as many bytes as are left.
    ///
    /// Types that nest in themselves reserve once a level, and an input of nothing but counts could have them
    /// reserve all that is left at each of 128 levels. So deep down the room is halved from level to level.
    pub(super) fn room_for<T>(&self, count: usize) -> usize {
        let halvings = self.depth.saturating_sub(DEPTH_OF_FULL_ROOM);
        let room = u32::try_from(halvings).ok().and_then(|by| self.remaining().checked_shr(by));
        count.min(room.unwrap_or(0) / size_of::<T>().max(1))
    }

    /// Decodes what was written with all bits flipped, as `Reverse` does.
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

    /// Decodes a part one level deeper. Derived types do so, since only they can be recursive.
    ///
    /// ```
    /// use persist_core::codec::Source;
    /// use persist_core::{DecodeError, KeyDecode};
    ///
    /// /// As many nested ones as there are 01 before a 00, and no more than the stack bears.
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
    /// The part's own, or if it is nested deeper than [`MAX_DEPTH`].
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

    /// Checks that all has been read.
    ///
    /// # Errors
    ///
    /// If bytes are left.
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

    /// What is left, as it stands in the input.
    #[inline]
    pub(super) fn unread(&self) -> &'de [u8] {
        self.rest
    }

    /// Goes on where `rest` begins, which is the end of what is [`unread`](Self::unread).
    #[inline]
    pub(super) fn go_on_at(&mut self, rest: &'de [u8]) {
        debug_assert!(self.rest.ends_with(rest));
        self.rest = rest;
    }

    /// What was read since that offset, as it stands in the input.
    pub(super) fn read_since(&self, offset: usize) -> &'de [u8] {
        self.all.get(offset..self.offset()).unwrap_or_default()
    }

    #[inline]
    pub(super) fn is_flipped(&self) -> bool {
        self.flipped
    }
}

// The errors take what they say by value, so that a source can live in registers.

#[cold]
pub(super) fn truncated(what: &'static str, at: usize) -> DecodeError {
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
