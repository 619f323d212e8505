//! The checks that derived code makes of the types of fields, reported at the place of the field.
//!
//! The checks are calls in a method that is never called. Bounds on field types in an impl would make recursive types
//! overflow the trait solver, and `cargo check` doesn't evaluate constants.

use core::cmp::Ordering;
use core::marker::PhantomData;

use crate::encoding::lex::traits::{LexEncode, LexOrdered};
use crate::encoding::model::codec::{EncodeWith, SelfDelimitingWith};
use crate::encoding::model::key_traits::KeyEncode;
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, SelfDelimitingPayload};
use crate::encoding::model::payload_traits::PayloadEncode;

/// Checks further properties of a type only if the type can be encoded. If it can't, the compiler reports just that.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: KeyEncode + ?Sized> Probe<T> {
    /// Compares two values as their keys compare.
    #[inline]
    pub fn key_order(left: &T, right: &T) -> Ordering {
        left.key_cmp(right)
    }

    /// Compiles only if other parts may follow the type in a key.
    pub fn need_self_delimiting_key()
    where
        T: SelfDelimiting,
    {
    }

    /// Compiles only if the type's `Ord` is the order of its keys.
    pub fn need_order()
    where
        T: OrderedField,
    {
    }
}

impl<T: PayloadEncode + ?Sized> Probe<T> {
    /// Compiles only if other parts may follow the type in a payload.
    pub fn need_self_delimiting_payload()
    where
        T: SelfDelimitingPayload,
    {
    }
}

/// Like [`Probe`], for a type that a codec encodes.
#[derive(Debug)]
pub struct ProbeWith<C: ?Sized, T: ?Sized>(PhantomData<C>, PhantomData<T>);

impl<C: EncodeWith<T> + ?Sized, T: ?Sized> ProbeWith<C, T> {
    /// Compiles only if other parts may follow the codec's bytes.
    pub fn need_self_delimiting_with()
    where
        C: SelfDelimitingWith<T>,
    {
    }
}

/// Like [`Probe`], for a type in its `Lex` form.
#[derive(Debug)]
pub struct ProbeLex<T: ?Sized>(PhantomData<T>);

impl<T: LexEncode + ?Sized> ProbeLex<T> {
    /// Compiles only if the type's `Ord` is the order of its `Lex` form.
    pub fn need_order()
    where
        T: LexOrdered,
    {
    }
}

/// A type that can't be encoded, for the call of [`NotProbed::__persist_not_probed`].
#[derive(Debug)]
pub enum NotEncoded {}

/// The methods of a probe of a type that can't be encoded. They check nothing.
///
/// The inherent methods of a probe take precedence if the type can be encoded.
pub trait NotProbed: Sized {
    /// Called by derived code, so that its import of this trait is used. No other trait has a method of this name.
    fn __persist_not_probed() {}
    /// Checks nothing.
    fn need_self_delimiting_key() {}
    /// Checks nothing.
    fn need_self_delimiting_payload() {}
    /// Checks nothing.
    fn need_self_delimiting_with() {}
    /// Checks nothing.
    fn need_order() {}
    /// Never called, since the type doesn't compile.
    fn key_order<T>(_: T, _: T) -> Ordering {
        Ordering::Equal
    }
}

impl<T: ?Sized> NotProbed for Probe<T> {}
impl<C: ?Sized, T: ?Sized> NotProbed for ProbeWith<C, T> {}
impl<T: ?Sized> NotProbed for ProbeLex<T> {}

/// [`OrderPreserving`] as a requirement of a field. It is a separate trait because its message suggests other remedies.
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not the order of its keys, as `ordered` claims",
    label = "sorts otherwise in keys",
    note = "for text and sequences `#[key(lex)]` on the field, for floats `Total`, for a type of your own `#[key(ordered)]` on it",
    note = "or let the order of the whole type be that of its keys: `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`"
)]
pub trait OrderedField {}

#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + ?Sized> OrderedField for T {}

/// Whether two types are known to be the same where `Same::<A, B>::IS_SAME` is written.
#[derive(Debug)]
pub struct Same<A: ?Sized, B: ?Sized>(PhantomData<A>, PhantomData<B>);

impl<T: ?Sized> Same<T, T> {
    /// The types are the same.
    pub const IS_SAME: bool = true;
}

/// The constant for two types that are not known to be the same. For the same type, the inherent constant takes precedence.
pub trait NotSame {
    /// The types are not known to be the same.
    const IS_SAME: bool = false;
    /// Named by derived code, so that its import of this trait is used. No other trait has a constant of this name.
    const __PERSIST_NOT_SAME: () = ();
}

impl<A: ?Sized, B: ?Sized> NotSame for Same<A, B> {}

/// The last part of a derived type, of type `T`. If it is the derived type itself, it needs no marker.
#[derive(Debug)]
pub struct End<const IS_ITSELF: bool, T: ?Sized>(PhantomData<T>);

/// An [`End`] of a key type that delimits itself.
pub trait KeyEnd {}

impl<T: ?Sized> KeyEnd for End<true, T> {}
impl<T: SelfDelimiting + ?Sized> KeyEnd for End<false, T> {}

/// An [`End`] of a payload type that delimits itself.
pub trait PayloadEnd {}

impl<T: ?Sized> PayloadEnd for End<true, T> {}
impl<T: SelfDelimitingPayload + ?Sized> PayloadEnd for End<false, T> {}
