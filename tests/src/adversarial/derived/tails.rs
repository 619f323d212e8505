//! Types that end in a field which takes the rest of the input.

use persist_core::{Key, KeyDecode, KeyEncode, Payload, PayloadDecode, PayloadEncode};
use proptest::prelude::*;

use super::rules::Rule;
use super::shape::shape;
use crate::adversarial::arbitrary_bytes;

/// A key at the end.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct KeyLast {
    id: u16,
    name: String,
    key: Key,
}

shape!([] KeyLast { 0 => Self { id: u16, name: String, key: Key } });

/// The last field is a type that ends in a key.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct TailLast(
    bool,
    #[key(tail)]
    #[payload(tail)]
    KeyLast,
);

shape!([] TailLast { 0 => Self { 0: bool, 1: KeyLast } });

/// A key in an option in a box.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct MaybeKeyLast {
    #[key(fixed)]
    #[payload(fixed)]
    id: [u8; 2],
    key: Option<Box<Key>>,
}

shape!([] MaybeKeyLast { 0 => Self { id: [u8; 2], key: Option<Box<Key>> } });

/// A key at the end of one variant only.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum KeyInOne {
    /// A variant that delimits itself.
    Closed(String),
    /// A variant that doesn't.
    Open {
        /// The first field.
        at: i64,
        /// The rest of the input.
        key: Key,
    },
    /// An empty variant.
    Empty,
}

shape!([] KeyInOne {
    0 => Self::Closed { 0: String }
    1 => Self::Open { at: i64, key: Key }
    2 => Self::Empty {}
});

/// Raw payloads.
pub struct AsBytes;

impl Rule<Payload> for AsBytes {
    fn values() -> BoxedStrategy<Payload> {
        arbitrary_bytes().prop_map(Payload::from_bytes).boxed()
    }

    fn documented_cmp(left: &Payload, right: &Payload) -> std::cmp::Ordering {
        left.as_bytes().cmp(right.as_bytes())
    }
}

/// A payload at the end of a payload.
#[derive(Clone, Debug, PayloadEncode, PayloadDecode)]
pub struct PayloadLast {
    kind: u8,
    name: Option<String>,
    rest: Payload,
}

shape!([] PayloadLast { 0 => Self { kind: u8, name: Option<String>, rest: Payload as AsBytes } });
