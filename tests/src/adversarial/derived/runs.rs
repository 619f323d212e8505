//! Adjacent fields of fixed widths, which an encoder may write together.

use std::rc::Rc;
use std::sync::Arc;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::Down;
use super::shape::shape;
use super::structs::{Nothing, OneNumber};

/// Ascending widths.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Unsigned(u8, u16, u32, u64, u128, usize);

shape!([] Unsigned { 0 => Self { 0: u8, 1: u16, 2: u32, 3: u64, 4: u128, 5: usize } });

/// Descending widths.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct SignedRun(i128, isize, i64, i32, i16, i8);

shape!([] SignedRun { 0 => Self { 0: i128, 1: isize, 2: i64, 3: i32, 4: i16, 5: i8 } });

/// Every primitive type in one run; adjacent types differ.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Mixed {
    a: u8,
    b: bool,
    c: u16,
    d: char,
    e: i8,
    f: f32,
    g: u32,
    h: i16,
    i: f64,
    j: u64,
    k: i32,
    l: u128,
    m: i64,
    n: usize,
    o: i128,
    p: isize,
}

shape!([] Mixed {
    0 => Self {
        a: u8, b: bool, c: u16, d: char, e: i8, f: f32, g: u32, h: i16, i: f64, j: u64, k: i32,
        l: u128, m: i64, n: usize, o: i128, p: isize,
    }
});

/// Runs before text, between texts and after text.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct AroundText {
    a: u8,
    b: bool,
    c: i64,
    first: String,
    d: u64,
    e: i32,
    second: Option<String>,
    f: char,
    third: Vec<u8>,
    g: f64,
    h: u16,
    i: bool,
}

shape!([] AroundText {
    0 => Self {
        a: u8, b: bool, c: i64, first: String, d: u64, e: i32, second: Option<String>, f: char,
        third: Vec<u8>, g: f64, h: u16, i: bool,
    }
});

/// Runs after a tag, whose width is the same in all variants.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum InVariants {
    /// Only the tag.
    Bare,
    /// A run at the end of the variant.
    Run(u8, bool, u16),
    /// A run before and after text.
    Around {
        /// Width 8.
        before: i32,
        /// Width 1.
        flag: bool,
        /// Any width.
        text: String,
        /// Width 4.
        after: char,
        /// Width 16.
        end: u128,
    },
    /// Text before a run.
    Late(String, f32, u8),
    /// A run of one field.
    One(i8),
    /// Long runs across several types.
    Long(Mixed, Unsigned, bool, [u8; 2], SignedRun, Mixed),
}

shape!([] InVariants {
    0 => Self::Bare {}
    1 => Self::Run { 0: u8, 1: bool, 2: u16 }
    2 => Self::Around { before: i32, flag: bool, text: String, after: char, end: u128 }
    3 => Self::Late { 0: String, 1: f32, 2: u8 }
    4 => Self::One { 0: i8 }
    5 => Self::Long { 0: Mixed, 1: Unsigned, 2: bool, 3: [u8; 2], 4: SignedRun, 5: Mixed }
});

/// Arrays with and without their length between numbers.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct WithArrays {
    a: u8,
    #[key(fixed)]
    #[payload(fixed)]
    b: [u8; 4],
    c: u16,
    d: [u8; 4],
    e: bool,
    #[key(fixed)]
    #[payload(fixed)]
    f: [u8; 0],
    g: [u16; 2],
    h: i64,
}

shape!([] WithArrays {
    0 => Self {
        a: u8, b: [u8; 4], c: u16, d: [u8; 4], e: bool, f: [u8; 0], g: [u16; 2], h: i64,
    }
});

/// Descending fields between ascending ones.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode)]
pub struct UpAndDown {
    a: u8,
    #[key(desc)]
    b: u16,
    c: u32,
    #[key(desc)]
    d: bool,
    #[key(desc)]
    e: i64,
    f: char,
    #[key(desc)]
    g: f64,
}

shape!([] UpAndDown {
    0 => Self { a: u8, b: u16 as Down, c: u32, d: bool as Down, e: i64 as Down, f: char, g: f64 as Down }
});

/// Numbers in pointers and in options.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct BehindPointers(Box<u8>, Rc<u16>, Arc<char>, Option<u8>, u8, Box<Option<bool>>, Box<i64>);

shape!([] BehindPointers {
    0 => Self {
        0: Box<u8>, 1: Rc<u16>, 2: Arc<char>, 3: Option<u8>, 4: u8, 5: Box<Option<bool>>, 6: Box<i64>,
    }
});

/// Structs and tuples of one width between numbers.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OfStructs {
    a: u8,
    b: OneNumber,
    c: (),
    d: SignedRun,
    e: Nothing,
    f: (u8, (bool, u16)),
    g: bool,
}

shape!([] OfStructs {
    0 => Self {
        a: u8, b: OneNumber, c: (), d: SignedRun, e: Nothing, f: (u8, (bool, u16)), g: bool,
    }
});

/// Twenty single bytes.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[rustfmt::skip]
pub struct Twenty(
    u8, bool, u8, bool, u8, bool, u8, bool, u8, bool, u8, bool, u8, bool, u8, bool, u8, bool, u8, bool,
);

shape!([] Twenty {
    0 => Self {
        0: u8, 1: bool, 2: u8, 3: bool, 4: u8, 5: bool, 6: u8, 7: bool, 8: u8, 9: bool, 10: u8,
        11: bool, 12: u8, 13: bool, 14: u8, 15: bool, 16: u8, 17: bool, 18: u8, 19: bool,
    }
});

/// An alias of a number, which a macro can't resolve.
pub type Epoch = i64;

/// Fields whose width isn't visible in their type's name.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Aliased {
    a: Epoch,
    b: std::primitive::u8,
    c: Text,
    d: core::primitive::u64,
    e: own::u8,
}

/// An alias of text.
pub type Text = String;

/// A type with the name of a primitive number.
pub mod own {
    use super::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, shape};

    /// A text with that name.
    #[allow(non_camel_case_types)]
    #[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    pub struct u8(String);

    shape!([] u8 { 0 => Self { 0: String } });
}

shape!([] Aliased {
    0 => Self { a: Epoch, b: u8, c: Text, d: u64, e: own::u8 }
});
