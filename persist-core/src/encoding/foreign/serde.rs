//! `Key` for the crate `serde`: plain hex in human-readable formats, bytes in others.

use alloc::vec::Vec;
use core::fmt;

use ::serde::de::{Error, SeqAccess, Visitor};
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encoding::model::key::Key;

/// The maximum capacity that is reserved for the length that a format announces, which may be wrong.
const BELIEVED_LEN: usize = 4_096;

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(self.as_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Hex)
        } else {
            deserializer.deserialize_bytes(AsBytes)
        }
    }
}

struct Hex;

impl Visitor<'_> for Hex {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key as plain hex")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Key, E> {
        text.parse().map_err(|error| E::custom(format_args!("a key as plain hex: {error}")))
    }
}

struct AsBytes;

impl<'de> Visitor<'de> for AsBytes {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a key")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Key, E> {
        Ok(Key::from_bytes(bytes))
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Key, E> {
        Ok(Key::from(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Key, A::Error> {
        let believed = sequence.size_hint().unwrap_or(0).min(BELIEVED_LEN);
        let mut bytes = Vec::with_capacity(believed);
        while let Some(byte) = sequence.next_element()? {
            bytes.push(byte);
        }
        Ok(Key::from(bytes))
    }
}
