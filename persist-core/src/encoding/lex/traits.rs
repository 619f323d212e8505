//! The traits of types that have a `Lex` form.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::base::source::Source;
use crate::encoding::descriptor::describer::Describer;
use crate::encoding::descriptor::shape::Descriptor;
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting};

/// A type that [`Lex`](crate::encoding::Lex) and the attribute `lex` can encode: text, bytes, a sequence, or an option of or
/// pointer to such a type.
///
/// ```
/// use persist_core::codec::LexEncode;
/// use persist_core::{Key, KeyEncode, Lex};
///
/// /// The prefix of all keys that start with `text`.
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
    /// Appends the value and its terminator.
    fn encode_lex(&self, sink: &mut Sink<'_>);

    /// Appends the value without its terminator, which is the common prefix of all values that start with it.
    fn encode_lex_beginning(&self, sink: &mut Sink<'_>);

    /// Returns the number of bytes that [`encode_lex`](Self::encode_lex) appends.
    fn encoded_lex_len(&self) -> usize;

    /// Compares two values as their encoded bytes compare.
    fn lex_cmp(&self, other: &Self) -> Ordering;

    /// Returns the shape of the encoded bytes.
    fn describe_lex(describer: &mut Describer) -> Descriptor;
}

/// A type that [`Lex`](crate::encoding::Lex) can decode. Text and bytes are borrowed as `Cow`, since their zeros are escaped.
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
    /// Decodes one value and advances `source` past its terminator.
    ///
    /// # Errors
    ///
    /// If the bytes differ from the bytes that [`LexEncode`] would have written.
    fn decode_lex(source: &mut Source<'de>) -> Result<Self, DecodeError>;
}

/// A type whose `Ord` is the order of its `Lex` form: text, bytes, and sequences of [`OrderPreserving`] elements.
///
/// ```
/// use persist_core::codec::LexOrdered;
/// use persist_core::{Lex, OrderPreserving, Total};
///
/// fn sorts_as_its_form<T: LexOrdered>() {}
/// fn may_be_a_range<T: OrderPreserving>() {}
///
/// sorts_as_its_form::<String>();
/// sorts_as_its_form::<Vec<Total<f64>>>();
/// may_be_a_range::<Lex<Vec<Total<f64>>>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not that of its `Lex` form",
    label = "its elements sort otherwise in keys",
    note = "its elements sort as keys: put `Shortlex`, `Lex` or `Total` around them",
    note = "or let the order of the whole type be that of its keys: `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`"
)]
pub trait LexOrdered: LexEncode + Ord {}

impl LexOrdered for str {}
impl LexOrdered for String {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for [T] {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting> LexOrdered for VecDeque<T> {}
#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + SelfDelimiting, const N: usize> LexOrdered for [T; N] {}
impl<T: LexOrdered> LexOrdered for Option<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for &T {}
impl<T: LexOrdered + ?Sized> LexOrdered for Box<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for Rc<T> {}
impl<T: LexOrdered + ?Sized> LexOrdered for Arc<T> {}
impl<T: LexOrdered + ToOwned + ?Sized> LexOrdered for Cow<'_, T> {}
