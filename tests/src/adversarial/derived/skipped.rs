//! Fields with `skip`: two values that differ only there are one key.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::Ignored;
use super::shape::shape;

/// The first, one in the middle and the last.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct SkipsSome {
    /// Not written.
    #[key(skip)]
    #[payload(skip)]
    pub first: String,
    /// Written.
    pub id: u8,
    /// Not written.
    #[key(skip)]
    #[payload(skip)]
    pub middle: Option<u64>,
    /// Written.
    pub text: String,
    /// Not written.
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

/// All, so that no byte is left.
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

/// In variants, between numbers that become neighbours.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum SkipVariants {
    /// Between two.
    Between(
        u16,
        #[key(skip)]
        #[payload(skip)]
        String,
        bool,
    ),
    /// All there is.
    Only {
        /// Not written.
        #[key(skip)]
        #[payload(skip)]
        note: String,
    },
}

shape!([] SkipVariants {
    0 => Self::Between { 0: u16, 1: String as Ignored, 2: bool }
    1 => Self::Only { note: String as Ignored }
});
