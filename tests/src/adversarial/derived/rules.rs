//! Rules for the values and the order of a field, from its type or from an attribute.

use std::cell::Cell;
use std::cmp::Ordering;
use std::marker::PhantomData;

use proptest::prelude::*;
use proptest::strategy::LazyJust;

use crate::adversarial::{Adversarial, Lexical};

/// A rule for the values and the order of a field of type `T`.
pub trait Rule<T> {
    /// Returns values that are often at the edges of the type.
    fn values() -> BoxedStrategy<T>;

    /// Compares two values by the documented order of the attributes.
    fn documented_cmp(left: &T, right: &T) -> Ordering;
}

/// The rule of the type.
pub struct Own;

impl<T: Adversarial> Rule<T> for Own {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.documented_cmp(right)
    }
}

/// The reverse order: `desc`.
pub struct Down<R = Own>(PhantomData<R>);

impl<T, R: Rule<T>> Rule<T> for Down<R> {
    fn values() -> BoxedStrategy<T> {
        R::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        R::documented_cmp(right, left)
    }
}

/// No order: `skip`.
pub struct Ignored;

impl<T: Adversarial> Rule<T> for Ignored {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(_: &T, _: &T) -> Ordering {
        Ordering::Equal
    }
}

/// Dictionary order: `lex`.
pub struct Dictionary;

impl<T: Lexical> Rule<T> for Dictionary {
    fn values() -> BoxedStrategy<T> {
        T::values()
    }

    fn documented_cmp(left: &T, right: &T) -> Ordering {
        left.lexical_cmp(right)
    }
}

/// The rule of the type, for a value that may contain the enclosing type: the depth is limited.
pub struct Deeper;

/// A type that has a value without values of the enclosing type.
pub trait Leaf {
    /// Returns such a value.
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
