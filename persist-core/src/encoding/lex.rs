//! `Lex<T>`: text, bytes and sequences in the order of `Ord`.

mod decode;
mod encode;
mod escape;
mod ordered;
mod zeros;

use core::cmp::Ordering;

use super::{
    DecodeError, DecodeWith, Describer, Descriptor, EncodeWith, Key, KeyDecode, KeyEncode,
    OrderPreserving, SelfDelimiting, SelfDelimitingWith, Sink, Source, StoreKey,
};
pub(super) use decode::lex_goes_on;
#[cfg(feature = "bytes")]
pub(super) use decode::read_as;
#[cfg(feature = "bytes")]
pub(super) use encode::written_as;
pub(super) use escape::{decode_escaped, encode_escaped, escaped_len};
pub use ordered::LexOrdered;

/// Text, bytes or a sequence in the order of its `Ord`: "a" before "aa" before "b".
///
/// By default the length comes first, and with it shorter values. Here zeros are escaped (`00` is
/// written `00 FF`) and `00 01` ends text and bytes; each element of a sequence has `01` in front, and
/// `00` ends it. The attribute `lex` does so for a field.
///
/// ```
/// use persist_core::{KeyEncode, Lex};
///
/// assert!(Lex("aa").to_key() < Lex("b").to_key());
/// assert!("aa".to_key() > "b".to_key());
/// assert_eq!(Lex("a\0").to_key().as_bytes(), [b'a', 0, 0xFF, 0, 1]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lex<T>(pub T);

impl<T: LexEncode> Lex<T> {
    /// What every `Lex` value that begins with `beginning` begins with: for prefix scans that mean
    /// "starts with".
    ///
    /// Only here is there such a thing: by default the length comes first.
    ///
    /// ```
    /// use persist_core::{KeyEncode, Lex, key};
    ///
    /// let channels = key!(7u64, Lex::prefix("chan"));
    /// let key = (7u64, Lex("channel-42")).to_key();
    /// assert!(key.as_bytes().starts_with(channels.as_bytes()));
    /// assert!(channels.prefix_range().contains(&key));
    /// ```
    pub fn prefix(beginning: T) -> Key {
        let mut key = Key::new();
        beginning.encode_lex_beginning(&mut Sink::key(&mut key));
        key
    }
}

impl<T> From<T> for Lex<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// What [`Lex`] and the attribute `lex` can write: text, bytes, sequences, and options of and pointers
/// to such.
///
/// ```
/// use persist_core::codec::LexEncode;
/// use persist_core::{Key, KeyEncode, Lex};
///
/// /// All that begin with it.
/// fn beginning<T: LexEncode>(text: T) -> Key {
///     Lex::prefix(text)
/// }
///
/// let key = Lex("channel").to_key();
/// assert!(beginning("chan").prefix_range().contains(&key));
/// assert!(beginning(b"chan".as_slice()).prefix_range().contains(&key));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither text nor bytes nor a sequence",
    label = "has no `Lex` form",
    note = "`Lex` and the attribute `lex` are for text, bytes and sequences, also within `Option`, `Box`, `&` and `Cow`; leave them out elsewhere"
)]
pub trait LexEncode {
    /// Appends the value and its end.
    fn encode_lex(&self, sink: &mut Sink<'_>);

    /// Appends what all values that begin with this one begin with: the value without its end.
    fn encode_lex_beginning(&self, sink: &mut Sink<'_>);

    /// How many bytes [`encode_lex`](Self::encode_lex) appends.
    fn encoded_lex_len(&self) -> usize;

    /// The order of the bytes.
    fn lex_cmp(&self, other: &Self) -> Ordering;

    /// The shape.
    fn describe_lex(describer: &mut Describer) -> Descriptor;
}

/// What [`Lex`] can read back. Text is borrowed as `Cow`, since its zeros are escaped.
///
/// ```
/// use std::borrow::Cow;
/// use persist_core::{KeyDecode, KeyEncode, Lex};
///
/// let key = Lex("general").to_key();
/// let Lex(text) = key.decode::<Lex<Cow<'_, str>>>()?;
/// assert!(matches!(text, Cow::Borrowed("general")));
/// assert_eq!(Lex("a\0").to_key().decode::<Lex<String>>()?.0, "a\0");
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from its `Lex` form",
    label = "not decodable from `Lex`",
    note = "`Lex` and the attribute `lex` are for text, bytes and sequences; these are borrowed as `Cow`, since zeros are escaped"
)]
pub trait LexDecode<'de>: Sized {
    /// Takes one value and its end from the front of `source`.
    ///
    /// # Errors
    ///
    /// If the bytes are not what [`LexEncode`] would have written.
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError>;
}

/// What `lex` names.
#[derive(Debug)]
pub struct Lexed;

impl<T: LexEncode + ?Sized> EncodeWith<T> for Lexed {
    #[inline]
    fn encode(value: &T, sink: &mut Sink<'_>) {
        value.encode_lex(sink);
    }

    #[inline]
    fn encoded_len(value: &T) -> usize {
        value.encoded_lex_len()
    }

    #[inline]
    fn cmp(left: &T, right: &T) -> Ordering {
        left.lex_cmp(right)
    }

    fn describe(describer: &mut Describer) -> Descriptor {
        T::describe_lex(describer)
    }
}

impl<'de, T: LexDecode<'de>> DecodeWith<'de, T> for Lexed {
    #[inline]
    fn decode(source: &mut Source<'de>) -> Result<T, DecodeError> {
        T::decode_lex(source)
    }
}

impl<T: LexEncode + ?Sized> SelfDelimitingWith<T> for Lexed {}

impl<T: LexEncode> KeyEncode for Lex<T> {
    #[inline]
    fn encode_key(&self, sink: &mut Sink<'_>) {
        self.0.encode_lex(sink);
    }

    #[inline]
    fn encoded_key_len(&self) -> usize {
        self.0.encoded_lex_len()
    }

    #[inline]
    fn key_cmp(&self, other: &Self) -> Ordering {
        self.0.lex_cmp(&other.0)
    }

    fn describe_key(describer: &mut Describer) -> Descriptor {
        T::describe_lex(describer)
    }
}

impl<'de, T: LexDecode<'de>> KeyDecode<'de> for Lex<T> {
    #[inline]
    fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        T::decode_lex(source).map(Self)
    }
}

impl<T: LexEncode> SelfDelimiting for Lex<T> {}
impl<T: LexEncode> StoreKey for Lex<T> {}
impl<T: LexOrdered> OrderPreserving for Lex<T> {}
