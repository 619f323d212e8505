//! What a key type is: `KeyEncode` and `KeyDecode`. What they promise is in `docs/encoding.md`.

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

/// A value that can be written into a key, so that bytes sort as the values do.
///
/// Derive it for domain types. These have it:
///
/// | | |
/// |---|---|
/// | Text | `str`, `String` |
/// | Bytes and sequences | slices, arrays, `Vec`, `VecDeque`, and `Bytes` with the feature `bytes` |
/// | Sets and maps | `BTreeSet`, `BTreeMap`, `HashSet`, `HashMap` |
/// | Numbers | all integers and floats, `NonZero`, `Wrapping`, `Saturating`, [`Total`](crate::encoding::Total) |
/// | Single values | `bool`, `char`, `()`, `PhantomData`, and `Uuid` with the feature `uuid` |
/// | Times | `Duration`, `SystemTime`; with the feature `jiff` `Timestamp` and `Date`, with `chrono` `DateTime<Utc>` and `NaiveDate` |
/// | Addresses | `IpAddr`, `SocketAddr`, and those of one version |
/// | Others together | `Option`, `Result`, tuples of up to 12 |
/// | Others of the standard library | `cmp::Ordering`, `Infallible` |
/// | Keys as they are | [`Key`], [`KeyRef`](crate::encoding::KeyRef) |
/// | In another order or form | [`Lex`](crate::encoding::Lex), `Reverse`, [`Shortlex`](crate::encoding::Shortlex), [`Fixed`](crate::encoding::Fixed) |
/// | By what they point to | `&`, `Box`, `Rc`, `Arc`, `Cow` |
///
/// Ranges and `Bound` are payload types only. By their bytes, ranges sort by their starts, which is seldom the order that a
/// query wants, and a range of values would be taken for one key where a range of keys is meant. Make the two ends parts of
/// the key. Paths are neither keys nor payloads, since their bytes differ between systems: use `path.to_str()`.
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
/// # Implementing it by hand
///
/// `encode_key` writes exactly `encoded_key_len` bytes, and [`key_cmp`](Self::key_cmp) is the order
/// of those bytes. Mark the type [`SelfDelimiting`](crate::encoding::SelfDelimiting) if no value's bytes begin another value's.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written into a key",
    label = "not a key type",
    note = "derive it: `#[derive(KeyEncode)]`",
    note = "the docs of `KeyEncode` list the types that have it; ranges and paths are no keys: write their ends, or their text",
    note = "a type such as `T::Id` gets its bounds by `#[key(bound = \"T::Id: KeyEncode + SelfDelimiting\")]`"
)]
pub trait KeyEncode {
    /// Whether no value has any bytes, as of `()` or a struct without fields.
    ///
    /// The elements of sequences and sets and the keys of maps must have bytes, since a decoder believes no count of
    /// elements without any. Code that encodes a sequence of such elements doesn't compile: `cargo build` reports it, and
    /// `cargo check` doesn't. Store their number instead.
    ///
    /// A derive computes it from the fields. An implementation by hand of a type without bytes has to set it.
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

    /// Appends the value's bytes to `sink`. It can't fail.
    fn encode_key(&self, sink: &mut Sink<'_>);

    /// How many bytes [`encode_key`](Self::encode_key) appends, exactly.
    fn encoded_key_len(&self) -> usize;

    /// The order of the encoded bytes, without encoding.
    ///
    /// It isn't always `Ord`'s: text and sequences sort by length first.
    ///
    /// ```
    /// use core::cmp::Ordering;
    /// use persist_core::KeyEncode;
    ///
    /// assert_eq!("b".key_cmp("aa"), Ordering::Less);
    /// assert_eq!("b".cmp("aa"), Ordering::Greater);
    /// ```
    fn key_cmp(&self, other: &Self) -> Ordering;

    /// The shape of the type, for a program that doesn't have it.
    ///
    /// ```
    /// use persist_core::KeyEncode;
    ///
    /// assert_eq!(<(String, Option<i64>)>::key_descriptor().to_string(), "(str, opt(i64))");
    /// ```
    fn key_descriptor() -> Descriptor {
        Self::describe_key(&mut Describer::new())
    }

    /// The shape of the type as a part of the types that `describer` knows to be around it.
    ///
    /// By default it is opaque, by the name of the type: see [`Descriptor::Opaque`].
    fn describe_key(describer: &mut Describer) -> Descriptor {
        let _ = describer;
        Descriptor::Opaque(opaque_name_of::<Self>())
    }

    /// The value as a key of its own.
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

    /// Writes the value behind what is gathered. What has a fixed width is gathered too.
    #[doc(hidden)]
    #[inline]
    fn __join_key(&self, joiner: &mut Joiner<'_, '_>) {
        joiner.write(|sink| self.encode_key(sink));
    }

    /// Checks the types of a derived type's fields at compile time.
    #[doc(hidden)]
    #[inline]
    fn __check_key_fields() {}

    /// Writes neighbouring elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encode_key_elements(elements: &[Self], sink: &mut Sink<'_>)
    where
        Self: Sized,
    {
        for element in elements {
            element.encode_key(sink);
        }
    }

    /// The length of neighbouring elements. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __encoded_key_elements_len(elements: &[Self]) -> usize
    where
        Self: Sized,
    {
        elements.iter().map(KeyEncode::encoded_key_len).sum()
    }

    /// The order of neighbouring elements: that of the first two that differ, or else fewer first. Only
    /// `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __cmp_key_elements(left: &[Self], right: &[Self]) -> Ordering
    where
        Self: Sized,
    {
        entry_by_entry(left.iter(), right.iter(), KeyEncode::key_cmp)
            .then(left.len().cmp(&right.len()))
    }

    /// Writes elements of a `Lex` sequence. Only `u8` overrides it, since bytes are escaped.
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

    /// The length of elements of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __encoded_lex_elements_len(elements: &[Self]) -> usize
    where
        Self: Sized,
    {
        elements.len() + Self::__encoded_key_elements_len(elements)
    }

    /// The end of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __lex_end() -> &'static [u8]
    where
        Self: Sized,
    {
        &[0]
    }

    /// The shape of a `Lex` sequence. Only `u8` overrides it.
    #[doc(hidden)]
    fn __describe_lex_elements(describer: &mut Describer) -> Descriptor
    where
        Self: Sized,
    {
        let elements = Descriptor::Seq(Self::describe_key(describer).into());
        Descriptor::Lex(elements.into())
    }
}

/// A value that can be read back from a key, borrowing from its bytes for `'de`.
///
/// Decoding is strict: see [`DecodeError`]. What can be encoded can be decoded, but for slices other than `&[u8]`, `Cow`s
/// other than `Cow<str>` and `Cow<[u8]>`, and references to anything but text and bytes: decode what owns its elements.
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
    /// Takes one value from the front of `source`.
    ///
    /// # Errors
    ///
    /// If the bytes are not what [`KeyEncode`] would have written.
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError>;

    /// Decodes all of `bytes`.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one value, or go on behind it.
    #[inline]
    fn from_key_bytes(bytes: &'de [u8]) -> Result<Self, DecodeError> {
        let mut source = Source::new(bytes);
        let value = Self::decode_key(&mut source)?;
        source.finish()?;
        Ok(value)
    }

    /// Decodes one value from the front of `bytes`; gives it and the rest.
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

    /// Reads `count` elements of a sequence. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_key_elements(
        source: &mut Source<'de>,
        count: usize,
    ) -> Result<Vec<Self>, DecodeError> {
        source.elements(count, Self::decode_key)
    }

    /// Reads the elements of an array. Only `u8` overrides it, for speed.
    #[doc(hidden)]
    fn __decode_key_array<const N: usize>(
        source: &mut Source<'de>,
    ) -> Result<[Self; N], DecodeError> {
        let at = source.offset();
        let elements = Self::__decode_key_elements(source, N)?;
        into_array(elements, at)
    }

    /// Reads the elements of a `Lex` sequence and its end. Only `u8` overrides it.
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

/// Whether another element of a sequence comes.
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
