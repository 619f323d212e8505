//! Enums: with and without fields, of one variant and of twenty, with tags of every kind.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::shape::shape;

/// A variant of every form.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Mixture {
    /// Nothing after the tag.
    Unit,
    /// Empty parentheses.
    NoParts(),
    /// Empty braces.
    NoFields {},
    /// Unnamed fields.
    Parts(String, u8),
    /// Named fields.
    Fields {
        /// A field of variable length.
        name: Option<String>,
        /// A field of one width.
        at: i64,
    },
}

shape!([] Mixture {
    0 => Self::Unit {}
    1 => Self::NoParts {}
    2 => Self::NoFields {}
    3 => Self::Parts { 0: String, 1: u8 }
    4 => Self::Fields { name: Option<String>, at: i64 }
});

/// A single variant. It has a tag all the same.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Single {
    /// Tag 0.
    Only(String, bool),
}

shape!([] Single { 0 => Self::Only { 0: String, 1: bool } });

/// One variant without fields.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum SingleUnit {
    /// Tag 0.
    Only,
}

shape!([] SingleUnit { 0 => Self::Only {} });

/// Discriminants with gaps, not in the order of declaration.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(u8)]
pub enum Gaps {
    /// Tag 200.
    High = 200,
    /// Tag 201, counted on.
    Higher,
    /// Tag 3.
    Low = 3,
    /// Tag 255, the largest of the representation.
    Highest = u8::MAX,
    /// Tag 5, by an expression.
    Middle = 2 + 3,
}

shape!([] Gaps {
    200 => Self::High {}
    201 => Self::Higher {}
    3 => Self::Low {}
    255 => Self::Highest {}
    5 => Self::Middle {}
});

/// Negative discriminants in a small representation.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(i8)]
pub enum Negative {
    /// Tag -128.
    Least = i8::MIN,
    /// Tag -127, counted on.
    AfterLeast,
    /// Tag -1.
    MinusOne = -1,
    /// Tag 0, counted on.
    Zero,
}

shape!([] Negative {
    -128 => Self::Least {}
    -127 => Self::AfterLeast {}
    -1 => Self::MinusOne {}
    0 => Self::Zero {}
});

/// Discriminants of variants with fields.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(i64)]
pub enum Numbered {
    /// Tag 7.
    Seven(u8, String) = 7,
    /// Tag 8, counted on.
    Eight {
        /// A number.
        at: u64,
    },
    /// Tag -5.
    MinusFive(bool) = -5,
    /// The least tag.
    Least = i64::MIN,
    /// The greatest tag.
    Most(Option<u8>) = i64::MAX,
}

shape!([] Numbered {
    7 => Self::Seven { 0: u8, 1: String }
    8 => Self::Eight { at: u64 }
    -5 => Self::MinusFive { 0: bool }
    -9_223_372_036_854_775_808 => Self::Least {}
    9_223_372_036_854_775_807 => Self::Most { 0: Option<u8> }
});

/// Tags by attributes. They don't affect the tags of other variants.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Tagged {
    /// Tag 9.
    #[key(tag = 9)]
    First(u8),
    /// Tag 1: its position.
    Second,
    /// Tag -3.
    #[payload(tag = -3)]
    Third {
        /// Text.
        name: String,
    },
    /// Tag 3: its position.
    Fourth(char),
    /// Tag 0, which is unused.
    #[key(tag = 0)]
    #[payload(tag = 0)]
    Fifth,
}

shape!([] Tagged {
    9 => Self::First { 0: u8 }
    1 => Self::Second {}
    -3 => Self::Third { name: String }
    3 => Self::Fourth { 0: char }
    0 => Self::Fifth {}
});

/// Tags by attributes on a type whose discriminants are too large for tags.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(u64)]
pub enum Huge {
    /// Tag 2.
    #[key(tag = 2)]
    Most = u64::MAX,
    /// Tag 1.
    One = 1,
}

shape!([] Huge {
    2 => Self::Most {}
    1 => Self::One {}
});

/// Many variants, of every form.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[allow(missing_docs)]
pub enum Many {
    A,
    B(u8),
    C { text: String },
    D(bool, char),
    E,
    F(Vec<u8>),
    G,
    H { at: i64, by: Option<u8> },
    I(f64),
    J(),
    K {},
    L(String, String),
    M,
    N(u128),
    O([u8; 3]),
    P { mixture: Mixture },
    Q((u8, String)),
    R,
    S(Box<String>),
    T(i8, i16, i32, i64),
}

shape!([] Many {
    0 => Self::A {}
    1 => Self::B { 0: u8 }
    2 => Self::C { text: String }
    3 => Self::D { 0: bool, 1: char }
    4 => Self::E {}
    5 => Self::F { 0: Vec<u8> }
    6 => Self::G {}
    7 => Self::H { at: i64, by: Option<u8> }
    8 => Self::I { 0: f64 }
    9 => Self::J {}
    10 => Self::K {}
    11 => Self::L { 0: String, 1: String }
    12 => Self::M {}
    13 => Self::N { 0: u128 }
    14 => Self::O { 0: [u8; 3] }
    15 => Self::P { mixture: Mixture }
    16 => Self::Q { 0: (u8, String) }
    17 => Self::R {}
    18 => Self::S { 0: Box<String> }
    19 => Self::T { 0: i8, 1: i16, 2: i32, 3: i64 }
});
