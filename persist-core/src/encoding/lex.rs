//! `Lex<T>`: text, bytes and sequences in the order of `Ord`.

mod escape;
mod ordered;
mod zeros;

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::{
    DecodeError, DecodeWith, Describer, Descriptor, EncodeWith, Key, KeyDecode, KeyEncode,
    OrderPreserving, SelfDelimiting, SelfDelimitingWith, Sink, Source, StoreKey,
};
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
/// use persist_core::{Key, KeyEncode, Lex, LexEncode};
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

impl LexEncode for str {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        self.as_bytes().encode_lex(sink);
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        self.as_bytes().encode_lex_beginning(sink);
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        self.as_bytes().encoded_lex_len()
    }

    #[inline]
    fn lex_cmp(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn describe_lex(_: &mut Describer) -> Descriptor {
        Descriptor::Lex(Descriptor::Str.into())
    }
}

// How elements stand in a row is the element's to say: bytes are escaped, all else is marked.
impl<T: SelfDelimiting> LexEncode for [T] {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        T::__encode_lex_elements(self, sink);
        sink.write(T::__lex_end());
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        T::__encode_lex_elements(self, sink);
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        T::__encoded_lex_elements_len(self) + T::__lex_end().len()
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        element_by_element(self, other)
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        T::__describe_lex_elements(describer)
    }
}

impl<T: SelfDelimiting> LexEncode for VecDeque<T> {
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        self.encode_lex_beginning(sink);
        sink.write(T::__lex_end());
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        let (front, back) = self.as_slices();
        T::__encode_lex_elements(front, sink);
        T::__encode_lex_elements(back, sink);
    }

    fn encoded_lex_len(&self) -> usize {
        let (front, back) = self.as_slices();
        T::__encoded_lex_elements_len(front)
            + T::__encoded_lex_elements_len(back)
            + T::__lex_end().len()
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        element_by_element(self, other)
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        T::__describe_lex_elements(describer)
    }
}

fn element_by_element<'a, T: KeyEncode + 'a>(
    left: impl IntoIterator<Item = &'a T>,
    right: impl IntoIterator<Item = &'a T>,
) -> Ordering {
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match left.key_cmp(right) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
}

impl<T: LexEncode> LexEncode for Option<T> {
    #[inline]
    fn encode_lex(&self, sink: &mut Sink<'_>) {
        match self {
            None => sink.write(&[0]),
            Some(value) => {
                sink.write(&[1]);
                value.encode_lex(sink);
            }
        }
    }

    fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
        match self {
            None => sink.write(&[0]),
            Some(value) => {
                sink.write(&[1]);
                value.encode_lex_beginning(sink);
            }
        }
    }

    #[inline]
    fn encoded_lex_len(&self) -> usize {
        1 + self.as_ref().map_or(0, LexEncode::encoded_lex_len)
    }

    fn lex_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(left), Some(right)) => left.lex_cmp(right),
            _ => self.is_some().cmp(&other.is_some()),
        }
    }

    fn describe_lex(describer: &mut Describer) -> Descriptor {
        Descriptor::Opt(T::describe_lex(describer).into())
    }
}

/// What is written as something else that it holds.
macro_rules! written_as {
    ($([$($generics:tt)*] $Owner:ty, $Target:ty, |$owner:ident| $target:expr;)*) => {$(
        impl<$($generics)*> LexEncode for $Owner {
            #[inline]
            fn encode_lex(&self, sink: &mut Sink<'_>) {
                let $owner = self;
                $target.encode_lex(sink);
            }

            fn encode_lex_beginning(&self, sink: &mut Sink<'_>) {
                let $owner = self;
                $target.encode_lex_beginning(sink);
            }

            #[inline]
            fn encoded_lex_len(&self) -> usize {
                let $owner = self;
                $target.encoded_lex_len()
            }

            #[inline]
            fn lex_cmp(&self, other: &Self) -> Ordering {
                let target: fn(&Self) -> &$Target = |$owner| $target;
                target(self).lex_cmp(target(other))
            }

            fn describe_lex(describer: &mut Describer) -> Descriptor {
                <$Target>::describe_lex(describer)
            }
        }
    )*};
}

written_as! {
    [] String, str, |text| text.as_str();
    [T: SelfDelimiting] Vec<T>, [T], |elements| elements.as_slice();
    [T: SelfDelimiting, const N: usize] [T; N], [T], |elements| elements.as_slice();
    [T: LexEncode + ?Sized] &T, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Box<T>, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Rc<T>, T, |pointer| &**pointer;
    [T: LexEncode + ?Sized] Arc<T>, T, |pointer| &**pointer;
    [T: LexEncode + ToOwned + ?Sized] Cow<'_, T>, T, |pointer| &**pointer;
}

/// Whether another element of a sequence comes.
pub(super) fn lex_goes_on(source: &mut Source<'_>) -> Result<bool, DecodeError> {
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

impl<'de, T: KeyDecode<'de>> LexDecode<'de> for Vec<T> {
    #[inline]
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        T::__decode_lex_elements(source)
    }
}

impl<'de: 'a, 'a> LexDecode<'de> for Cow<'a, [u8]> {
    #[inline]
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        decode_escaped(source)
    }
}

impl<'de: 'a, 'a> LexDecode<'de> for Cow<'a, str> {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let start = source.offset();
        let not_text = |error: core::str::Utf8Error, bytes: &[u8]| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            // Each zero before the place took two bytes.
            let zeros = escape::count_zeros(valid);
            DecodeError::new("UTF-8 text", "other bytes", start + valid.len() + zeros)
        };
        match decode_escaped(source)? {
            Cow::Borrowed(bytes) => core::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| not_text(error, bytes)),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| not_text(error.utf8_error(), error.as_bytes())),
        }
    }
}

impl<'de, T: LexDecode<'de>> LexDecode<'de> for Option<T> {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        if super::option::decode_is_some(source)? {
            T::decode_lex(source).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de, T: KeyDecode<'de>, const N: usize> LexDecode<'de> for [T; N] {
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
        let at = source.offset();
        let elements: Vec<T> = Vec::decode_lex(source)?;
        elements
            .try_into()
            .map_err(|elements: Vec<T>| super::sequences::wrong_count(N, elements.len(), at))
    }
}

/// What is made of something else that is read.
macro_rules! read_as {
    ($([$($generics:tt)*] $Owner:ty, $Read:ty, $from:expr;)*) => {$(
        impl<'de, $($generics)*> LexDecode<'de> for $Owner {
            #[inline]
            fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                <$Read>::decode_lex(source).map($from)
            }
        }
    )*};
}

read_as! {
    [] String, Cow<'de, str>, Cow::into_owned;
    [] Box<str>, String, String::into_boxed_str;
    [] Rc<str>, Cow<'de, str>, Rc::from;
    [] Arc<str>, Cow<'de, str>, Arc::from;
    [T: KeyDecode<'de>] VecDeque<T>, Vec<T>, Self::from;
    [T: KeyDecode<'de>] Box<[T]>, Vec<T>, Vec::into_boxed_slice;
    [T: KeyDecode<'de>] Rc<[T]>, Vec<T>, Rc::from;
    [T: KeyDecode<'de>] Arc<[T]>, Vec<T>, Arc::from;
    [T: LexDecode<'de>] Box<T>, T, Box::new;
    [T: LexDecode<'de>] Rc<T>, T, Rc::new;
    [T: LexDecode<'de>] Arc<T>, T, Arc::new;
}

#[cfg(feature = "bytes")]
pub(super) use {read_as, written_as};
