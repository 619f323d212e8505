use alloc::vec::Vec;

use super::counted::{long_len, short_len};
use super::small_bytes::SmallBytes;

/// The destination of encoded values: a growing vector or a growing [`Key`](crate::encoding::Key).
///
/// It is one concrete type, so encoders have no type parameter and are compiled once.
///
/// ```
/// use persist_core::codec::Sink;
/// use persist_core::KeyEncode;
///
/// let mut bytes = Vec::new();
/// let mut sink = Sink::new(&mut bytes);
/// "hi".encode_key(&mut sink);
/// true.encode_key(&mut sink);
/// assert_eq!(bytes, [0, 2, b'h', b'i', 1]);
/// ```
#[derive(Debug)]
pub struct Sink<'a>(Target<'a>);

#[derive(Debug)]
enum Target<'a> {
    Vec(&'a mut Vec<u8>),
    Key(&'a mut SmallBytes),
}

/// A position in a [`Sink`], from [`Sink::mark`].
///
/// ```
/// use persist_core::codec::Sink;
/// use persist_core::KeyEncode;
///
/// let mut bytes = Vec::new();
/// let mut sink = Sink::new(&mut bytes);
/// true.encode_key(&mut sink);
/// let mark = sink.mark();
/// 7u8.encode_key(&mut sink);
/// for byte in sink.since(mark) {
///     *byte = !*byte;
/// }
/// assert_eq!(bytes, [1, !7]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl<'a> Sink<'a> {
    /// Creates a sink that appends to `bytes`, which may be a reused buffer.
    pub fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self(Target::Vec(bytes))
    }

    pub(in crate::encoding) fn small(bytes: &'a mut SmallBytes) -> Self {
        Self(Target::Key(bytes))
    }

    /// Appends `bytes` verbatim.
    ///
    /// ```
    /// use persist_core::codec::Sink;
    ///
    /// let mut bytes = vec![1];
    /// Sink::new(&mut bytes).write(&[2, 3]);
    /// assert_eq!(bytes, [1, 2, 3]);
    /// ```
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn write(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Target::Vec(vec) => vec.extend_from_slice(bytes),
            Target::Key(key) => key.append(bytes),
        }
    }

    /// Appends the first `len` bytes of an array.
    ///
    /// For a key, the array is copied first. A pointer to the array itself is never passed to a function, so the compiler can
    /// keep the array in registers if the sink is a vector.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(in crate::encoding) fn write_front<const N: usize>(&mut self, array: &[u8; N], len: usize) {
        match &mut self.0 {
            Target::Vec(vec) => vec.extend_from_slice(array.get(..len).unwrap_or_default()),
            Target::Key(key) => {
                let copy = *array;
                key.append(copy.get(..len).unwrap_or_default());
            }
        }
    }

    /// Appends a count: two bytes up to 65,534, otherwise `FF FF` and eight bytes.
    ///
    /// ```
    /// use persist_core::codec::Sink;
    ///
    /// let mut bytes = Vec::new();
    /// Sink::new(&mut bytes).write_len(65_534);
    /// Sink::new(&mut bytes).write_len(65_535);
    /// assert_eq!(bytes, [0xFF, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    /// ```
    #[inline]
    pub fn write_len(&mut self, count: usize) {
        match short_len(count) {
            Some(len) => self.write(&len),
            None => self.write(&long_len(count)),
        }
    }

    /// Reserves capacity for `additional` bytes, so that appending that many grows the target at most once.
    pub fn reserve(&mut self, additional: usize) {
        match &mut self.0 {
            Target::Vec(vec) => vec.reserve(additional),
            Target::Key(key) => key.reserve(additional),
        }
    }

    /// Returns the position of the next byte.
    pub fn mark(&self) -> Mark {
        Mark(match &self.0 {
            Target::Vec(vec) => vec.len(),
            Target::Key(key) => key.as_bytes().len(),
        })
    }

    /// Returns the bytes written since `mark`, for changing them in place.
    ///
    /// If the mark is beyond the end, as a mark of another sink may be, the result is empty.
    pub fn since(&mut self, mark: Mark) -> &mut [u8] {
        let bytes = match &mut self.0 {
            Target::Vec(vec) => vec.as_mut_slice(),
            Target::Key(key) => key.bytes_mut(),
        };
        bytes.get_mut(mark.0..).unwrap_or_default()
    }
}
