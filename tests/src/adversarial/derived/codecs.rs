//! Fields with `with`: user-defined codecs of variable width, of one width, and without an end.

use std::cmp::Ordering;

use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
use persist_core::{DecodeError, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};
use proptest::prelude::*;

use super::rules::{Dictionary, Down, Rule};
use super::shape::shape;
use crate::adversarial::Adversarial;

/// A codec for numbers: one byte, or the byte 80 and four bytes after it.
pub struct Compact;

impl EncodeWith<u32> for Compact {
    fn encode(value: &u32, sink: &mut Sink<'_>) {
        match u8::try_from(*value) {
            Ok(small @ ..0x80) => sink.write(&[small]),
            _ => {
                sink.write(&[0x80]);
                sink.write(&value.to_be_bytes());
            }
        }
    }
}

impl DecodeWith<'_, u32> for Compact {
    fn decode(source: &mut Source<'_>) -> Result<u32, DecodeError> {
        let at = source.offset();
        match u8::from_be_bytes(source.array("a compact number")?) {
            small @ ..0x80 => Ok(small.into()),
            0x80 => {
                let number = u32::from_be_bytes(source.array("a compact number")?);
                let is_long = number >= 0x80;
                is_long
                    .then_some(number)
                    .ok_or_else(|| DecodeError::new("a small number in one byte", "five", at))
            }
            other => Err(DecodeError::new("a compact number", format!("{other:02x}"), at)),
        }
    }
}

impl SelfDelimitingWith<u32> for Compact {}

/// A temperature, which is not a key type by itself.
#[derive(Clone, Copy, Debug)]
pub struct Degrees(i16);

/// A codec of two bytes. Its length and order are computed without the bytes.
pub struct TwoBytes;

impl EncodeWith<Degrees> for TwoBytes {
    fn encode(value: &Degrees, sink: &mut Sink<'_>) {
        sink.write(&(value.0 ^ i16::MIN).to_be_bytes());
    }

    fn encoded_len(_: &Degrees) -> usize {
        2
    }

    fn cmp(left: &Degrees, right: &Degrees) -> Ordering {
        left.0.cmp(&right.0)
    }
}

impl DecodeWith<'_, Degrees> for TwoBytes {
    fn decode(source: &mut Source<'_>) -> Result<Degrees, DecodeError> {
        Ok(Degrees(i16::from_be_bytes(source.array("degrees")?) ^ i16::MIN))
    }
}

impl SelfDelimitingWith<Degrees> for TwoBytes {}

/// The rule for degrees: by their number.
pub struct ByNumber;

impl Rule<Degrees> for ByNumber {
    fn values() -> BoxedStrategy<Degrees> {
        i16::values().prop_map(Degrees).boxed()
    }

    fn documented_cmp(left: &Degrees, right: &Degrees) -> Ordering {
        left.0.cmp(&right.0)
    }
}

/// A codec for text without an end, which takes the rest of the input.
pub struct Rest;

impl EncodeWith<String> for Rest {
    fn encode(value: &String, sink: &mut Sink<'_>) {
        sink.write(value.as_bytes());
    }
}

impl DecodeWith<'_, String> for Rest {
    fn decode(source: &mut Source<'_>) -> Result<String, DecodeError> {
        let at = source.offset();
        let bytes = source.bytes(source.remaining(), "text")?;
        String::from_utf8(bytes.into_owned()).map_err(|_| DecodeError::new("text", "bytes", at))
    }
}

/// Codecs at the beginning, in the middle and at the end, in keys and payloads.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct ByCodecs {
    #[key(with = "Compact")]
    #[payload(with = "Compact")]
    first: u32,
    text: String,
    #[key(with = "TwoBytes")]
    #[payload(with = "TwoBytes")]
    degrees: Degrees,
    id: u8,
    #[key(with = "Compact")]
    #[payload(with = "Compact")]
    last: u32,
}

shape!([] ByCodecs {
    0 => Self { first: u32, text: String, degrees: Degrees as ByNumber, id: u8, last: u32 }
});

/// Codecs with `desc`.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct DescByCodecs {
    #[key(with = "Compact", desc)]
    down: u32,
    #[key(with = "Compact")]
    up: u32,
    #[key(desc, with = "TwoBytes")]
    degrees: Degrees,
}

shape!([] DescByCodecs {
    0 => Self { down: u32 as Down, up: u32, degrees: Degrees as Down<ByNumber> }
});

/// A codec without an end, which only the last field may have.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OpenByCodec {
    #[key(with = "Compact")]
    #[payload(with = "Compact")]
    id: u32,
    #[key(with = "Rest", tail)]
    #[payload(with = "Rest", tail)]
    rest: String,
}

shape!([] OpenByCodec { 0 => Self { id: u32, rest: String as Dictionary } });

/// Codecs in variants; one of them has no end.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum CodecVariants {
    /// A number.
    Count(
        #[key(with = "Compact")]
        #[payload(with = "Compact")]
        u32,
    ),
    /// The rest of the input.
    Text {
        /// The first field.
        flag: bool,
        /// The text.
        #[key(with = "Rest", tail)]
        #[payload(with = "Rest", tail)]
        rest: String,
    },
}

shape!([] CodecVariants {
    0 => Self::Count { 0: u32 }
    1 => Self::Text { flag: bool, rest: String as Dictionary }
});
