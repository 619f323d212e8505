//! How a field is filled and sorted: by its type, or as an attribute says.

use std::cell::Cell;
use std::cmp::{Ordering, Reverse};
use std::collections::VecDeque;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use persist_core::{Fixed, Lex, Shortlex, Total};
use proptest::prelude::*;
use proptest::strategy::LazyJust;

use crate::adversarial::Adversarial;

/// How a field of type `T` is filled and sorted.
pub trait Rule<T> {
    /// Values at the edges of the type more often than not.
    fn values() -> BoxedStrategy<T>;

    /// The order, as the documentation of the attributes has it.
    fn documented_cmp(left: &T, right: &T) -> Ordering;
}

/// As its type does.
pub struct Own;

impl<T: Adversarial> Rule<T> for Own {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.documented_cmp(right)
    }
}

/// The other way round: `desc`.
pub struct Down<R = Own>(PhantomData<R>);

impl<T, R: Rule<T>> Rule<T> for Down<R> {
    fn values() -> BoxedStrategy<T> {
        R::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        R::documented_cmp(right, left)
    }
}

/// Not at all: `skip`.
pub struct Ignored;

impl<T: Adversarial> Rule<T> for Ignored {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(_: &T, _: &T) -> Ordering {
        Ordering::Equal
    }
}

/// As a dictionary does: `lex`.
pub struct Dictionary;

impl<T: Adversarial + Lexical> Rule<T> for Dictionary {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.lexical_cmp(right)
    }
}

/// What `lex` stands for.
pub trait Lexical {
    /// The order of `Ord` for text and bytes; element by element, each by its own order, for sequences.
    fn lexical_cmp(&self, other: &Self) -> Ordering;
}

/// What ends first comes first.
fn element_by_element<'a, T: 'a>(
    left: impl IntoIterator<Item = &'a T>,
    right: impl IntoIterator<Item = &'a T>,
    documented_cmp: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    let mut right = right.into_iter();
    for element in left {
        match right.next().map(|other| documented_cmp(element, other)) {
            None => return Ordering::Greater,
            Some(Ordering::Equal) => {}
            Some(order) => return order,
        }
    }
    right.next().map_or(Ordering::Equal, |_| Ordering::Less)
}

macro_rules! lexical_text {
    ($($Text:ty)*) => {$(
        impl Lexical for $Text {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
        }
    )*};
}

lexical_text!(String Box<str>);

macro_rules! lexical_sequences {
    ($([$($generics:tt)*] $Sequence:ty;)*) => {$(
        impl<T: Adversarial, $($generics)*> Lexical for $Sequence {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                element_by_element(self.iter(), other.iter(), T::documented_cmp)
            }
        }
    )*};
}

lexical_sequences! {
    [] Vec<T>;
    [] VecDeque<T>;
    [] Box<[T]>;
    [const N: usize] [T; N];
}

impl<T: Lexical> Lexical for Option<T> {
    fn lexical_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(left), Some(right)) => left.lexical_cmp(right),
            _ => self.is_some().cmp(&other.is_some()),
        }
    }
}

macro_rules! lexical_pointers {
    ($($Pointer:ident)*) => {$(
        impl<T: Lexical> Lexical for $Pointer<T> {
            fn lexical_cmp(&self, other: &Self) -> Ordering {
                T::lexical_cmp(self, other)
            }
        }
    )*};
}

lexical_pointers!(Box Rc Arc);

/// Element by element, each by `R`, as in `Lex<Vec<…>>` over elements that are wrapped themselves.
pub struct Each<R>(PhantomData<R>);

impl<T: Clone + Debug + 'static, R: Rule<T>> Rule<Vec<T>> for Each<R> {
    fn values() -> BoxedStrategy<Vec<T>> {
        proptest::collection::vec(R::values(), 0..=3).boxed()
    }

    fn documented_cmp(left: &Vec<T>, right: &Vec<T>) -> Ordering {
        element_by_element(left, right, R::documented_cmp)
    }
}

/// `None` first, and what is in `Some` by `R`.
pub struct Maybe<R>(PhantomData<R>);

impl<T: Clone + Debug + 'static, R: Rule<T>> Rule<Option<T>> for Maybe<R> {
    fn values() -> BoxedStrategy<Option<T>> {
        proptest::option::of(R::values()).boxed()
    }

    fn documented_cmp(left: &Option<T>, right: &Option<T>) -> Ordering {
        match (left, right) {
            (Some(left), Some(right)) => R::documented_cmp(left, right),
            _ => left.is_some().cmp(&right.is_some()),
        }
    }
}

/// What is in a wrapper type, by `R`.
pub struct Inside<R = Own>(PhantomData<R>);

macro_rules! wrappers {
    ($($Wrapper:ident)*) => {$(
        impl<T: Clone + Debug + 'static, R: Rule<T>> Rule<$Wrapper<T>> for Inside<R> {
            fn values() -> BoxedStrategy<$Wrapper<T>> {
                R::values().prop_map($Wrapper).boxed()
            }

            fn documented_cmp(left: &$Wrapper<T>, right: &$Wrapper<T>) -> Ordering {
                R::documented_cmp(&left.0, &right.0)
            }
        }
    )*};
}

wrappers!(Fixed Lex Reverse Shortlex Total);

/// As its type does, but for a value that may hold more of the type around it: not for ever.
pub struct Deeper;

/// A type of which there is a value without values of the type around it.
pub trait Leaf {
    /// Such a value.
    fn leaf() -> Self;
}

impl<T> Leaf for Option<T> {
    fn leaf() -> Self {
        None
    }
}

impl<T> Leaf for Vec<T> {
    fn leaf() -> Self {
        Vec::new()
    }
}

impl<T: Leaf> Leaf for Box<T> {
    fn leaf() -> Self {
        Box::new(T::leaf())
    }
}

impl<T: Adversarial + Leaf> Rule<T> for Deeper {
    fn values() -> BoxedStrategy<T> {
        const DEEPEST: usize = 3;
        thread_local!(static DEPTH: Cell<usize> = const { Cell::new(0) });
        let depth = DEPTH.get();
        if depth == DEEPEST {
            return LazyJust::new(T::leaf).boxed();
        }
        DEPTH.set(depth + 1);
        let values = T::values();
        DEPTH.set(depth);
        values
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.documented_cmp(right)
    }
}
