//! Orderings, ranges and bounds.

use std::cmp::Ordering;
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use proptest::prelude::*;

use super::Adversarial;

impl Adversarial for Ordering {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![Just(Self::Less), Just(Self::Equal), Just(Self::Greater)].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        (*self as i8).cmp(&(*other as i8))
    }
}

/// Ranges with two ends: ordered by the start, and then by the end.
macro_rules! of_two_ends {
    ($($Range:ident, |$range:ident| $start:expr, $end:expr, $make:expr;)*) => {$(
        impl<T: Adversarial> Adversarial for $Range<T> {
            fn values() -> BoxedStrategy<Self> {
                (T::values(), T::values()).prop_map($make).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                fn ends<T>($range: &$Range<T>) -> (&T, &T) {
                    ($start, $end)
                }
                let (left, right) = (ends(self), ends(other));
                left.0.documented_cmp(right.0).then_with(|| left.1.documented_cmp(right.1))
            }
        }
    )*};
}

of_two_ends! {
    Range, |range| &range.start, &range.end, |(start, end)| start..end;
    RangeInclusive, |range| range.start(), range.end(), |(start, end)| start..=end;
}

macro_rules! of_one_end {
    ($($Range:ident, $end:ident, $make:expr;)*) => {$(
        impl<T: Adversarial> Adversarial for $Range<T> {
            fn values() -> BoxedStrategy<Self> {
                T::values().prop_map($make).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                self.$end.documented_cmp(&other.$end)
            }
        }
    )*};
}

of_one_end! {
    RangeFrom, start, |start| start..;
    RangeTo, end, |end| ..end;
    RangeToInclusive, end, |end| ..=end;
}

impl Adversarial for RangeFull {
    fn values() -> BoxedStrategy<Self> {
        Just(..).boxed()
    }

    fn documented_cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl<T: Adversarial> Adversarial for Bound<T> {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![
            T::values().prop_map(Self::Included),
            T::values().prop_map(Self::Excluded),
            Just(Self::Unbounded),
        ]
        .boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        let variant = |bound: &Self| match bound {
            Self::Included(_) => 0,
            Self::Excluded(_) => 1,
            Self::Unbounded => 2,
        };
        match (self, other) {
            (Self::Included(left), Self::Included(right))
            | (Self::Excluded(left), Self::Excluded(right)) => left.documented_cmp(right),
            _ => variant(self).cmp(&variant(other)),
        }
    }
}
