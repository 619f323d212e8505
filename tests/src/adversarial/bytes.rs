//! Arbitrary bytes, and damaged encodings.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Returns arbitrary bytes, which often have a meaning to a decoder.
pub fn arbitrary_bytes() -> BoxedStrategy<Vec<u8>> {
    let telling = vec![0, 1, 2, 3, 4, 8, 0x7F, 0x80, 0xC2, 0xD8, 0xED, 0xF4, 0xFE, 0xFF];
    prop_oneof![
        3 => vec(select(vec![0, 1]), 0..=24),
        3 => vec(select(telling), 0..=40),
        1 => vec(any::<u8>(), 0..=40),
    ]
    .boxed()
}

/// A change to an encoding. The result may or may not be an encoding.
#[derive(Clone, Debug)]
pub enum Mutation {
    /// Replaces the byte at the index.
    Set(Index, u8),
    /// Increments the byte at the index, wrapping.
    Raise(Index),
    /// Flips a bit of the byte at the index.
    Flip(Index, u32),
    /// Inserts a byte at the index.
    Insert(Index, u8),
    /// Removes the byte at the index.
    Remove(Index),
    /// Removes everything from the index on.
    Truncate(Index),
    /// Replaces everything from the index on by the end of another encoding.
    Splice(Index, Index),
}

impl Mutation {
    /// Returns mutations of every kind.
    pub fn values() -> BoxedStrategy<Self> {
        let place = any::<Index>;
        let byte = || prop_oneof![select(vec![0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF]), any::<u8>()];
        prop_oneof![
            (place(), byte()).prop_map(|(at, byte)| Self::Set(at, byte)),
            place().prop_map(Self::Raise),
            (place(), 0..8u32).prop_map(|(at, bit)| Self::Flip(at, bit)),
            (place(), byte()).prop_map(|(at, byte)| Self::Insert(at, byte)),
            place().prop_map(Self::Remove),
            place().prop_map(Self::Truncate),
            (place(), place()).prop_map(|(at, from)| Self::Splice(at, from)),
        ]
        .boxed()
    }

    /// Returns `bytes` with the mutation applied. `other` is the encoding to splice from.
    pub fn apply(&self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        match self {
            Self::Insert(at, byte) => bytes.insert(at.index(bytes.len() + 1), *byte),
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len() + 1)),
            Self::Splice(at, from) => {
                bytes.truncate(at.index(bytes.len() + 1));
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
            _ if bytes.is_empty() => {}
            Self::Set(at, byte) => *at.get_mut(&mut bytes) = *byte,
            Self::Raise(at) => {
                let byte = at.get_mut(&mut bytes);
                *byte = byte.wrapping_add(1);
            }
            Self::Flip(at, bit) => *at.get_mut(&mut bytes) ^= 1 << bit,
            Self::Remove(at) => {
                bytes.remove(at.index(bytes.len()));
            }
        }
        bytes
    }
}
