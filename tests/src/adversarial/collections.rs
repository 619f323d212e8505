//! Sets and maps of few entries.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use proptest::collection::vec;
use proptest::prelude::*;

use super::Adversarial;
use super::sequences::fewer_first;

/// Returns the entries as a sequence, in the documented order of their first part.
fn ascending<T: Clone>(
    entries: impl Iterator<Item = T>,
    cmp: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let mut entries: Vec<T> = entries.collect();
    entries.sort_by(cmp);
    entries
}

macro_rules! sets {
    ($([$($hasher:tt)*] [$($bounds:tt)*] $Set:ty;)*) => {$(
        impl<T: Adversarial + $($bounds)* $($hasher)*> Adversarial for $Set {
            fn values() -> BoxedStrategy<Self> {
                vec(T::values(), 0..=4).prop_map(Self::from_iter).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                let [left, right] =
                    [self, other].map(|set| ascending(set.iter().cloned(), T::documented_cmp));
                fewer_first(&left, &right)
            }
        }
    )*};
}

sets! {
    [] [Ord] BTreeSet<T>;
    [, S: BuildHasher + Default + Clone + 'static] [Eq + Hash] HashSet<T, S>;
}

macro_rules! maps {
    ($([$($hasher:tt)*] [$($bounds:tt)*] $Map:ty;)*) => {$(
        impl<K: Adversarial + $($bounds)*, V: Adversarial $($hasher)*> Adversarial for $Map {
            fn values() -> BoxedStrategy<Self> {
                vec((K::values(), V::values()), 0..=4).prop_map(Self::from_iter).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                let [left, right] = [self, other].map(|map| {
                    let pairs = map.iter().map(|(key, value)| (key.clone(), value.clone()));
                    ascending(pairs, |left, right| left.0.documented_cmp(&right.0))
                });
                fewer_first(&left, &right)
            }
        }
    )*};
}

maps! {
    [] [Ord] BTreeMap<K, V>;
    [, S: BuildHasher + Default + Clone + 'static] [Eq + Hash] HashMap<K, V, S>;
}
