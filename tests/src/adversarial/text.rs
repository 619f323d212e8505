//! Text of difficult characters, mostly short, so that values are often equal or prefixes of each other.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::Adversarial;
use super::long::repeated;

fn text() -> impl Strategy<Value = String> {
    const PATTERNS: &[&[char]] =
        &[&['\0'], &['\x01'], &['a'], &['ÿ'], &['\0', '\x01'], &['a', '\0'], &['a', 'a', '\0']];
    let of = |chars: BoxedStrategy<char>, most| vec(chars, 0..=most).prop_map(String::from_iter);
    prop_oneof![
        6 => of(prop_oneof![Just('a'), Just('\0')].boxed(), 3),
        6 => of(char::values(), 4),
        // About 30 bytes, which a key holds inline.
        2 => of(prop_oneof![Just('a'), Just('b')].boxed(), 33),
        1 => repeated(PATTERNS).prop_map(String::from_iter),
    ]
}

/// Compares by length in bytes, and then by the bytes.
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

macro_rules! slices {
    ($($Pointer:ident)*) => {$(
        impl Adversarial for $Pointer<str> {
            fn values() -> BoxedStrategy<Self> {
                text().prop_map(Self::from).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                shorter_first(self, other)
            }
        }
    )*};
}

slices!(Box Rc Arc);
