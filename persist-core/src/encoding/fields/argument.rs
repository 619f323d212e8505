//! Values that may be given for a field of a key.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::encoding::base::sink::Sink;
use crate::encoding::lex::traits::LexEncode as _;
use crate::encoding::lex::traits::LexOrdered;
use crate::encoding::lex::wrapper::Lexed;
use crate::encoding::model::codec::{Descending, EncodeWith, Plain};
use crate::encoding::model::markers::OrderPreserving;
use crate::encoding::wrappers::fixed::{ByteArray, WithoutLength};

/// The use of a value for a whole field.
#[derive(Debug)]
pub enum Whole {}

/// The use of a value as an end of a range of a field.
#[derive(Debug)]
pub enum Ranged {}

/// The use of a text as the beginning of a field.
#[derive(Debug)]
pub enum Beginning {}

/// A value that may be given for a field of type `T`, which the codec `C` writes. `U` is its use: [`Whole`], [`Ranged`] or
/// [`Beginning`].
///
/// The field's type may be given, a reference to it, or what it is commonly borrowed as: `&str` for `String`, and slices for
/// vectors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be given for a field of type `{T}`",
    label = "the key's field is a `{T}`",
    note = "give a `{T}`, a reference to one, or for text and bytes a slice",
    note = "`starting_with` takes text, for a `String` with `#[key(lex)]`"
)]
pub trait Argument<T: ?Sized, C, U> {
    /// Whether the field sorts from the greatest value to the least.
    const IS_DESCENDING: bool = false;

    /// Writes the bytes of the field.
    fn encode_argument(&self, sink: &mut Sink<'_>);
}

macro_rules! arguments {
    ($([$($parameter:tt)*] $field:ty: $given:ty, as $encoded:ty, |$value:ident| $borrowed:expr;)*) => {$(
        impl<$($parameter)* C: EncodeWith<$encoded>> Argument<$field, C, Whole> for $given {
            fn encode_argument(&self, sink: &mut Sink<'_>) {
                let $value = self;
                C::encode($borrowed, sink);
            }
        }
    )*};
}

arguments! {
    [T,] T: T, as T, |value| value;
    [] String: &str, as str, |value| value;
    [] Box<str>: &str, as str, |value| value;
    [] Rc<str>: &str, as str, |value| value;
    [] Arc<str>: &str, as str, |value| value;
    ['a,] Option<String>: Option<&'a str>, as Option<&'a str>, |value| value;
    [T,] Vec<T>: &[T], as [T], |value| value;
    [T, const N: usize,] Vec<T>: &[T; N], as [T], |value| value.as_slice();
    [T,] Box<[T]>: &[T], as [T], |value| value;
}

impl<T: ?Sized, C: EncodeWith<T>> Argument<T, C, Whole> for &T {
    fn encode_argument(&self, sink: &mut Sink<'_>) {
        C::encode(*self, sink);
    }
}

impl<T: ?Sized, C, A: Argument<T, C, Whole> + OrderedBy<C>> Argument<T, C, Ranged> for A {
    const IS_DESCENDING: bool = <A as OrderedBy<C>>::IS_DESCENDING;

    fn encode_argument(&self, sink: &mut Sink<'_>) {
        Argument::<T, C, Whole>::encode_argument(self, sink);
    }
}

impl Argument<String, Lexed, Beginning> for &str {
    fn encode_argument(&self, sink: &mut Sink<'_>) {
        self.encode_lex_beginning(sink);
    }
}

/// A value whose order is that of the bytes that the codec `C` writes, or the reverse of it.
#[diagnostic::on_unimplemented(
    message = "a range over a `{Self}` would not be in the order of the rows",
    label = "no range of this field",
    note = "text sorts by its length first: put `#[key(lex)]` on the field",
    note = "floats have no order of their own: use `Total`; a field with `with` has no ranges"
)]
pub trait OrderedBy<C> {
    /// Whether greater values have lesser bytes.
    const IS_DESCENDING: bool;
}

impl<T: OrderPreserving> OrderedBy<Plain> for T {
    const IS_DESCENDING: bool = false;
}

impl<T: LexOrdered> OrderedBy<Lexed> for T {
    const IS_DESCENDING: bool = false;
}

impl<T: ByteArray> OrderedBy<WithoutLength> for T {
    const IS_DESCENDING: bool = false;
}

impl<C, T: OrderedBy<C>> OrderedBy<Descending<C>> for T {
    const IS_DESCENDING: bool = !T::IS_DESCENDING;
}
