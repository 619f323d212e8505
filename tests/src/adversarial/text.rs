//! Text: short, of characters that hurt, so that values are often equal or prefixes of one another.

use std::cmp::Ordering;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Adversarial;

fn text() -> impl Strategy<Value = String> {
    let of = |chars: BoxedStrategy<char>, most| vec(chars, 0..=most).prop_map(String::from_iter);
    prop_oneof![
        3 => of(prop_oneof![Just('a'), Just('\0')].boxed(), 3),
        3 => of(char::values(), 4),
        // Around the 30 bytes that a key holds inline.
        1 => of(prop_oneof![Just('a'), Just('b')].boxed(), 33),
    ]
}

/// Shorter text first, in bytes; text of one length by its bytes.
fn shorter_first(left: &str, right: &str) -> Ordering {
    (left.len(), left.as_bytes()).cmp(&(right.len(), right.as_bytes()))
}

impl Adversarial for String {
    fn values() -> BoxedStrategy<Self> {
        text().boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        shorter_first(self, other)
    }
}

impl Adversarial for Box<str> {
    fn values() -> BoxedStrategy<Self> {
        text().prop_map(String::into_boxed_str).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        shorter_first(self, other)
    }
}
