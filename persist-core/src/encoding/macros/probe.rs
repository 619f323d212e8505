//! What derives ask of the types of fields, at the place of the field.
//!
//! These are calls in a method that nothing calls, since bounds on field types in an impl would make recursive types
//! overflow the trait solver, and constants would be evaluated too late for `cargo check`.

use core::cmp::Ordering;
use core::marker::PhantomData;

use crate::encoding::lex::traits::{LexEncode, LexOrdered};
use crate::encoding::model::codec::{EncodeWith, SelfDelimitingWith};
use crate::encoding::model::key_traits::KeyEncode;
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting, SelfDelimitingPayload};
use crate::encoding::model::payload_traits::PayloadEncode;

/// Asks more of a type only if it can be encoded at all: if it can't, that is said once, and not once
/// more for what follows from it.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: KeyEncode + ?Sized> Probe<T> {
    /// The order of its keys.
    #[inline]
    pub fn key_order(left: &T, right: &T) -> Ordering {
        left.key_cmp(right)
    }

    /// Something may follow it in a key.
    pub fn need_self_delimiting_key()
    where
        T: SelfDelimiting,
    {
    }

    /// Its `Ord` is the order of its keys.
    pub fn need_order()
    where
        T: OrderedField,
    {
    }
}

impl<T: PayloadEncode + ?Sized> Probe<T> {
    /// Something may follow it in a payload.
    pub fn need_self_delimiting_payload()
    where
        T: SelfDelimitingPayload,
    {
    }
}

/// The same for a type and the codec that writes it.
#[derive(Debug)]
pub struct ProbeWith<C: ?Sized, T: ?Sized>(PhantomData<C>, PhantomData<T>);

impl<C: EncodeWith<T> + ?Sized, T: ?Sized> ProbeWith<C, T> {
    /// Something may follow it.
    pub fn need_self_delimiting_with()
    where
        C: SelfDelimitingWith<T>,
    {
    }
}

/// The same for a type in its `Lex` form.
#[derive(Debug)]
pub struct ProbeLex<T: ?Sized>(PhantomData<T>);

impl<T: LexEncode + ?Sized> ProbeLex<T> {
    /// Its `Ord` is the order of its `Lex` form.
    pub fn need_order()
    where
        T: LexOrdered,
    {
    }
}

/// A type that can't be encoded, for the call of [`NotProbed::__persist_not_probed`].
#[derive(Debug)]
pub enum NotEncoded {}

/// What is called on the probe of a type that can't be encoded.
pub trait NotProbed: Sized {
    /// Called by derived code, so that its import of this trait is used. No other trait has a method of this name.
    fn __persist_not_probed() {}
    /// Nothing is asked.
    fn need_self_delimiting_key() {}
    /// Nothing is asked.
    fn need_self_delimiting_payload() {}
    /// Nothing is asked.
    fn need_self_delimiting_with() {}
    /// Nothing is asked.
    fn need_order() {}
    /// Never called, since the type is refused.
    fn key_order<T>(_: T, _: T) -> Ordering {
        Ordering::Equal
    }
}

impl<T: ?Sized> NotProbed for Probe<T> {}
impl<C: ?Sized, T: ?Sized> NotProbed for ProbeWith<C, T> {}
impl<T: ?Sized> NotProbed for ProbeLex<T> {}

/// [`OrderPreserving`], asked of a field: what helps there is other than what helps a range.
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not the order of its keys, as `ordered` claims",
    label = "sorts otherwise in keys",
    note = "for text and sequences `#[key(lex)]` on the field, for floats `Total`, for a type of your own `#[key(ordered)]` on it",
    note = "or let the order of the whole type be that of its keys: `#[derive(KeyOrd)]` in place of `ordered` and the derives of `Ord`"
)]
pub trait OrderedField {}

#[diagnostic::do_not_recommend]
impl<T: OrderPreserving + ?Sized> OrderedField for T {}

/// Whether two types are the same one, as far as the compiler knows where it is asked: `Same::<A, B>::IS_SAME`.
#[derive(Debug)]
pub struct Same<A: ?Sized, B: ?Sized>(PhantomData<A>, PhantomData<B>);

impl<T: ?Sized> Same<T, T> {
    /// They are.
    pub const IS_SAME: bool = true;
}

/// What is found if no type is both.
pub trait NotSame {
    /// They are not.
    const IS_SAME: bool = false;
    /// Named by derived code, so that its import of this trait is used. No other trait has a constant of this name.
    const __PERSIST_NOT_SAME: () = ();
}

impl<A: ?Sized, B: ?Sized> NotSame for Same<A, B> {}

/// The end of a derived type, which is the type `T`. It may be around the derived type itself, which then asks nothing of it.
#[derive(Debug)]
pub struct End<const IS_ITSELF: bool, T: ?Sized>(PhantomData<T>);

/// The end of a key type that delimits itself if this has it.
pub trait KeyEnd {}

impl<T: ?Sized> KeyEnd for End<true, T> {}
impl<T: SelfDelimiting + ?Sized> KeyEnd for End<false, T> {}

/// The same for payloads.
pub trait PayloadEnd {}

impl<T: ?Sized> PayloadEnd for End<true, T> {}
impl<T: SelfDelimitingPayload + ?Sized> PayloadEnd for End<false, T> {}
