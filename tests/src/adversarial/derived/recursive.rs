//! Types that hold themselves.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::{Deeper, Leaf};
use super::shape::shape;
use crate::adversarial::Adversarial;

/// Through an option of a box, in the middle.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Chain {
    id: u8,
    next: Option<Box<Chain>>,
    text: String,
}

shape!([] Chain { 0 => Self { id: u8, next: Option<Box<Chain>> as Deeper, text: String } });

/// Through a vector.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Rose(i16, Vec<Rose>);

shape!([] Rose { 0 => Self { 0: i16, 1: Vec<Rose> as Deeper } });

/// Through a vector of options of itself, and a parameter.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Sparse<T> {
    children: Vec<Option<Self>>,
    value: T,
}

shape!([T: Adversarial] Sparse<T> {
    0 => Self { children: Vec<Option<Self>> as Deeper, value: T }
});

/// Through another type: this one holds the other.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Folder {
    name: String,
    entries: Vec<Entry>,
}

shape!([] Folder { 0 => Self { name: String, entries: Vec<Entry> as Deeper } });

/// Through another type: this is the other.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Entry {
    /// The end.
    File(u64),
    /// One more.
    Sub(Folder),
    /// One more behind a pointer.
    Link {
        /// Where to.
        to: Option<Box<Folder>>,
    },
}

shape!([] Entry {
    0 => Self::File { 0: u64 }
    1 => Self::Sub { 0: Folder }
    2 => Self::Link { to: Option<Box<Folder>> as Deeper }
});

/// Through an enum's boxes.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Term {
    /// The end.
    Number(i64),
    /// One.
    Not(Box<Term>),
    /// Two, with something between them.
    Both {
        /// First.
        left: Box<Term>,
        /// Between.
        by: char,
        /// Second.
        right: Box<Term>,
    },
}

shape!([] Term {
    0 => Self::Number { 0: i64 }
    1 => Self::Not { 0: Box<Term> as Deeper }
    2 => Self::Both { left: Box<Term> as Deeper, by: char, right: Box<Term> as Deeper }
});

impl Leaf for Term {
    fn leaf() -> Self {
        Self::Number(0)
    }
}
