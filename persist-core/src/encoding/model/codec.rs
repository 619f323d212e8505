//! Codecs: types that encode values of other types. Field attributes name them.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;

use super::key_traits::{KeyDecode, KeyEncode};
use super::markers::SelfDelimiting;
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::opaque_name::opaque_name_of;
use crate::encoding::descriptor::shape::Descriptor;

/// A codec, which encodes values of another type `T`. `#[key(with = "Type")]` and `#[payload(with = "Type")]` name it.
///
/// Keys sort by the bytes that the codec writes. A codec must obey the same rules as a key type. The macro `sort_order_tests!`
/// of the feature `proptest` checks them for a type with such a field. The rules are:
///
/// - Unequal values have different bytes. If two values had the same bytes, the row of one would overwrite the row of the
///   other, and a set of both could be encoded but not decoded.
/// - [`decode`](DecodeWith::decode) returns the encoded value, and rejects all other bytes.
///
/// ```
/// use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
/// use persist_core::DecodeError;
/// use persist_core::{KeyDecode, KeyEncode, key};
///
/// /// Encodes a `u32` in four bytes instead of eight.
/// struct Narrow;
///
/// impl EncodeWith<u32> for Narrow {
///     fn encode(value: &u32, sink: &mut Sink<'_>) {
///         sink.write(&value.to_be_bytes());
///     }
/// }
/// impl DecodeWith<'_, u32> for Narrow {
///     fn decode(source: &mut Source<'_>) -> Result<u32, DecodeError> {
///         Ok(u32::from_be_bytes(source.array("a number in four bytes")?))
///     }
/// }
/// impl SelfDelimitingWith<u32> for Narrow {} // always four bytes
///
/// #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
/// struct Charge {
///     #[key(with = "Narrow")]
///     level: u32,
///     battery: u64,
/// }
/// let charge = Charge { level: 50, battery: 7 };
/// let key = charge.to_key();
/// assert_eq!(key, key!(0u8, 0u8, 0u8, 50u8, 7u64));
/// assert_eq!(key.decode::<Charge>()?, charge);
/// # Ok::<(), DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't encode a `{T}`",
    label = "doesn't implement `EncodeWith<{T}>`",
    note = "a type named by `with` implements `EncodeWith` and `DecodeWith` for the field's type"
)]
pub trait EncodeWith<T: ?Sized> {
    /// Whether the encoding of every value is empty; see [`KeyEncode::IS_EMPTY`].
    const IS_EMPTY: bool = false;

    /// Appends the value's bytes to `sink`. This can't fail.
    fn encode(value: &T, sink: &mut Sink<'_>);

    /// Returns the exact number of bytes that [`encode`](Self::encode) appends. The default encodes the value and counts.
    fn encoded_len(value: &T) -> usize {
        bytes_of::<Self, T>(value).len()
    }

    /// Compares two values as their encoded bytes compare. The default encodes both.
    fn cmp(left: &T, right: &T) -> Ordering {
        bytes_of::<Self, T>(left).cmp(&bytes_of::<Self, T>(right))
    }

    /// Returns the shape of the encoded bytes. By default it is [`Descriptor::Opaque`] with the codec's name.
    fn describe(describer: &mut Describer) -> Descriptor {
        let _ = describer;
        Descriptor::Opaque(opaque_name_of::<Self>())
    }
}

fn bytes_of<C: EncodeWith<T> + ?Sized, T: ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    C::encode(value, &mut Sink::new(&mut bytes));
    bytes
}

/// The decoding side of a codec; see [`EncodeWith`].
///
/// ```
/// use persist_core::codec::{DecodeWith, EncodeWith, Sink, Source};
/// use persist_core::{DecodeError, KeyDecode, KeyEncode};
///
/// /// Encodes a number in one byte, or as `FF` and eight bytes.
/// struct Short;
///
/// impl EncodeWith<u64> for Short {
///     fn encode(value: &u64, sink: &mut Sink<'_>) {
///         match u8::try_from(*value) {
///             Ok(short @ ..0xFF) => sink.write(&[short]),
///             _ => (0xFFu8, *value).encode_key(sink),
///         }
///     }
/// }
/// impl DecodeWith<'_, u64> for Short {
///     fn decode(source: &mut Source<'_>) -> Result<u64, DecodeError> {
///         match u8::decode_key(source)? {
///             0xFF => {}
///             short => return Ok(short.into()),
///         }
///         let at = source.offset();
///         match u64::decode_key(source)? {
///             // `Short` writes this number in one byte. Accepting both forms would give one value two keys.
///             short @ ..0xFF => Err(DecodeError::new("a number from 255", short.to_string(), at)),
///             long => Ok(long),
///         }
///     }
/// }
///
/// assert_eq!(Short::decode(&mut Source::new(&[7]))?, 7);
/// assert_eq!(Short::decode(&mut Source::new(&[0xFF, 0, 0, 0, 0, 0, 0, 1, 0]))?, 256);
/// let error = Short::decode(&mut Source::new(&[0xFF, 0, 0, 0, 0, 0, 0, 0, 7])).unwrap_err();
/// assert_eq!(error.to_string(), "expected a number from 255 but found 7 at byte 1");
/// # Ok::<(), DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't decode a `{T}`",
    label = "doesn't implement `DecodeWith<'_, {T}>`",
    note = "a type named by `with` implements `EncodeWith` and `DecodeWith` for the field's type"
)]
pub trait DecodeWith<'de, T> {
    /// Decodes one value and advances `source` past it.
    ///
    /// # Errors
    ///
    /// If the bytes differ from the bytes that [`EncodeWith`] would have written.
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError>;
}

/// A codec whose bytes for one value are never a prefix of its bytes for another, so other parts may follow them.
///
/// ```
/// use persist_core::codec::{EncodeWith, SelfDelimitingWith, Sink};
/// use persist_core::{KeyEncode, Lex, key};
///
/// /// Encodes the labels of a domain from last to first, so that the domains of an organization sort together.
/// struct Labels;
///
/// impl EncodeWith<String> for Labels {
///     fn encode(value: &String, sink: &mut Sink<'_>) {
///         let labels: Vec<_> = value.rsplit('.').collect();
///         Lex(labels.join(".")).encode_key(sink);
///     }
/// }
/// impl SelfDelimitingWith<String> for Labels {} // `Lex` delimits itself
///
/// #[derive(KeyEncode)]
/// struct Visit {
///     #[key(with = "Labels")]
///     domain: String,
///     epoch: i64,
/// }
/// let visit = Visit { domain: "docs.example.org".into(), epoch: 7 };
/// assert_eq!(visit.to_key(), key!(Lex("org.example.docs"), 7i64));
/// ```
#[diagnostic::on_unimplemented(
    message = "the encoding of a `{T}` by `{Self}` does not delimit itself: nothing may follow it",
    label = "does not delimit itself",
    note = "if no value's bytes are a prefix of another's, add `impl SelfDelimitingWith<{T}> for {Self} {{}}`",
    note = "otherwise it may be the last field, marked `tail`"
)]
pub trait SelfDelimitingWith<T: ?Sized>: EncodeWith<T> {}

/// The codec that encodes a key type by its own traits.
#[derive(Debug)]
pub struct Plain;

impl<T: KeyEncode + ?Sized> EncodeWith<T> for Plain {
    const IS_EMPTY: bool = T::IS_EMPTY;

    #[inline]
    fn encode(value: &T, sink: &mut Sink<'_>) {
        value.encode_key(sink);
    }

    #[inline]
    fn encoded_len(value: &T) -> usize {
        value.encoded_key_len()
    }

    #[inline]
    fn cmp(left: &T, right: &T) -> Ordering {
        left.key_cmp(right)
    }

    fn describe(describer: &mut Describer) -> Descriptor {
        T::describe_key(describer)
    }
}

impl<'de, T: KeyDecode<'de>> DecodeWith<'de, T> for Plain {
    #[inline]
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError> {
        T::decode_key(source)
    }
}

impl<T: SelfDelimiting + ?Sized> SelfDelimitingWith<T> for Plain {}

/// The codec of the attribute `desc`, which flips all bits of the codec `C`.
///
/// `C` must delimit itself: of two keys of which one is a prefix of the other, the shorter sorts first even when flipped.
#[derive(Debug)]
pub struct Descending<C>(PhantomData<C>);

impl<T: ?Sized, C: SelfDelimitingWith<T>> EncodeWith<T> for Descending<C> {
    const IS_EMPTY: bool = C::IS_EMPTY;

    #[inline]
    fn encode(value: &T, sink: &mut Sink<'_>) {
        let mark = sink.mark();
        C::encode(value, sink);
        for byte in sink.since(mark) {
            *byte = !*byte;
        }
    }

    #[inline]
    fn encoded_len(value: &T) -> usize {
        C::encoded_len(value)
    }

    #[inline]
    fn cmp(left: &T, right: &T) -> Ordering {
        C::cmp(right, left)
    }

    fn describe(describer: &mut Describer) -> Descriptor {
        Descriptor::Desc(C::describe(describer).into())
    }
}

impl<'de, T, C: DecodeWith<'de, T>> DecodeWith<'de, T> for Descending<C> {
    #[inline]
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError> {
        source.flipped(C::decode)
    }
}

impl<T: ?Sized, C: SelfDelimitingWith<T>> SelfDelimitingWith<T> for Descending<C> {}
