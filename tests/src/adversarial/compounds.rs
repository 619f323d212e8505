//! Options, results and tuples of all other types, and raw keys.

use std::cmp::Ordering;

use persist_core::Key;
use proptest::option;
use proptest::prelude::*;

use super::{Adversarial, arbitrary_bytes};

impl<T: Adversarial> Adversarial for Option<T> {
    fn values() -> BoxedStrategy<Self> {
        option::weighted(0.75, T::values()).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(left), Some(right)) => left.documented_cmp(right),
            _ => self.is_some().cmp(&other.is_some()),
        }
    }
}

impl<T: Adversarial, E: Adversarial> Adversarial for Result<T, E> {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![T::values().prop_map(Ok), E::values().prop_map(Err)].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Ok(left), Ok(right)) => left.documented_cmp(right),
            (Err(left), Err(right)) => left.documented_cmp(right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
        }
    }
}

impl Adversarial for () {
    fn values() -> BoxedStrategy<Self> {
        Just(()).boxed()
    }

    fn documented_cmp(&self, (): &Self) -> Ordering {
        Ordering::Equal
    }
}

macro_rules! tuples {
    ($(($($Part:ident $part:tt),*);)*) => {$(
        impl<$($Part: Adversarial),*> Adversarial for ($($Part,)*) {
            fn values() -> BoxedStrategy<Self> {
                ($($Part::values(),)*).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                for order in [$(self.$part.documented_cmp(&other.$part)),*] {
                    if order != Ordering::Equal {
                        return order;
                    }
                }
                Ordering::Equal
            }
        }
    )*};
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
}

impl Adversarial for Key {
    fn values() -> BoxedStrategy<Self> {
        arbitrary_bytes().prop_map(Key::from_bytes).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}
