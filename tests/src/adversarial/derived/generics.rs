//! Types with parameters.

use std::fmt::Debug;
use std::marker::PhantomData;

use persist_core::codec::{SelfDelimiting, SelfDelimitingPayload};
use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};
use proptest::prelude::*;

use super::shape::shape;
use crate::adversarial::Adversarial;

/// One parameter, for the last field.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Versioned<T> {
    version: u8,
    value: T,
}

shape!([T: Adversarial] Versioned<T> { 0 => Self { version: u8, value: T } });

/// Two parameters between other fields.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Between<A, B>(A, u16, B, A);

shape!([A: Adversarial, B: Adversarial] Between<A, B> { 0 => Self { 0: A, 1: u16, 2: B, 3: A } });

/// Three parameters, in containers.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum OneOf<A, B, C> {
    /// A parameter as a field.
    First(A),
    /// A vector of a parameter.
    Second(Vec<B>),
    /// An option of a parameter.
    Third {
        /// A tuple with the other parameters.
        all: (Option<C>, A, B),
    },
}

shape!([A: Adversarial, B: Adversarial, C: Adversarial] OneOf<A, B, C> {
    0 => Self::First { 0: A }
    1 => Self::Second { 0: Vec<B> }
    2 => Self::Third { all: (Option<C>, A, B) }
});

/// Constants as parameters.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Grid<T, const WIDTH: usize, const HEIGHT: usize> {
    name: String,
    cells: [[T; WIDTH]; HEIGHT],
    bytes: [u8; WIDTH],
}

shape!([T: Adversarial, const WIDTH: usize, const HEIGHT: usize] Grid<T, WIDTH, HEIGHT> {
    0 => Self { name: String, cells: [[T; WIDTH]; HEIGHT], bytes: [u8; WIDTH] }
});

/// Bounds on the type, a where-clause and a default.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Bounded<T: Copy, U = String>
where
    T: Into<u128>,
    U: Debug,
{
    number: T,
    other: Option<U>,
}

shape!([T: Adversarial + Copy + Into<u128>, U: Adversarial] Bounded<T, U> {
    0 => Self { number: T, other: Option<U> }
});

/// A parameter without data.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Id<T> {
    id: u64,
    of: PhantomData<T>,
}

/// A type that is no key type.
#[derive(Clone, Debug)]
pub struct User;

impl Adversarial for Id<User> {
    fn values() -> BoxedStrategy<Self> {
        u64::values().prop_map(|id| Self { id, of: PhantomData }).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}

/// A parameter whose associated type is stored.
pub trait Family: Clone + Debug + 'static {
    /// The stored type.
    type Member: Adversarial
        + KeyEncode
        + SelfDelimiting
        + PayloadEncode
        + SelfDelimitingPayload
        + for<'de> KeyDecode<'de>
        + for<'de> PayloadDecode<'de>;
}

/// The family of text.
#[derive(Clone, Debug)]
pub struct Words;

impl Family for Words {
    type Member = String;
}

/// Bounds that replace the derive's own.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[key(bound = "F: Family")]
#[payload(bound = "F: Family")]
pub struct OfFamily<F: Family> {
    first: F::Member,
    rest: Vec<F::Member>,
    id: u8,
}

shape!([F: Family] OfFamily<F> {
    0 => Self { first: F::Member, rest: Vec<F::Member>, id: u8 }
});
