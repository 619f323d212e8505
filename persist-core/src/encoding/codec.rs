//! Ways to write a value other than its own: what field attributes name.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::marker::PhantomData;

use super::descriptor::opaque_name_of;
use super::{
    DecodeError, Describer, Descriptor, KeyDecode, KeyEncode, SelfDelimiting, Sink, Source,
};

/// A way to write a `T` that isn't its own: what `#[key(with = "Type")]` and
/// `#[payload(with = "Type")]` name.
///
/// The order of keys is that of the bytes it writes. It owes what a key type does (`sort_order_tests!` of the feature
/// `proptest` checks it for a type with such a field):
///
/// - Values that aren't equal have different bytes. If two had the same, one row would overwrite the other's, and
///   a set of both could be written but not be read.
/// - [`decode`](DecodeWith::decode) reads back what was written, and refuses all else.
///
/// ```
/// use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
/// use persist_core::DecodeError;
/// use persist_core::{KeyDecode, KeyEncode, key};
///
/// /// A number in its own four bytes, and not in eight.
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
    message = "`{Self}` is no way to write a `{T}`",
    label = "implements no `EncodeWith<{T}>`",
    note = "a type named by `with` implements `EncodeWith` and `DecodeWith` for the field's type"
)]
pub trait EncodeWith<T: ?Sized> {
    /// Whether nothing is written for any value: see [`KeyEncode::IS_EMPTY`].
    const IS_EMPTY: bool = false;

    /// Appends the value's bytes to `sink`. It can't fail.
    fn encode(value: &T, sink: &mut Sink<'_>);

    /// How many bytes [`encode`](Self::encode) appends, exactly. By default they are written and counted.
    fn encoded_len(value: &T) -> usize {
        bytes_of::<Self, T>(value).len()
    }

    /// The order of the bytes. By default they are written and compared.
    fn cmp(left: &T, right: &T) -> Ordering {
        bytes_of::<Self, T>(left).cmp(&bytes_of::<Self, T>(right))
    }

    /// The shape of what is written. By default it is opaque, by the name of the implementing type: see
    /// [`Descriptor::Opaque`].
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

/// The way back from what an [`EncodeWith`] has written.
///
/// ```
/// use persist_core::codec::{DecodeWith, EncodeWith, Sink, Source};
/// use persist_core::{DecodeError, KeyDecode, KeyEncode};
///
/// /// A number in one byte, or behind an `FF` in eight.
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
///             // It would have been written in one byte, and a row has one key only.
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
    message = "`{Self}` is no way to read a `{T}`",
    label = "implements no `DecodeWith<'_, {T}>`",
    note = "a type named by `with` implements `EncodeWith` and `DecodeWith` for the field's type"
)]
pub trait DecodeWith<'de, T> {
    /// Takes one value from the front of `source`.
    ///
    /// # Errors
    ///
    /// If the bytes are not what [`EncodeWith`] would have written.
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError>;
}

/// An [`EncodeWith`] none of whose bytes for one value begin those for another, so that something may
/// follow.
///
/// ```
/// use persist_core::codec::{EncodeWith, SelfDelimitingWith, Sink};
/// use persist_core::{KeyEncode, Lex, key};
///
/// /// A domain from its last label on, so that those of one organisation sort together.
/// struct Labels;
///
/// impl EncodeWith<String> for Labels {
///     fn encode(value: &String, sink: &mut Sink<'_>) {
///         let labels: Vec<_> = value.rsplit('.').collect();
///         Lex(labels.join(".")).encode_key(sink);
///     }
/// }
/// impl SelfDelimitingWith<String> for Labels {} // `Lex` does
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
    message = "what `{Self}` writes for a `{T}` does not delimit itself: nothing may follow it",
    label = "does not delimit itself",
    note = "if no value's bytes begin another's, say so: `impl SelfDelimitingWith<{T}> for {Self} {{}}`",
    note = "otherwise it may be the last field, marked `tail`"
)]
pub trait SelfDelimitingWith<T: ?Sized>: EncodeWith<T> {}

/// A key type's own way.
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

/// Another way with all bits flipped: what `desc` names. Only bytes that delimit themselves can be
/// flipped, since a shorter key comes first whatever its bits.
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
