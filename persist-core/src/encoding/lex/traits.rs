//! The types that have a `Lex` form.

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

/// A type whose `Ord` is the order of its `Lex` form: text and bytes, and sequences whose elements are
/// [`OrderPreserving`].
///
/// ```
/// use persist_core::{Lex, LexOrdered, OrderPreserving, Total};
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
