//! Ranges, encoded as structs of their ends, and `Bound`, encoded as an enum. They are payload types only.
//!
//! As keys, ranges would sort by the start and then by the end, which is not the order of their contents. And a call that
//! takes a key or a range of keys would silently take a range of values for a key.

use core::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::base::tags::unknown_tag;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::markers::SelfDelimitingPayload;
use crate::encoding::model::payload_traits::{PayloadDecode, PayloadEncode};

/// Implements the traits from the name of the range, its ends, and an expression that constructs it.
macro_rules! ranges {
    ($($Range:ident, |$range:ident| [$($end:ident: $value:expr),*], $make:expr;)*) => {$(
        impl<T: SelfDelimitingPayload> PayloadEncode for $Range<T> {
            const IS_EMPTY: bool = T::IS_EMPTY;

            #[inline]
            fn encode_payload(&self, sink: &mut Sink<'_>) {
                let $range = self;
                $($value.encode_payload(sink);)*
            }

            #[inline]
            fn encoded_payload_len(&self) -> usize {
                let $range = self;
                0 $(+ $value.encoded_payload_len())*
            }

            fn describe_payload(describer: &mut Describer) -> Descriptor {
                let ends = &[$((stringify!($end), T::describe_payload as _, false)),*];
                describer.structure::<Self>(stringify!($Range), ends)
            }
        }

        impl<T: SelfDelimitingPayload> SelfDelimitingPayload for $Range<T> {}

        impl<'de, T: PayloadDecode<'de>> PayloadDecode<'de> for $Range<T> {
            #[inline]
            fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                $(let $end = T::decode_payload(source)?;)*
                Ok($make)
            }
        }
    )*};
}

ranges! {
    Range, |range| [start: range.start, end: range.end], start..end;
    RangeInclusive, |range| [start: range.start(), end: range.end()], start..=end;
    RangeFrom, |range| [start: range.start], start..;
    RangeTo, |range| [end: range.end], ..end;
    RangeToInclusive, |range| [end: range.end], ..=end;
}

impl PayloadEncode for RangeFull {
    const IS_EMPTY: bool = true;

    fn encode_payload(&self, _: &mut Sink<'_>) {}

    fn encoded_payload_len(&self) -> usize {
        0
    }

    fn describe_payload(describer: &mut Describer) -> Descriptor {
        describer.structure::<Self>("RangeFull", &[])
    }
}

impl SelfDelimitingPayload for RangeFull {}

impl<'de> PayloadDecode<'de> for RangeFull {
    fn decode_payload(_: &mut Source<'de>) -> Result<Self, DecodeError> {
        Ok(..)
    }
}

const INCLUDED: i64 = 0;
const EXCLUDED: i64 = 1;
const UNBOUNDED: i64 = 2;

impl<T: PayloadEncode> PayloadEncode for Bound<T> {
    #[inline]
    fn encode_payload(&self, sink: &mut Sink<'_>) {
        let (tag, value) = match self {
            Self::Included(value) => (INCLUDED, Some(value)),
            Self::Excluded(value) => (EXCLUDED, Some(value)),
            Self::Unbounded => (UNBOUNDED, None),
        };
        tag.encode_payload(sink);
        if let Some(value) = value {
            value.encode_payload(sink);
        }
    }

    #[inline]
    fn encoded_payload_len(&self) -> usize {
        UNBOUNDED.encoded_payload_len()
            + match self {
                Self::Included(value) | Self::Excluded(value) => value.encoded_payload_len(),
                Self::Unbounded => 0,
            }
    }

    fn describe_payload(describer: &mut Describer) -> Descriptor {
        describer.enumeration::<Self>(
            "Bound",
            &[
                ("Included", INCLUDED, &[("0", T::describe_payload, false)]),
                ("Excluded", EXCLUDED, &[("0", T::describe_payload, false)]),
                ("Unbounded", UNBOUNDED, &[]),
            ],
        )
    }
}

impl<T: SelfDelimitingPayload> SelfDelimitingPayload for Bound<T> {}

impl<'de, T: PayloadDecode<'de>> PayloadDecode<'de> for Bound<T> {
    #[inline]
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let at = source.offset();
        match i64::decode_payload(source)? {
            INCLUDED => T::decode_payload(source).map(Self::Included),
            EXCLUDED => T::decode_payload(source).map(Self::Excluded),
            UNBOUNDED => Ok(Self::Unbounded),
            other => Err(unknown_tag("Bound", other, at)),
        }
    }
}
