//! Wrappers of another type, which change its order or its arithmetic.

use std::cmp::{Ordering, Reverse};
use std::num::{NonZero, Saturating, Wrapping};

use persist_core::{Fixed, Shortlex, Total};
use proptest::prelude::*;

use super::Adversarial;

impl<T: Adversarial> Adversarial for Reverse<T> {
    fn values() -> BoxedStrategy<Self> {
        T::values().prop_map(Self).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        self.0.documented_cmp(&other.0).reverse()
    }
}

/// Wrappers that don't change the order.
macro_rules! as_inside {
    ($($Wrapper:ident)*) => {$(
        impl<T: Adversarial> Adversarial for $Wrapper<T> {
            fn values() -> BoxedStrategy<Self> {
                T::values().prop_map(Self).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                self.0.documented_cmp(&other.0)
            }
        }
    )*};
}

as_inside!(Shortlex Total Wrapping Saturating);

impl<const N: usize> Adversarial for Fixed<[u8; N]> {
    fn values() -> BoxedStrategy<Self> {
        <[u8; N]>::values().prop_map(Self).boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        for (left, right) in self.0.iter().zip(&other.0) {
            if left != right {
                return left.cmp(right);
            }
        }
        Ordering::Equal
    }
}

macro_rules! non_zero {
    ($($Int:ty)*) => {$(
        impl Adversarial for NonZero<$Int> {
            fn values() -> BoxedStrategy<Self> {
                <$Int>::values().prop_map(|number| Self::new(number).unwrap_or(Self::MIN)).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                self.get().cmp(&other.get())
            }
        }
    )*};
}

non_zero!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
