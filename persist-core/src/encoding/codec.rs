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
/// The order of keys is that of the bytes it writes.
///
/// ```
/// use persist_core::{DecodeError, DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
/// use persist_core::{KeyDecode, KeyEncode, key};
///
/// /// A percentage, in one byte.
/// struct Percent;
///
/// impl EncodeWith<f64> for Percent {
///     fn encode(value: &f64, sink: &mut Sink<'_>) {
///         sink.write(&[(value * 100.0) as u8]);
///     }
/// }
/// impl DecodeWith<'_, f64> for Percent {
///     fn decode(source: &mut Source<'_>) -> Result<f64, DecodeError> {
///         Ok(f64::from(u8::decode_key(source)?) / 100.0)
///     }
/// }
/// impl SelfDelimitingWith<f64> for Percent {} // always one byte
///
/// #[derive(KeyEncode, KeyDecode)]
/// struct Charge {
///     #[key(with = "Percent")]
///     level: f64,
///     battery: u64,
/// }
/// assert_eq!(Charge { level: 0.5, battery: 7 }.to_key(), key!(50u8, 7u64));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no way to write a `{T}`",
    label = "implements no `EncodeWith<{T}>`",
    note = "a type named by `with` implements `EncodeWith` and `DecodeWith` for the field's type"
)]
pub trait EncodeWith<T: ?Sized> {
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
/// use persist_core::{DecodeError, DecodeWith, EncodeWith, KeyDecode, KeyEncode, Sink, Source};
///
/// /// Text without regard to the case of its letters.
/// struct Folded;
///
/// impl EncodeWith<String> for Folded {
///     fn encode(value: &String, sink: &mut Sink<'_>) {
///         value.to_lowercase().encode_key(sink);
///     }
/// }
/// impl DecodeWith<'_, String> for Folded {
///     fn decode(source: &mut Source<'_>) -> Result<String, DecodeError> {
///         String::decode_key(source)
///     }
/// }
///
/// let key = "general".to_key();
/// assert_eq!(Folded::decode(&mut Source::new(key.as_bytes()))?, "general");
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
/// use persist_core::{EncodeWith, KeyEncode, SelfDelimitingWith, Sink};
///
/// /// Text as it is, up to a zero, which it must not have.
/// struct UpToZero;
///
/// impl EncodeWith<String> for UpToZero {
///     fn encode(value: &String, sink: &mut Sink<'_>) {
///         sink.write(value.replace('\0', "").as_bytes());
///         sink.write(&[0]);
///     }
/// }
/// impl SelfDelimitingWith<String> for UpToZero {} // no text's bytes begin another's
///
/// #[derive(KeyEncode)]
/// struct Path {
///     #[key(with = "UpToZero")]
///     folder: String,
///     number: u64,
/// }
/// let path = Path { folder: "a".into(), number: 1 };
/// assert_eq!(path.to_key().as_bytes(), b"a\0\0\0\0\0\0\0\0\x01");
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
