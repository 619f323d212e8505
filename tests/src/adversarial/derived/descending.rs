//! Fields with `desc`, alone and with `lex` or `fixed`.

use persist_core::{KeyDecode, KeyEncode};

use super::enums::{Mixture, Tagged};
use super::rules::{Dictionary, Down};
use super::shape::shape;
use super::structs::OneText;
use crate::adversarial::Adversarial;

/// Numbers of every width.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode)]
pub struct DescNumbers(
    #[key(desc)] u8,
    #[key(desc)] i16,
    #[key(desc)] char,
    #[key(desc)] f32,
    #[key(desc)] u128,
    #[key(desc)] bool,
    #[key(desc)] i64,
);

shape!([] DescNumbers {
    0 => Self {
        0: u8 as Down, 1: i16 as Down, 2: char as Down, 3: f32 as Down, 4: u128 as Down,
        5: bool as Down, 6: i64 as Down,
    }
});

/// Text and bytes: longer ones first, or with `lex` in reverse dictionary order.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct DescText {
    #[key(desc)]
    plain: String,
    #[key(desc, lex)]
    text: String,
    id: u8,
    #[key(lex)]
    #[key(desc)]
    bytes: Vec<u8>,
    #[key(desc, lex)]
    maybe: Option<Box<str>>,
    #[key(desc, lex)]
    numbers: Vec<u16>,
}

shape!([] DescText {
    0 => Self {
        plain: String as Down, text: String as Down<Dictionary>, id: u8,
        bytes: Vec<u8> as Down<Dictionary>, maybe: Option<Box<str>> as Down<Dictionary>,
        numbers: Vec<u16> as Down<Dictionary>,
    }
});

/// Options, tuples, structs, enums and sequences.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct DescCompounds {
    #[key(desc)]
    maybe: Option<String>,
    #[key(desc)]
    pair: (u8, String),
    #[key(desc)]
    text: OneText,
    #[key(desc)]
    mixture: Mixture,
    up: Tagged,
    #[key(desc)]
    tagged: Tagged,
    #[key(desc)]
    texts: Vec<String>,
}

shape!([] DescCompounds {
    0 => Self {
        maybe: Option<String> as Down, pair: (u8, String) as Down, text: OneText as Down,
        mixture: Mixture as Down, up: Tagged, tagged: Tagged as Down, texts: Vec<String> as Down,
    }
});

/// Arrays without their length.
#[derive(Clone, Copy, Debug, KeyEncode, KeyDecode)]
pub struct DescFixed(
    #[key(desc, fixed)] [u8; 4],
    u8,
    #[key(desc)] [u8; 2],
    #[key(fixed, desc)] [u8; 0],
);

shape!([] DescFixed {
    0 => Self { 0: [u8; 4] as Down, 1: u8, 2: [u8; 2] as Down, 3: [u8; 0] as Down }
});

/// Variants. Their tags ascend all the same.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub enum DescVariants {
    /// A number.
    At(#[key(desc)] i64),
    /// A descending and an ascending text.
    Named {
        /// Descending.
        #[key(desc, lex)]
        name: String,
        /// Ascending.
        #[key(lex)]
        path: String,
    },
    /// Nothing to reverse.
    Never,
}

shape!([] DescVariants {
    0 => Self::At { 0: i64 as Down }
    1 => Self::Named { name: String as Down<Dictionary>, path: String as Dictionary }
    2 => Self::Never {}
});

/// A descending field of a descending field ascends.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct DescOfDesc<T> {
    #[key(desc)]
    text: DescText,
    #[key(desc)]
    value: T,
    #[key(desc)]
    values: Vec<DescVariants>,
}

shape!([T: Adversarial] DescOfDesc<T> {
    0 => Self { text: DescText as Down, value: T as Down, values: Vec<DescVariants> as Down }
});
