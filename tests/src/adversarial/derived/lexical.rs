//! Fields with `lex`.

use std::collections::VecDeque;
use std::rc::Rc;

use persist_core::{KeyDecode, KeyEncode};

use super::enums::{Gaps, Mixture};
use super::rules::Dictionary;
use super::shape::shape;
use super::structs::OneText;
use crate::adversarial::Adversarial;

/// Text before a number that may begin with any byte.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexText {
    #[key(lex)]
    first: String,
    id: u8,
    #[key(lex)]
    second: Box<str>,
    #[key(lex)]
    third: String,
    plain: String,
    count: u64,
}

shape!([] LexText {
    0 => Self {
        first: String as Dictionary, id: u8, second: Box<str> as Dictionary,
        third: String as Dictionary, plain: String, count: u64,
    }
});

/// Bytes in several containers, escaped in all of them.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexBytes {
    #[key(lex)]
    vector: Vec<u8>,
    #[key(lex)]
    array: [u8; 3],
    #[key(lex)]
    ring: VecDeque<u8>,
    #[key(lex)]
    boxed: Box<[u8]>,
    #[key(lex)]
    none: [u8; 0],
    plain: Vec<u8>,
    count: u64,
}

shape!([] LexBytes {
    0 => Self {
        vector: Vec<u8> as Dictionary, array: [u8; 3] as Dictionary,
        ring: VecDeque<u8> as Dictionary, boxed: Box<[u8]> as Dictionary,
        none: [u8; 0] as Dictionary, plain: Vec<u8>, count: u64,
    }
});

/// Sequences whose elements have the order of keys.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexSequences {
    #[key(lex)]
    numbers: Vec<u64>,
    #[key(lex)]
    bytes: Vec<Vec<u8>>,
    #[key(lex)]
    texts: VecDeque<String>,
    #[key(lex)]
    pair: [u16; 2],
    #[key(lex)]
    flags: Box<[bool]>,
    last: u8,
}

shape!([] LexSequences {
    0 => Self {
        numbers: Vec<u64> as Dictionary, bytes: Vec<Vec<u8>> as Dictionary,
        texts: VecDeque<String> as Dictionary, pair: [u16; 2] as Dictionary,
        flags: Box<[bool]> as Dictionary, last: u8,
    }
});

/// Sequences of derived types.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexDerived {
    #[key(lex)]
    structs: Vec<OneText>,
    #[key(lex)]
    units: Vec<Gaps>,
    #[key(lex)]
    enums: Vec<Mixture>,
    #[key(lex)]
    own: Vec<LexText>,
    #[key(lex)]
    tuples: Vec<(String, Option<u8>)>,
}

shape!([] LexDerived {
    0 => Self {
        structs: Vec<OneText> as Dictionary, units: Vec<Gaps> as Dictionary,
        enums: Vec<Mixture> as Dictionary, own: Vec<LexText> as Dictionary,
        tuples: Vec<(String, Option<u8>)> as Dictionary,
    }
});

/// Fields inside options and pointers.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexWithin(
    #[key(lex)] Option<String>,
    #[key(lex)] Option<Option<Box<str>>>,
    #[key(lex)] Box<Option<Vec<u8>>>,
    #[key(lex)] Rc<String>,
    #[key(lex)] Option<Vec<bool>>,
    u8,
    #[key(lex)] Box<Vec<String>>,
);

shape!([] LexWithin {
    0 => Self {
        0: Option<String> as Dictionary, 1: Option<Option<Box<str>>> as Dictionary,
        2: Box<Option<Vec<u8>>> as Dictionary, 3: Rc<String> as Dictionary,
        4: Option<Vec<bool>> as Dictionary, 5: u8, 6: Box<Vec<String>> as Dictionary,
    }
});

/// Variants, with the field last and not last.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub enum LexVariants {
    /// The only field.
    Name(#[key(lex)] String),
    /// A field among others.
    Among {
        /// The first field.
        id: u16,
        /// The middle field.
        #[key(lex)]
        path: Vec<String>,
        /// The last field.
        #[key(lex)]
        bytes: Option<Vec<u8>>,
    },
    /// A field without the attribute.
    Plain(String),
}

shape!([] LexVariants {
    0 => Self::Name { 0: String as Dictionary }
    1 => Self::Among { id: u16, path: Vec<String> as Dictionary, bytes: Option<Vec<u8>> as Dictionary }
    2 => Self::Plain { 0: String }
});

/// A parameter as the element.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct LexOf<T> {
    #[key(lex)]
    elements: Vec<T>,
    id: i8,
}

shape!([T: Adversarial] LexOf<T> { 0 => Self { elements: Vec<T> as Dictionary, id: i8 } });
