//! The shapes that the encoding is measured on, with the measured value of each.

use std::borrow::Cow;

use persist_core::{KeyDecode, KeyEncode, Lex};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Message,
    Pair,
    Record,
    Text,
    LexShort,
    LexLong,
    LexZeros,
}

impl Shape {
    /// The shapes with marks against hand-written code.
    pub(crate) const FOUR: [Self; 4] = [Self::Message, Self::Pair, Self::Record, Self::Text];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Message => "(a) struct { String, i64, u64 }",
            Self::Pair => "(b) (u64, u64)",
            Self::Record => "(c) struct { enum, String, i64, bool, [u8; 32] }",
            Self::Text => "(d) 1 KiB String",
            Self::LexShort => "ordered text of 10 bytes",
            Self::LexLong => "ordered text of 1 KiB without zeros",
            Self::LexZeros => "ordered text of 1 KiB of zeros",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Pair => "pair",
            Self::Record => "record",
            Self::Text => "text",
            Self::LexShort => "lex-short",
            Self::LexLong => "lex-long",
            Self::LexZeros => "lex-zeros",
        }
    }
}

/// Shape (a).
#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize, Clone, PartialEq, Debug,
)]
pub(crate) struct Message {
    pub(crate) channel: String,
    pub(crate) epoch: i64,
    pub(crate) seq: u64,
}

/// Shape (a), its text borrowed from the bytes.
#[derive(KeyDecode)]
pub(crate) struct MessageRef<'a> {
    pub(crate) channel: &'a str,
    pub(crate) epoch: i64,
    pub(crate) seq: u64,
}

/// Shape (a), its text borrowed if the bytes contain it verbatim.
#[derive(storekey::BorrowDecode)]
pub(crate) struct MessageCow<'a> {
    pub(crate) channel: Cow<'a, str>,
    pub(crate) epoch: i64,
    pub(crate) seq: u64,
}

/// Shape (b).
pub(crate) type Pair = (u64, u64);

/// Shape (c).
#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize, Clone, PartialEq, Debug,
)]
pub(crate) struct Record {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) at: i64,
    pub(crate) done: bool,
    pub(crate) digest: [u8; 32],
}

#[rustfmt::skip]
#[derive(
    KeyEncode, KeyDecode, storekey::Encode, storekey::Decode, Serialize, Deserialize, Clone, Copy, PartialEq, Debug,
)]
pub(crate) enum Kind {
    Created,
    Changed,
    Removed,
}

/// Shape (d).
pub(crate) type Text = String;

/// Text in the order of `Ord`.
pub(crate) type LexText = Lex<String>;

/// The measured value of each shape.
pub(crate) struct Samples {
    pub(crate) message: Message,
    pub(crate) pair: Pair,
    pub(crate) record: Record,
    pub(crate) text: Text,
    pub(crate) lex_short: LexText,
    pub(crate) lex_long: LexText,
    pub(crate) lex_zeros: LexText,
}

impl Samples {
    pub(crate) fn new() -> Self {
        Self {
            message: Message { channel: "channel-42".into(), epoch: -7, seq: 123_456_789_012 },
            pair: (42, 123_456_789_012),
            record: Record {
                kind: Kind::Changed,
                name: "document-7".into(),
                at: 1_700_000_000_123,
                done: true,
                digest: std::array::from_fn(|index| u8::try_from(index * 7).unwrap_or(u8::MAX)),
            },
            text: "abcdefghijklmnop".repeat(64),
            lex_short: Lex("channel-42".into()),
            lex_long: Lex("abcdefghijklmnop".repeat(64)),
            lex_zeros: Lex("\0".repeat(1024)),
        }
    }
}
