use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::key::Key;
use super::key_ref::KeyRef;
use super::key_traits::KeyDecode;
use super::payload_traits::{PayloadDecode, PayloadEncode};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::hex::{self, ParseKeyError};
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;

/// A payload: the bytes stored under a key.
///
/// ```
/// use persist_core::{Payload, payload};
///
/// let stored = payload!("hi", true);
/// assert_eq!(stored.as_bytes(), b"\x00\x02hi\x01");
/// assert_eq!(stored.decode::<(&str, bool)>()?, ("hi", true));
/// assert_eq!(stored.to_string(), "0002686901");
/// assert_eq!("0002686901".parse::<Payload>()?, stored);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Display` and `FromStr` use plain hex; `Debug` shows printable text.
///
/// As a part of another payload, a payload contributes its bytes verbatim.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payload(Vec<u8>);

impl Payload {
    /// Creates the empty payload, which is a valid payload.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Creates a payload from raw bytes.
    ///
    /// ```
    /// use persist_core::Payload;
    ///
    /// assert_eq!(Payload::from_bytes(*b"raw bytes").as_bytes(), b"raw bytes");
    /// ```
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Appends a value's encoding, as [`payload!`](crate::payload!) does for each part.
    ///
    /// ```
    /// use persist_core::{Payload, payload};
    ///
    /// let mut stored = Payload::from_bytes([0, 1, b'a']);
    /// stored.push(&true);
    /// assert_eq!(stored, payload!("a", true));
    /// ```
    pub fn push<T: PayloadEncode + ?Sized>(&mut self, part: &T) {
        self.0.reserve(part.encoded_payload_len());
        part.encode_payload(&mut Sink::new(&mut self.0));
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Converts the payload to a vector of its bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the payload has no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Decodes the whole payload.
    ///
    /// ```
    /// use persist_core::payload;
    ///
    /// let stored = payload!("hi", true);
    /// assert_eq!(stored.decode::<(String, bool)>()?, ("hi".into(), true));
    /// assert!(stored.decode::<String>().is_err());
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one `T`.
    pub fn decode<'a, T: PayloadDecode<'a>>(&'a self) -> Result<T, DecodeError> {
        T::from_payload_bytes(&self.0)
    }

    /// Decodes a value at the beginning of the payload, and returns it with the remaining bytes.
    ///
    /// ```
    /// use persist_core::payload;
    ///
    /// let stored = payload!("hi", true);
    /// assert_eq!(stored.decode_prefix::<&str>()?, ("hi", &[1][..]));
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the bytes don't begin with the encoding of a `T`.
    pub fn decode_prefix<'a, T: PayloadDecode<'a>>(&'a self) -> Result<(T, &'a [u8]), DecodeError> {
        T::from_payload_prefix(&self.0)
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Payload {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        hex::parse(text).map(Self)
    }
}

impl fmt::Display for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::debug("Payload", &self.0, f)
    }
}

/// Implements `PayloadEncode` for types that are written verbatim. Decoding them takes all remaining bytes.
macro_rules! verbatim {
    ($($Bytes:ty)*) => {$(
        impl PayloadEncode for $Bytes {
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                sink.write(self.as_bytes());
            }

            fn encoded_payload_len(&self) -> usize {
                self.as_bytes().len()
            }

            fn describe_payload(_: &mut Describer) -> Descriptor {
                Descriptor::Key
            }
        }
    )*};
}

verbatim!(Payload Key KeyRef<'_>);

impl<'de> PayloadDecode<'de> for Payload {
    /// Takes all remaining bytes.
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        source.bytes(source.remaining(), "a payload").map(Self::from_bytes)
    }
}

impl<'de> PayloadDecode<'de> for Key {
    /// Takes all remaining bytes.
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Self::decode_key(source)
    }
}

impl<'de: 'a, 'a> PayloadDecode<'de> for KeyRef<'a> {
    /// Takes all remaining bytes.
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        Self::decode_key(source)
    }
}
