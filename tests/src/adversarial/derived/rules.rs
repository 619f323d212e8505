//! How a field is filled and sorted: by its type, or as an attribute says.

use std::cell::Cell;
use std::cmp::Ordering;
use std::marker::PhantomData;

use proptest::prelude::*;
use proptest::strategy::LazyJust;

use crate::adversarial::{Adversarial, Lexical};

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

impl<T: Lexical> Rule<T> for Dictionary {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.lexical_cmp(right)
    }
}

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
