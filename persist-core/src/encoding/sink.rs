use alloc::vec::Vec;

use super::Key;

/// What values write their bytes to: a growing vector or a growing [`Key`].
///
/// One concrete type, so that an encoder is compiled once and carries no type parameter.
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
    Key(&'a mut Key),
}

/// A place in a [`Sink`], from [`Sink::mark`].
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
    /// A sink that appends to `bytes`, which may be a reused buffer.
    pub fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self(Target::Vec(bytes))
    }

    /// A sink that appends to `key`.
    ///
    /// ```
    /// use persist_core::codec::Sink;
    /// use persist_core::{Key, KeyEncode, key};
    ///
    /// let mut key = Key::new();
    /// true.encode_key(&mut Sink::key(&mut key));
    /// assert_eq!(key, key!(true));
    /// ```
    pub fn key(key: &'a mut Key) -> Self {
        Self(Target::Key(key))
    }

    /// Appends `bytes` as they are.
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
    /// A key gets them from a copy, so that the array itself is handed to no function: then the compiler
    /// keeps it in registers where the sink is a vector.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn write_front<const N: usize>(&mut self, array: &[u8; N], len: usize) {
        match &mut self.0 {
            Target::Vec(vec) => vec.extend_from_slice(array.get(..len).unwrap_or_default()),
            Target::Key(key) => {
                let copy = *array;
                key.append(copy.get(..len).unwrap_or_default());
            }
        }
    }

    /// Appends a count as the format writes it: two bytes up to 65,534, else `FF FF` and eight.
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

    /// Makes room for `additional` bytes, so that what follows grows at most once.
    pub fn reserve(&mut self, additional: usize) {
        match &mut self.0 {
            Target::Vec(vec) => vec.reserve(additional),
            Target::Key(key) => key.reserve(additional),
        }
    }

    /// The place where the next byte goes.
    pub fn mark(&self) -> Mark {
        Mark(match &self.0 {
            Target::Vec(vec) => vec.len(),
            Target::Key(key) => key.len(),
        })
    }

    /// The bytes written since `mark`, to be changed in place.
    ///
    /// A mark of another sink gives at most the bytes that there are.
    pub fn since(&mut self, mark: Mark) -> &mut [u8] {
        let bytes = match &mut self.0 {
            Target::Vec(vec) => vec.as_mut_slice(),
            Target::Key(key) => key.bytes_mut(),
        };
        bytes.get_mut(mark.0..).unwrap_or_default()
    }
}

/// A count in its short form, if it fits it.
#[inline]
pub(super) fn short_len(count: usize) -> Option<[u8; 2]> {
    u16::try_from(count).ok().filter(|short| *short < u16::MAX).map(u16::to_be_bytes)
}

#[inline]
pub(super) fn long_len(count: usize) -> [u8; 10] {
    let mut long = [0xFF; 10];
    long[2..].copy_from_slice(&(count as u64).to_be_bytes());
    long
}

/// How many bytes [`Sink::write_len`] writes.
pub(super) const fn len_of_len(count: usize) -> usize {
    if count < u16::MAX as usize { 2 } else { 10 }
}
