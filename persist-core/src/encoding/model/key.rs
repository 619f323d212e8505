use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use super::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::hex::{self, ParseKeyError};
use crate::encoding::base::sink::Sink;
use crate::encoding::base::small_bytes::{INLINE, SmallBytes};
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;

/// A key: the bytes that identify a row and that rows are sorted by.
///
/// Keys are compared byte by byte. A key of up to 30 bytes needs no allocation. `Display` and `FromStr` use plain hex; `Debug`
/// shows printable text.
///
/// ```
/// use persist_core::{Key, key};
///
/// let key = key!("general", 7i64);
/// assert_eq!(key.to_string(), "000767656e6572616c8000000000000007");
/// assert_eq!(key.to_string().parse::<Key>()?, key);
/// assert_eq!(key.decode::<(String, i64)>()?, ("general".into(), 7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// As a part of another key, a key contributes its bytes verbatim.
#[derive(Clone)]
pub struct Key(SmallBytes);

impl Key {
    /// Creates the empty key. It is a valid key, and a prefix of every key.
    pub const fn new() -> Self {
        Self(SmallBytes::new())
    }

    /// Creates an empty key with capacity for `capacity` bytes.
    ///
    /// ```
    /// use persist_core::Key;
    ///
    /// let mut key = Key::with_capacity(40);
    /// key.push("a text with more bytes than fit inline");
    /// assert_eq!(key.len(), 40);
    /// ```
    pub fn with_capacity(capacity: usize) -> Self {
        Self(SmallBytes::with_capacity(capacity))
    }

    /// Creates a key from a copy of raw bytes. `Key::from` takes a vector without copying it, unless the vector is short.
    ///
    /// ```
    /// use persist_core::Key;
    ///
    /// assert_eq!(Key::from_bytes(b"raw bytes").as_bytes(), b"raw bytes");
    /// assert_eq!(Key::from(vec![7; 40]).as_bytes(), [7; 40]);
    /// ```
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let mut key = Self::with_capacity(bytes.len());
        key.0.append(bytes);
        key
    }

    /// Appends a value's encoding, as [`key!`](crate::key!) does for each part.
    ///
    /// ```
    /// use persist_core::{Key, key};
    ///
    /// let mut key = Key::new();
    /// key.push("general");
    /// key.push(&7i64);
    /// assert_eq!(key, key!("general", 7i64));
    /// ```
    pub fn push<T: KeyEncode + ?Sized>(&mut self, part: &T) {
        let mut sink = Sink::key(self);
        sink.reserve(part.encoded_key_len());
        part.encode_key(&mut sink);
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Converts the key to a vector of its bytes.
    ///
    /// ```
    /// use persist_core::key;
    ///
    /// assert_eq!(key!(true, 7u8).into_bytes(), [1, 7]);
    /// ```
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// Returns whether the key has no bytes.
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Decodes the whole key.
    ///
    /// ```
    /// use persist_core::key;
    ///
    /// let key = key!("general", 7i64);
    /// assert_eq!(key.decode::<(&str, i64)>()?, ("general", 7));
    /// assert!(key.decode::<&str>().is_err());
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one `T`.
    pub fn decode<'a, T: KeyDecode<'a>>(&'a self) -> Result<T, DecodeError> {
        T::from_key_bytes(self.as_bytes())
    }

    /// Decodes a value at the beginning of the key, and returns it with the remaining bytes.
    ///
    /// ```
    /// use persist_core::key;
    ///
    /// let key = key!("general", true);
    /// assert_eq!(key.decode_prefix::<&str>()?, ("general", &[1][..]));
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes don't begin with the encoding of a `T`.
    pub fn decode_prefix<'a, T: KeyDecode<'a>>(&'a self) -> Result<(T, &'a [u8]), DecodeError> {
        T::from_key_prefix(self.as_bytes())
    }
}

impl<'a> Sink<'a> {
    /// Creates a sink that appends to `key`.
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
        Self::small(&mut key.0)
    }
}

impl Default for Key {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyEncode for Key {
    fn encode_key(&self, sink: &mut Sink<'_>) {
        sink.write(self.as_bytes());
    }

    fn encoded_key_len(&self) -> usize {
        self.len()
    }

    fn key_cmp(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn describe_key(_: &mut Describer) -> Descriptor {
        Descriptor::Key
    }
}

impl<'de> KeyDecode<'de> for Key {
    /// Takes all remaining bytes.
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        source.bytes(source.remaining(), "a key").map(|bytes| match bytes {
            Cow::Borrowed(bytes) => Self::from_bytes(bytes),
            Cow::Owned(bytes) => Self::from(bytes),
        })
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Key {
    /// Hashes like the bytes, as `Borrow<[u8]>` requires.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<Vec<u8>> for Key {
    /// Creates a key from raw bytes. They are copied only if there are few enough to be stored in the key itself.
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() <= INLINE { Self::from_bytes(bytes) } else { Self(SmallBytes::Heap(bytes)) }
    }
}

impl FromStr for Key {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        hex::parse(text).map(Self::from)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(self.as_bytes(), f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::debug("Key", self.as_bytes(), f)
    }
}
