//! `Lex`: dictionary order.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use persist_core::Lex;
use proptest::prelude::*;

use super::Adversarial;

/// A type that `Lex` applies to, with its order there.
pub trait Lexical: Adversarial {
    /// Compares in dictionary order: a prefix comes first, otherwise the first difference decides.
    fn lexical_cmp(&self, other: &Self) -> Ordering;
}

impl<T: Lexical> Adversarial for Lex<T> {
    fn values() -> BoxedStrategy<Self> {
        T::values().prop_map(Self).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        self.0.lexical_cmp(&other.0)
    }
}

/// Compares sequences in dictionary order. Their elements have the order of keys.
fn beginning_first<'a, T: Adversarial>(
    left: impl ExactSizeIterator<Item = &'a T>,
    right: impl ExactSizeIterator<Item = &'a T>,
) -> Ordering {
    let lengths = left.len().cmp(&right.len());
    for (left, right) in left.zip(right) {
        let order = left.documented_cmp(right);
        if order != Ordering::Equal {
            return order;
        }
    }
    lengths
}

macro_rules! sequences {
    ($([$($generics:tt)*] $Sequence:ty;)*) => {$(
        impl<$($generics)*> Lexical for $Sequence {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                beginning_first(self.iter(), other.iter())
            }
        }
    )*};
}

sequences! {
    [] Bytes;
    [T: Adversarial] Vec<T>;
    [T: Adversarial] VecDeque<T>;
    [T: Adversarial] Box<[T]>;
    [T: Adversarial] Rc<[T]>;
    [T: Adversarial] Arc<[T]>;
    [T: Adversarial, const N: usize] [T; N];
}

macro_rules! text {
    ($($Text:ty)*) => {$(
        impl Lexical for $Text {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                beginning_first(self.as_bytes().iter(), other.as_bytes().iter())
            }
        }
    )*};
}

text!(String Box<str> Rc<str> Arc<str>);

impl<T: Lexical> Lexical for Option<T> {
    fn lexical_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(left), Some(right)) => left.lexical_cmp(right),
            _ => self.is_some().cmp(&other.is_some()),
        }
    }
}

macro_rules! pointers {
    ($($Pointer:ident)*) => {$(
        impl<T: Lexical> Lexical for $Pointer<T> {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                T::lexical_cmp(self, other)
            }
        }
    )*};
}

pointers!(Box Rc Arc);
