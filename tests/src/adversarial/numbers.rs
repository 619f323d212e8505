//! Integers around every power of two, floats of every kind, `bool` and `char`.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::select;

use super::{Adversarial, sequences};

/// Integers: each power of two and its neighbors, of both signs. This includes -1, 0, 1 and both ends.
macro_rules! integers {
    ($($Int:ident $({ $($item:tt)* })?)*) => {$(
        impl Adversarial for $Int {
            fn values() -> BoxedStrategy<Self> {
                let mut edges = vec![0, 1, 2, <$Int>::MIN, <$Int>::MIN + 1, <$Int>::MAX - 1, <$Int>::MAX];
                for shift in 0..<$Int>::BITS {
                    let power: $Int = 1 << shift;
                    edges.extend([
                        power,
                        power.wrapping_sub(1),
                        power.wrapping_add(1),
                        power.wrapping_neg(),
                        (<$Int>::MIN).wrapping_add(power),
                    ]);
                }
                let few = vec![<$Int>::MIN, (0 as $Int).wrapping_sub(1), 0, 1, <$Int>::MAX];
                prop_oneof![3 => select(few), 3 => select(edges), 1 => any::<$Int>()].boxed()
            }

            $($($item)*)?

            fn documented_cmp(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }
        }
    )*};
}

integers! {
    u8 {
        fn sequences() -> BoxedStrategy<Vec<Self>> {
            sequences::of_bytes()
        }
    }
    u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize
}

impl Adversarial for bool {
    fn values() -> BoxedStrategy<Self> {
        any::<bool>().boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        u8::from(*self).cmp(&u8::from(*other))
    }
}

/// Characters at each change of UTF-8 width, and on both sides of the surrogates.
pub(super) const CHARS: [char; 16] = [
    '\0',
    '\x01',
    'a',
    'b',
    '\x7F',
    '\u{80}',
    'ÿ',
    '\u{7FF}',
    '\u{800}',
    '\u{D7FF}',
    '\u{E000}',
    '\u{FEFF}',
    '\u{FFFF}',
    '\u{10000}',
    '\u{10FFFE}',
    '\u{10FFFF}',
];

impl Adversarial for char {
    fn values() -> BoxedStrategy<Self> {
        prop_oneof![4 => select(&CHARS[..]), 1 => any::<char>()].boxed()
    }

    fn documented_cmp(&self, other: &Self) -> Ordering {
        u32::from(*self).cmp(&u32::from(*other))
    }
}

/// Floats: zeros, subnormals, infinities and NaNs, quiet and signalling, of both signs.
macro_rules! floats {
    ($($Float:ident, $Bits:ident;)*) => {$(
        impl Adversarial for $Float {
            fn values() -> BoxedStrategy<Self> {
                const SIGN: $Bits = 1 << ($Bits::BITS - 1);
                let infinity = $Float::INFINITY.to_bits();
                let positive = [
                    0,
                    1,
                    2,
                    $Float::MIN_POSITIVE.to_bits() - 1,
                    $Float::MIN_POSITIVE.to_bits(),
                    (0.5 as $Float).to_bits(),
                    (1.0 as $Float).to_bits(),
                    (1.0 as $Float).to_bits() + 1,
                    $Float::MAX.to_bits(),
                    infinity,
                    infinity + 1,
                    $Float::NAN.to_bits() & !SIGN,
                    !SIGN,
                ];
                let both: Vec<_> = positive.iter().flat_map(|bits| [*bits, bits | SIGN]).collect();
                prop_oneof![4 => select(both), 1 => any::<$Bits>()].prop_map($Float::from_bits).boxed()
            }

            fn documented_cmp(&self, other: &Self) -> Ordering {
                self.total_cmp(other)
            }
        }
    )*};
}

floats! {
    f32, u32;
    f64, u64;
}
