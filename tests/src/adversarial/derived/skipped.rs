//! Fields with `skip`: values that differ in such a field only have the same key.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::Ignored;
use super::shape::shape;

/// The first, a middle and the last field skipped.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct SkipsSome {
    /// Skipped.
    #[key(skip)]
    #[payload(skip)]
    pub first: String,
    /// Written.
    pub id: u8,
    /// Skipped.
    #[key(skip)]
    #[payload(skip)]
    pub middle: Option<u64>,
    /// Written.
    pub text: String,
    /// Skipped.
    #[key(skip)]
    #[payload(skip)]
    pub last: f64,
}

shape!([] SkipsSome {
    0 => Self {
        first: String as Ignored, id: u8, middle: Option<u64> as Ignored, text: String,
        last: f64 as Ignored,
    }
});

/// All fields skipped, so that the key is empty.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct SkipsAll(
    #[key(skip)]
    #[payload(skip)]
    u64,
    #[key(skip)]
    #[payload(skip)]
    String,
);

shape!([] SkipsAll { 0 => Self { 0: u64 as Ignored, 1: String as Ignored } });

/// Variants; fields become neighbors when one between them is skipped.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum SkipVariants {
    /// A skipped field between two others.
    Between(
        u16,
        #[key(skip)]
        #[payload(skip)]
        String,
        bool,
    ),
    /// A skipped field alone.
    Only {
        /// Skipped.
        #[key(skip)]
        #[payload(skip)]
        note: String,
    },
}

shape!([] SkipVariants {
    0 => Self::Between { 0: u16, 1: String as Ignored, 2: bool }
    1 => Self::Only { note: String as Ignored }
});
