//! Types whose `Ord` is the order of their keys, by the attribute `ordered` or by the derive `KeyOrd`.

use std::cmp::Reverse;

use persist_core::{Fixed, KeyDecode, KeyEncode, KeyOrd, Lex, Shortlex, Total};

use super::rules::{Dictionary, Down, Ignored};
use super::shape::shape;
use crate::adversarial::Adversarial;

/// A struct with the attribute. The attributes of its fields make their keys sort like `Ord`.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
pub struct Claimed {
    id: u8,
    #[key(lex)]
    name: Option<String>,
    #[key(fixed)]
    hash: [u8; 4],
    short: Shortlex<Vec<String>>,
    score: Total<f64>,
    time: Reverse<i64>,
    array: [i16; 2],
    #[key(lex)]
    path: Vec<Lex<String>>,
    fixed: Option<Fixed<[u8; 2]>>,
}

shape!([] Claimed {
    0 => Self {
        id: u8, name: Option<String> as Dictionary, hash: [u8; 4],
        short: Shortlex<Vec<String>>, score: Total<f64>,
        time: Reverse<i64>, array: [i16; 2],
        path: Vec<Lex<String>> as Dictionary, fixed: Option<Fixed<[u8; 2]>>,
    }
});

/// An enum with the attribute: its tags ascend with the variants.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
pub enum ClaimedVariants {
    /// Tag -7.
    #[key(tag = -7)]
    First(u8, char),
    /// Tag 1.
    Second,
    /// Tag 30.
    #[key(tag = 30)]
    Third {
        /// The order of `Ord`.
        #[key(lex)]
        next: Vec<u32>,
        /// A float with a total order.
        score: Total<f32>,
    },
}

shape!([] ClaimedVariants {
    -7 => Self::First { 0: u8, 1: char }
    1 => Self::Second {}
    30 => Self::Third { next: Vec<u32> as Dictionary, score: Total<f32> }
});

/// A generic struct with the attribute.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
pub struct ClaimedOf<T>(i32, Option<T>);

shape!([T: Adversarial] ClaimedOf<T> { 0 => Self { 0: i32, 1: Option<T> } });

/// A struct with a derived `Ord`, of fields that have no order or another one.
#[derive(Clone, Debug, KeyEncode, KeyDecode, KeyOrd)]
pub struct Made<T> {
    name: String,
    #[key(desc)]
    score: f64,
    #[key(skip)]
    note: String,
    rest: T,
    values: Vec<f32>,
}

shape!([T: Adversarial] Made<T> {
    0 => Self { name: String, score: f64 as Down, note: String as Ignored, rest: T, values: Vec<f32> }
});

/// An enum with a derived `Ord` and descending tags.
#[derive(Clone, Debug, KeyEncode, KeyDecode, KeyOrd)]
pub enum MadeVariants {
    /// Tag 2.
    #[key(tag = 2)]
    Late(String),
    /// Tag 1.
    Middle {
        /// A descending field.
        #[key(desc, lex)]
        name: String,
    },
    /// Tag -1.
    #[key(tag = -1)]
    Early(f64),
}

shape!([] MadeVariants {
    2 => Self::Late { 0: String }
    1 => Self::Middle { name: String as Down<Dictionary> }
    -1 => Self::Early { 0: f64 }
});
