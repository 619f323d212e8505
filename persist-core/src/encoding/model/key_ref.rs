use core::cmp::Ordering;
use core::fmt;

use super::key::Key;
use super::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::hex;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;

/// A borrowed [`Key`], as rows return it.
///
/// ```
/// use persist_core::{KeyRef, key};
///
/// let owned = key!("general", 7i64);
/// let borrowed = KeyRef::from_bytes(owned.as_bytes());
/// assert_eq!(borrowed.decode::<(&str, i64)>()?, ("general", 7));
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyRef<'a>(&'a [u8]);

impl<'a> KeyRef<'a> {
    /// Creates a key that borrows raw bytes.
    pub const fn from_bytes(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// Copies the bytes into a [`Key`].
    pub fn to_owned(self) -> Key {
        Key::from_bytes(self.0)
    }

    /// Decodes the whole key.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one `T`.
    pub fn decode<T: KeyDecode<'a>>(self) -> Result<T, DecodeError> {
        T::from_key_bytes(self.0)
    }

    /// Decodes a value at the beginning of the key, and returns it with the remaining bytes.
    ///
    /// ```
    /// use persist_core::key;
    ///
    /// let key = key!("general", true);
    /// assert_eq!(key.as_key_ref().decode_prefix::<&str>()?, ("general", &[1][..]));
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes don't begin with the encoding of a `T`.
    pub fn decode_prefix<T: KeyDecode<'a>>(self) -> Result<(T, &'a [u8]), DecodeError> {
        T::from_key_prefix(self.0)
    }
}

impl Key {
    /// Borrows the key.
    pub fn as_key_ref(&self) -> KeyRef<'_> {
        KeyRef::from_bytes(self.as_bytes())
    }
}

impl KeyEncode for KeyRef<'_> {
    fn encode_key(&self, sink: &mut Sink<'_>) {
        sink.write(self.0);
    }

    fn encoded_key_len(&self) -> usize {
        self.0.len()
    }

    fn key_cmp(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Key
    }
}

impl<'de: 'a, 'a> KeyDecode<'de> for KeyRef<'a> {
    /// Takes all remaining bytes.
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        source.borrowed(source.remaining(), "a key").map(Self)
    }
}

impl AsRef<[u8]> for KeyRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl PartialEq<Key> for KeyRef<'_> {
    fn eq(&self, other: &Key) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<KeyRef<'_>> for Key {
    fn eq(&self, other: &KeyRef<'_>) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl fmt::Display for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(self.0, f)
    }
}

impl fmt::Debug for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::debug("KeyRef", self.0, f)
    }
}
