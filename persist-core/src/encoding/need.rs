//! What derives ask of the types of fields, at the place of the field.
//!
//! These are calls in a function beside the impl, since bounds on field types in an impl would make recursive types
//! overflow the trait solver, and constants would be evaluated too late for `cargo check`.

use core::marker::PhantomData;

use super::{
    KeyEncode, LexOrdered, OrderPreserving, PayloadEncode, SelfDelimiting, SelfDelimitingPayload,
    SelfDelimitingWith,
};

/// Asks more of a type only if it can be encoded at all: if it can't, that is said once, and not once
/// more for what follows from it.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: KeyEncode + ?Sized> Probe<T> {
    /// Something may follow it in a key.
    pub fn need_self_delimiting_key()
    where
        T: SelfDelimiting,
    {
    }

    /// Its `Ord` is the order of its keys.
    pub fn need_order_preserving()
    where
        T: OrderPreserving,
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

/// What is called on the probe of a type that can't be encoded.
pub trait NotProbed: Sized {
    /// Nothing is asked.
    fn need_self_delimiting_key() {}
    /// Nothing is asked.
    fn need_order_preserving() {}
    /// Nothing is asked.
    fn need_self_delimiting_payload() {}
}

impl<T: ?Sized> NotProbed for Probe<T> {}

/// Something may follow what a codec writes.
pub fn need_self_delimiting_with<C: SelfDelimitingWith<T> + ?Sized, T: ?Sized>() {}

/// Its `Ord` is the order of its `Lex` form.
pub fn need_lex_ordered<T: LexOrdered + ?Sized>() {}
