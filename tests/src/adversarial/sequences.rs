//! Sequences of few elements, so that one is often the beginning of another.

use std::cmp::Ordering;
use std::collections::VecDeque;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;

use super::Adversarial;

fn elements<T: Adversarial>() -> impl Strategy<Value = Vec<T>> {
    prop_oneof![6 => vec(T::values(), 0..=3), 1 => vec(T::values(), 4..=6)]
}

/// Fewer elements first, then the first element in which the two differ.
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
        elements().boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}

impl Adversarial for Bytes {
    fn values() -> BoxedStrategy<Self> {
        elements::<u8>().prop_map(Self::from).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}

impl<T: Adversarial> Adversarial for Box<[T]> {
    fn values() -> BoxedStrategy<Self> {
        elements().prop_map(Vec::into_boxed_slice).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}

impl<T: Adversarial> Adversarial for VecDeque<T> {
    /// Some of them wrap around in their buffer, so that they are two slices.
    fn values() -> BoxedStrategy<Self> {
        (elements(), any::<prop::sample::Index>())
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
            .prop_map(|elements| elements.try_into().expect("as many elements as were asked for"))
            .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        fewer_first(self, other)
    }
}
