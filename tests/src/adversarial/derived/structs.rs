//! Structs of every form, from no field to more fields than a tuple can have.

use std::marker::PhantomData;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::shape::shape;

/// A unit struct.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Nothing;

shape!([] Nothing { 0 => Self {} });

/// Empty braces.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct NoFields {}

shape!([] NoFields { 0 => Self {} });

/// Empty parentheses.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct NoParts();

shape!([] NoParts { 0 => Self {} });

/// One field of any length.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OneText {
    text: String,
}

shape!([] OneText { 0 => Self { text: String } });

/// One field of one width.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OneNumber(i128);

shape!([] OneNumber { 0 => Self { 0: i128 } });

/// Fields without bytes, and one with bytes.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OfUnits {
    before: (),
    unit: Nothing,
    id: u8,
    empty: (NoFields, NoParts),
    after: PhantomNumber,
}

/// A field without data.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct PhantomNumber(PhantomData<fn() -> f64>);

impl crate::adversarial::Adversarial for PhantomNumber {
    fn values() -> proptest::strategy::BoxedStrategy<Self> {
        proptest::strategy::Strategy::boxed(proptest::strategy::LazyJust::new(|| Self(PhantomData)))
    }

    fn documented_cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

shape!([] OfUnits {
    0 => Self {
        before: (), unit: Nothing, id: u8, empty: (NoFields, NoParts), after: PhantomNumber,
    }
});

/// More fields than a tuple can have, of many types.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Wide {
    a: bool,
    b: String,
    c: u16,
    d: i16,
    e: Option<char>,
    f: f32,
    g: u128,
    h: Vec<u8>,
    i: i8,
    j: f64,
    k: [u8; 2],
    l: usize,
    m: (u8, String),
    n: isize,
}

shape!([] Wide {
    0 => Self {
        a: bool, b: String, c: u16, d: i16, e: Option<char>, f: f32, g: u128, h: Vec<u8>, i: i8,
        j: f64, k: [u8; 2], l: usize, m: (u8, String), n: isize,
    }
});

/// The same fields without names.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct WideTuple(
    i64,
    u8,
    u8,
    String,
    char,
    bool,
    Option<u64>,
    u32,
    i32,
    Vec<String>,
    u8,
    f32,
    bool,
);

shape!([] WideTuple {
    0 => Self {
        0: i64, 1: u8, 2: u8, 3: String, 4: char, 5: bool, 6: Option<u64>, 7: u32, 8: i32,
        9: Vec<String>, 10: u8, 11: f32, 12: bool,
    }
});
