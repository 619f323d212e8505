//! Sequences in all containers.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::Adversarial;
use super::long::repeated;

pub(super) fn of_few<T: Adversarial>() -> BoxedStrategy<Vec<T>> {
    prop_oneof![6 => vec(T::values(), 0..=3), 1 => vec(T::values(), 4..=6)].boxed()
}

/// Returns bytes with few different values, in the lengths that matter to escaping and searching.
pub(super) fn of_bytes() -> BoxedStrategy<Vec<u8>> {
    const PATTERNS: &[&[u8]] =
        &[b"\0", b"\x01", b"\xFF", b"a", b"\0\xFF", b"\0\x01", b"a\0", b"aa\0", b"\x01\0\xFF"];
    prop_oneof![
        12 => of_few(),
        // About 30 bytes, which a key holds inline.
        1 => vec(proptest::sample::select(vec![0, b'a']), 24..=33),
        1 => repeated(PATTERNS),
    ]
    .boxed()
}

/// Compares by the number of elements, and then by the first difference.
pub(super) fn fewer_first<T: Adversarial>(left: &[T], right: &[T]) -> Ordering {
    if left.len() != right.len() {
        return left.len().cmp(&right.len());
    }
    for (left, right) in left.iter().zip(right) {
        let order = left.documented_cmp(right);
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

impl<T: Adversarial> Adversarial for Vec<T> {
    fn values() -> BoxedStrategy<Self> {
        T::sequences()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}

impl Adversarial for Bytes {
    fn values() -> BoxedStrategy<Self> {
        u8::sequences().prop_map(Self::from).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}

macro_rules! slices {
    ($($Pointer:ident)*) => {$(
        impl<T: Adversarial> Adversarial for $Pointer<[T]> {
            fn values() -> BoxedStrategy<Self> {
                T::sequences().prop_map(Self::from).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                fewer_first(self, other)
            }
        }
    )*};
}

slices!(Box Rc Arc);

impl<T: Adversarial> Adversarial for VecDeque<T> {
    /// Some of them wrap around in their buffer, so that they are two slices.
    fn values() -> BoxedStrategy<Self> {
        (T::sequences(), any::<prop::sample::Index>())
            .prop_map(|(back, cut)| {
                let mut front = back;
                let back = front.split_off(cut.index(front.len() + 1));
                let mut deque = VecDeque::from(back);
                for element in front.into_iter().rev() {
                    deque.push_front(element);
                }
                deque
            })
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let [left, right] = [self, other].map(|deque| deque.iter().cloned().collect::<Vec<T>>());
        fewer_first(&left, &right)
    }
}

impl<T: Adversarial, const N: usize> Adversarial for [T; N] {
    fn values() -> BoxedStrategy<Self> {
        vec(T::values(), N)
            .prop_map(|elements| elements.try_into().expect("the requested number of elements"))
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}
