//! The traits of key types, `KeyEncode` and `KeyDecode`. `guide/encoding.md` states their guarantees.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::key::Key;
use crate::encoding::base::counted::{entry_by_entry, into_array};
use crate::encoding::base::error::DecodeError;
use crate::encoding::base::joiner::Joiner;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::opaque_name::opaque_name_of;
use crate::encoding::descriptor::shape::Descriptor;

/// A type whose values can be encoded as keys, in bytes that sort as the values do.
///
/// Derive it for domain types. These types implement it:
///
/// | | |
/// |---|---|
/// | Text | `str`, `String` |
/// | Bytes and sequences | slices, arrays, `Vec`, `VecDeque`, and `Bytes` with the feature `bytes` |
/// | Sets and maps | `BTreeSet`, `BTreeMap`, `HashSet`, `HashMap` |
/// | Numbers | all integers and floats, `NonZero`, `Wrapping`, `Saturating`, [`Total`](crate::encoding::Total) |
/// | Single values | `bool`, `char`, `()`, `PhantomData`, and `Uuid` with the feature `uuid` |
/// | Times | `Duration`, `SystemTime`; with the feature `jiff` `Timestamp` and `Date`, with `chrono` `DateTime<Utc>` and `NaiveDate` |
/// | Addresses | `IpAddr`, `SocketAddr`, and the types for one version, such as `Ipv4Addr` |
/// | Compound types | `Option`, `Result`, tuples of up to 12 fields |
/// | Other types of the standard library | `cmp::Ordering`, `Infallible` |
/// | Raw keys | [`Key`], [`KeyRef`](crate::encoding::KeyRef) |
/// | Wrappers with another order or form | [`Lex`](crate::encoding::Lex), `Reverse`, [`Shortlex`](crate::encoding::Shortlex), [`Fixed`](crate::encoding::Fixed) |
/// | Pointers, encoded as their targets | `&`, `Box`, `Rc`, `Arc`, `Cow` |
///
/// Ranges and `Bound` are payload types only. As keys, ranges would sort by their starts, which is seldom the order that a
/// query needs, and a range of values could be mistaken for one key in a call that takes a range of keys. Make the two ends
/// parts of the key instead. Paths are neither keys nor payloads, since their bytes differ between systems. Use
/// `path.to_str()`.
///
/// ```
/// use persist_core::{KeyEncode, key};
///
/// #[derive(KeyEncode)]
/// struct Sample { channel: String, epoch: i64 }
///
/// let sample = Sample { channel: "general".into(), epoch: -1 };
/// assert_eq!(sample.to_key(), key!("general", -1i64));
/// ```
///
/// # Manual implementations
///
/// `encode_key` must write exactly `encoded_key_len` bytes, and [`key_cmp`](Self::key_cmp) must compare as those bytes do. If
/// no value's bytes are a prefix of another value's bytes, implement [`SelfDelimiting`](crate::encoding::SelfDelimiting) too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written into a key",
    label = "not a key type",
    note = "derive it: `#[derive(KeyEncode)]`",
    note = "the docs of `KeyEncode` list the types that have it; ranges and paths are not keys: use their ends, or their text",
    note = "a type such as `T::Id` gets its bounds by `#[key(bound = \"T::Id: KeyEncode + SelfDelimiting\")]`"
)]
pub trait KeyEncode {
    /// Whether the encoding of every value is empty, as for `()` or a struct without fields.
    ///
    /// The elements of sequences and sets and the keys of maps must have bytes, since a decoder can't verify a count of
    /// elements without bytes. Code that encodes a sequence of such elements doesn't compile; `cargo build` reports it, but
    /// `cargo check` doesn't. Store the number of elements instead.
    ///
    /// Derives compute the constant from the fields. A manual implementation must set it if no value has any bytes.
    ///
    /// ```compile_fail
    /// use persist_core::KeyEncode;
    ///
    /// #[derive(KeyEncode)]
    /// struct Marker;
    ///
    /// vec![Marker, Marker].to_key();
    /// ```
    ///
    /// ```
    /// use persist_core::KeyEncode;
    ///
    /// #[derive(KeyEncode)]
    /// struct Markers { count: u64 }
    ///
    /// assert!(!Markers::IS_EMPTY && <()>::IS_EMPTY);
    /// assert_eq!(vec![Markers { count: 2 }].to_key().len(), 2 + 8);
    /// ```
    const IS_EMPTY: bool = false;

    /// Appends the value's bytes to `sink`. This can't fail.
    fn encode_key(&self, sink: &mut Sink<'_>);

    /// Returns the exact number of bytes that [`encode_key`](Self::encode_key) appends.
    fn encoded_key_len(&self) -> usize;

    /// Compares two values as their encoded bytes compare, without encoding them.
    ///
    /// The result can differ from `Ord`: text and sequences sort by length first.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use persist_core::KeyEncode;
    ///
    /// assert_eq!("b".key_cmp("aa"), Ordering::Less);
    /// assert_eq!("b".cmp("aa"), Ordering::Greater);
    /// ```
    fn key_cmp(&self, other: &Self) -> Ordering;

    /// Returns the shape of the type, for programs that don't have the type.
    ///
    /// ```
    /// use persist_core::KeyEncode;
    ///
    /// assert_eq!(<(String, Option<i64>)>::key_descriptor().to_string(), "(str, opt(i64))");
    /// ```
    fn key_descriptor() -> Descriptor {
        Self::describe_key(&mut Describer::new())
    }

    /// Returns the shape of the type as a part of the types that enclose it, which `describer` knows.
    ///
    /// By default the shape is [`Descriptor::Opaque`] with the type's name.
    fn describe_key(describer: &mut Describer) -> Descriptor {
        let _ = describer;
        Descriptor::Opaque(opaque_name_of::<Self>())
    }

    /// Encodes the value as a key.
    ///
    /// ```
    /// use persist_core::{KeyEncode, key};
    ///
    /// assert_eq!(7u64.to_key(), key!(7u64));
    /// ```
    #[inline]
    fn to_key(&self) -> Key {
        let mut key = Key::with_capacity(self.encoded_key_len());
        self.encode_key(&mut Sink::key(&mut key));
        key
    }

    /// Writes the value through a joiner. Types of fixed width override this to use the joiner's buffer.
    #[doc(hidden)]
    #[inline]
    fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.write(|sink| self.encode_key(sink));
    }

    /// Checks the types of a derived type's fields at compile time.
    #[doc(hidden)]
    #[inline]
    fn __check_key_fields() {}

    /// Writes adjacent elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encode_key_elements(elements: &[Self], sink: &mut Sink<'_>)
    where
        Self: Sized,
    {
        for element in elements {
            element.encode_key(sink);
        }
    }

    /// Returns the encoded length of adjacent elements. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encoded_key_elements_len(elements: &[Self]) -> usize
    where
        Self: Sized,
    {
        elements.iter().map(KeyEncode::encoded_key_len).sum()
    }

    /// Compares sequences by the first elements that differ, and otherwise by their lengths. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __cmp_key_elements(left: &[Self], right: &[Self]) -> Ordering
    where
        Self: Sized,
    {
        entry_by_entry(left.iter(), right.iter(), KeyEncode::key_cmp)
            .then(left.len().cmp(&right.len()))
    }

    /// Writes the elements of a `Lex` sequence. Only `u8` overrides it, since bytes are escaped.
    #[doc(hidden)]
    fn __encode_lex_elements(elements: &[Self], sink: &mut Sink<'_>)
    where
        Self: Sized,
    {
        for element in elements {
            sink.write(&[1]);
            element.encode_key(sink);
        }
    }

    /// Returns the encoded length of the elements of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __encoded_lex_elements_len(elements: &[Self]) -> usize
    where
        Self: Sized,
    {
        elements.len() + Self::__encoded_key_elements_len(elements)
    }

    /// Returns the terminator of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __lex_end() -> &'static [u8]
    where
        Self: Sized,
    {
        &[0]
    }

    /// Returns the shape of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __describe_lex_elements(describer: &mut Describer) -> Descriptor
    where
        Self: Sized,
    {
        let elements = Descriptor::Seq(Self::describe_key(describer).into());
        Descriptor::Lex(elements.into())
    }
}

/// A type whose values can be decoded from keys. They may borrow from the key's bytes for `'de`.
///
/// Decoding is strict: bytes that [`KeyEncode`] would not have written are a [`DecodeError`]. Every type that can be encoded
/// can also be decoded, except for slices other than `&[u8]`, `Cow`s other than `Cow<str>` and `Cow<[u8]>`, and references to
/// types other than text and bytes. Decode a type that owns its elements instead.
///
/// ```
/// use persist_core::{KeyDecode, key};
///
/// let key = key!("general", 7i64);
/// let (channel, epoch) = <(&str, i64)>::from_key_bytes(key.as_bytes())?;
/// assert_eq!((channel, epoch), ("general", 7));
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from a key",
    label = "not a decodable key type",
    note = "derive it: `#[derive(KeyDecode)]`",
    note = "a type such as `T::Id` gets its bounds by `#[key(decode_bound = \"T::Id: for<'a> KeyDecode<'a>\")]`"
)]
pub trait KeyDecode<'de>: Sized {
    /// Decodes one value and advances `source` past it.
    ///
    /// # Errors
    ///
    /// If the bytes differ from the bytes that [`KeyEncode`] would have written.
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError>;

    /// Decodes all of `bytes`.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one value, or if bytes follow it.
    #[inline]
    fn from_key_bytes(bytes: &'de [u8]) -> Result<Self, DecodeError> {
        let mut source = Source::new(bytes);
        let value = Self::decode_key(&mut source)?;
        source.finish()?;
        Ok(value)
    }

    /// Decodes one value at the beginning of `bytes`, and returns it with the remaining bytes.
    ///
    /// ```
    /// use persist_core::KeyDecode;
    ///
    /// assert_eq!(<&str>::from_key_prefix(b"\0\x02hi!!")?, ("hi", &b"!!"[..]));
    /// # Ok::<(), persist_core::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `bytes` don't begin with the encoding of a value.
    fn from_key_prefix(bytes: &'de [u8]) -> Result<(Self, &'de [u8]), DecodeError> {
        let mut source = Source::new(bytes);
        let value = Self::decode_key(&mut source)?;
        Ok((value, source.unread()))
    }

    /// Decodes `count` elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_key_elements(
        source: &mut Source<'de>,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        source.elements(count, Self::decode_key)
    }

    /// Decodes the elements of an array. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_key_array<const N: usize>(
        source: &mut Source<'de>,
    ) -> Result<[Self; N], DecodeError> {
        let at = source.offset();
        let elements = Self::__decode_key_elements(source, N)?;
        into_array(elements, at)
    }

    /// Decodes the elements of a `Lex` sequence and its terminator. Only `u8` overrides it.
    #[doc(hidden)]
    fn __decode_lex_elements(source: &mut Source<'de>) -> Result<Vec<Self>, DecodeError> {
        let mut elements = Vec::new();
        while lex_goes_on(source)? {
            match Self::decode_key(source) {
                Ok(element) => elements.push(element),
                Err(error) => return Err(error),
            }
        }
        Ok(elements)
    }
}

/// Takes the byte in front of the next element of a `Lex` sequence, or the terminator. Returns whether an element follows.
fn lex_goes_on(source: &mut Source<'_>) -> Result<bool, DecodeError> {
    let at = source.offset();
    match u8::from_be_bytes(source.array("an element of a Lex sequence, or its end")?) {
        0 => Ok(false),
        1 => Ok(true),
        other => {
            let expected = "an element of a Lex sequence, 01, or its end, 00,";
            Err(DecodeError::new(expected, alloc::format!("{other:02x}"), at))
        }
    }
}
