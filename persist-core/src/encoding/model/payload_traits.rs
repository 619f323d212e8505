//! The traits of payload types, `PayloadEncode` and `PayloadDecode`.

use alloc::vec::Vec;

use super::payload::Payload;
use crate::encoding::base::counted::into_array;
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::opaque_name::opaque_name_of;
use crate::encoding::descriptor::shape::Descriptor;

/// A type whose values can be encoded as payloads. The types that [`KeyEncode`](crate::encoding::KeyEncode) lists are payload
/// types too, with the same bytes.
///
/// Ranges (`Range`, `RangeInclusive`, `RangeFrom`, `RangeTo`, `RangeToInclusive`, `RangeFull`) and `Bound` are payload types
/// only. A `RangeInclusive` that was exhausted by an iteration is decoded as one that isn't exhausted.
///
/// ```
/// use persist_core::{PayloadEncode, payload};
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8> }
///
/// let message = Message { sender: "ann".into(), body: vec![1, 2] };
/// assert_eq!(message.to_payload(), payload!("ann", [1u8, 2]));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written into a payload",
    label = "not a payload type",
    note = "derive it: `#[derive(PayloadEncode)]`",
    note = "bytes of another format are stored verbatim by `persist_put`; the bytes of a path differ between systems: use its text",
    note = "a type such as `T::Id` gets its bounds by `#[payload(bound = \"T::Id: PayloadEncode + SelfDelimitingPayload\")]`"
)]
pub trait PayloadEncode {
    /// Whether the encoding of every value is empty, as for `()` or a struct without fields.
    ///
    /// The elements of sequences and sets and the keys of maps must have bytes, since a decoder can't verify a count of
    /// elements without bytes. Code that encodes a sequence of such elements doesn't compile; `cargo build` reports it, but
    /// `cargo check` doesn't. Store the number of elements instead.
    ///
    /// Derives compute the constant from the fields. A manual implementation must set it if no value has any bytes.
    ///
    /// ```compile_fail
    /// use persist_core::PayloadEncode;
    ///
    /// #[derive(PayloadEncode)]
    /// struct Marker;
    ///
    /// vec![Marker, Marker].to_payload();
    /// ```
    ///
    /// ```
    /// use persist_core::PayloadEncode;
    ///
    /// #[derive(PayloadEncode)]
    /// struct Markers { count: u64 }
    ///
    /// assert!(!Markers::IS_EMPTY && <()>::IS_EMPTY);
    /// assert_eq!(vec![Markers { count: 2 }].to_payload().len(), 2 + 8);
    /// ```
    const IS_EMPTY: bool = false;

    /// Appends the value's bytes to `sink`. This can't fail.
    fn encode_payload(&self, sink: &mut Sink<'_>);

    /// Returns the exact number of bytes that [`encode_payload`](Self::encode_payload) appends.
    fn encoded_payload_len(&self) -> usize;

    /// Returns the shape of the type, for programs that don't have the type.
    ///
    /// ```
    /// use persist_core::PayloadEncode;
    ///
    /// assert_eq!(<(String, Option<i64>)>::payload_descriptor().to_string(), "(str, opt(i64))");
    /// ```
    fn payload_descriptor() -> Descriptor {
        Self::describe_payload(&mut Describer::new())
    }

    /// Returns the shape of the type as a part of the types that enclose it, which `describer` knows.
    ///
    /// By default the shape is [`Descriptor::Opaque`] with the type's name.
    fn describe_payload(describer: &mut Describer) -> Descriptor {
        let _ = describer;
        Descriptor::Opaque(opaque_name_of::<Self>())
    }

    /// Encodes the value as a payload.
    ///
    /// ```
    /// use persist_core::{PayloadEncode, payload};
    ///
    /// assert_eq!(("hi", true).to_payload(), payload!("hi", true));
    /// ```
    #[inline]
    fn to_payload(&self) -> Payload {
        let mut bytes = Vec::with_capacity(self.encoded_payload_len());
        self.encode_payload(&mut Sink::new(&mut bytes));
        Payload::from_bytes(bytes)
    }

    /// Writes the value through a joiner. Types of fixed width override this to use the joiner's buffer.
    #[doc(hidden)]
    #[inline]
    fn __join_payload(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.write(|sink| self.encode_payload(sink));
    }

    /// Checks the types of a derived type's fields at compile time.
    #[doc(hidden)]
    #[inline]
    fn __check_payload_fields() {}

    /// Writes adjacent elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encode_payload_elements(elements: &[Self], sink: &mut Sink<'_>)
    where
        Self: Sized,
    {
        for element in elements {
            element.encode_payload(sink);
        }
    }

    /// Returns the encoded length of adjacent elements. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encoded_payload_elements_len(elements: &[Self]) -> usize
    where
        Self: Sized,
    {
        elements.iter().map(PayloadEncode::encoded_payload_len).sum()
    }
}

/// A type whose values can be decoded from payloads. They may borrow from the payload's bytes for `'de`.
///
/// ```
/// use persist_core::{PayloadDecode, payload};
///
/// let stored = payload!("hi", true);
/// assert_eq!(<(String, bool)>::from_payload_bytes(stored.as_bytes())?, ("hi".into(), true));
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a payload",
    label = "not a decodable payload type",
    note = "derive it: `#[derive(PayloadDecode)]`",
    note = "a type such as `T::Id` gets its bounds by `#[payload(decode_bound = \"T::Id: for<'a> PayloadDecode<'a>\")]`"
)]
pub trait PayloadDecode<'de>: Sized {
    /// Decodes one value and advances `source` past it.
    ///
    /// # Errors
    ///
    /// If the bytes differ from the bytes that [`PayloadEncode`] would have written.
    fn decode_payload(source: &mut Source<'de>) -> Result<Self, DecodeError>;

    /// Decodes all of `bytes`.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one value, or if bytes follow it.
    #[inline]
    fn from_payload_bytes(bytes: &'de [u8]) -> Result<Self, DecodeError> {
        let mut source = Source::new(bytes);
        let value = Self::decode_payload(&mut source)?;
        source.finish()?;
        Ok(value)
    }

    /// Decodes one value at the beginning of `bytes`, and returns it with the remaining bytes.
    ///
    /// ```
    /// use persist_core::PayloadDecode;
    ///
    /// assert_eq!(<&str>::from_payload_prefix(b"\0\x02hi!!")?, ("hi", &b"!!"[..]));
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `bytes` don't begin with the encoding of a value.
    fn from_payload_prefix(bytes: &'de [u8]) -> Result<(Self, &'de [u8]), DecodeError> {
        let mut source = Source::new(bytes);
        let value = Self::decode_payload(&mut source)?;
        Ok((value, source.unread()))
    }

    /// Decodes `count` elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_payload_elements(
        source: &mut Source<'de>,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        source.elements(count, Self::decode_payload)
    }

    /// Decodes the elements of an array. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_payload_array<const N: usize>(
        source: &mut Source<'de>,
    ) -> Result<[Self; N], DecodeError> {
        let at = source.offset();
        let elements = Self::__decode_payload_elements(source, N)?;
        into_array(elements, at)
    }
}
