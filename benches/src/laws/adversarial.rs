//! Difficult values, from a fixed seed.

use std::collections::BTreeMap;

/// Splitmix64: the same numbers in every run and on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Returns a length: mostly tiny, sometimes about a block of eight, rarely about the step between the forms of a
    /// length.
    fn len(&mut self) -> usize {
        match self.below(800) {
            0 => 65_533 + self.below(5),
            1..100 => 6 + self.below(12),
            _ => self.below(4),
        }
    }
}

pub(crate) trait Adversarial: Sized {
    fn draw(random: &mut Random) -> Self;
}

pub(crate) fn values<T: Adversarial>(count: usize) -> Vec<T> {
    let mut random = Random::new(7);
    (0..count).map(|_| T::draw(&mut random)).collect()
}

/// Bytes that are ends, escapes, signs or tags in some format.
const BYTES: [u8; 14] = [0, 0, 0, 1, 1, 2, 8, 9, 0x7F, 0x80, 0xFE, 0xFF, 0xFF, b'a'];

const CHARS: [char; 12] = [
    '\0',
    '\0',
    '\u{1}',
    '\u{2}',
    'a',
    'b',
    '\u{7F}',
    '\u{80}',
    '\u{7FF}',
    '\u{D7FF}',
    '\u{FFFF}',
    '\u{10FFFF}',
];

macro_rules! integers {
    ($($Integer:ty)*) => {$(
        impl Adversarial for $Integer {
            fn draw(random: &mut Random) -> Self {
                let bits = size_of::<Self>() * 8;
                match random.below(4) {
                    0 => random.pick(&[<$Integer>::MIN, <$Integer>::MAX, 0, 1, <$Integer>::MAX - 1, <$Integer>::MIN + 1]),
                    1 => (1 as $Integer).wrapping_shl(u32::try_from(random.below(bits)).unwrap_or(0)).wrapping_sub(random.pick(&[0, 1])),
                    2 => (0 as $Integer).wrapping_sub((1 as $Integer).wrapping_shl(u32::try_from(random.below(bits)).unwrap_or(0))).wrapping_sub(random.pick(&[0, 1])),
                    _ => <$Integer>::from_be_bytes(std::array::from_fn(|_| random.pick(&BYTES))),
                }
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

macro_rules! floats {
    ($($Float:ident $Bits:ident)*) => {$(
        impl Adversarial for $Float {
            fn draw(random: &mut Random) -> Self {
                let special = [
                    0.0,
                    -0.0,
                    1.0,
                    -1.0,
                    $Float::INFINITY,
                    $Float::NEG_INFINITY,
                    $Float::NAN,
                    -$Float::NAN,
                    $Float::MIN_POSITIVE,
                    -$Float::MIN_POSITIVE,
                    $Float::MAX,
                    $Float::MIN,
                ];
                match random.below(3) {
                    0 => random.pick(&special),
                    1 => $Float::from_bits($Bits::draw(random)),
                    _ => f32::from(i16::draw(random)).into(),
                }
            }
        }
    )*};
}

floats!(f32 u32 f64 u64);

impl Adversarial for bool {
    fn draw(random: &mut Random) -> Self {
        random.one_in(2)
    }
}

impl Adversarial for char {
    fn draw(random: &mut Random) -> Self {
        random.pick(&CHARS)
    }
}

impl Adversarial for String {
    fn draw(random: &mut Random) -> Self {
        (0..random.len()).map(|_| char::draw(random)).collect()
    }
}

impl Adversarial for Vec<u8> {
    fn draw(random: &mut Random) -> Self {
        (0..random.len()).map(|_| random.pick(&BYTES)).collect()
    }
}

impl Adversarial for Vec<u64> {
    fn draw(random: &mut Random) -> Self {
        (0..random.len()).map(|_| u64::draw(random)).collect()
    }
}

impl Adversarial for Vec<String> {
    fn draw(random: &mut Random) -> Self {
        // Short texts inside: a long sequence of long texts finds nothing more.
        let text = |random: &mut Random| (0..random.below(3)).map(|_| char::draw(random)).collect();
        (0..random.len()).map(|_| text(random)).collect()
    }
}

impl<T: Adversarial> Adversarial for Option<T> {
    fn draw(random: &mut Random) -> Self {
        if random.one_in(4) { None } else { Some(T::draw(random)) }
    }
}

impl Adversarial for () {
    fn draw(_: &mut Random) -> Self {}
}

impl<A: Adversarial, B: Adversarial> Adversarial for (A, B) {
    fn draw(random: &mut Random) -> Self {
        (A::draw(random), B::draw(random))
    }
}

impl Adversarial for [u8; 32] {
    fn draw(random: &mut Random) -> Self {
        // Many with the same beginning.
        let alike = random.below(33);
        std::array::from_fn(|index| if index < alike { 0 } else { random.pick(&BYTES) })
    }
}

impl Adversarial for BTreeMap<String, u64> {
    fn draw(random: &mut Random) -> Self {
        (0..random.below(4)).map(|_| (String::draw(random), u64::draw(random))).collect()
    }
}
