//! Types that contain themselves.

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::{Deeper, Leaf};
use super::shape::shape;
use crate::adversarial::Adversarial;

/// Recursion through an option of a box, in the middle.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Chain {
    id: u8,
    next: Option<Box<Chain>>,
    text: String,
}

shape!([] Chain { 0 => Self { id: u8, next: Option<Box<Chain>> as Deeper, text: String } });

/// Recursion through a vector.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Rose(i16, Vec<Rose>);

shape!([] Rose { 0 => Self { 0: i16, 1: Vec<Rose> as Deeper } });

/// Recursion through a vector of options, with a parameter.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Sparse<T> {
    children: Vec<Option<Self>>,
    value: T,
}

shape!([T: Adversarial] Sparse<T> {
    0 => Self { children: Vec<Option<Self>> as Deeper, value: T }
});

/// Recursion through another type, [`Entry`].
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Folder {
    name: String,
    entries: Vec<Entry>,
}

shape!([] Folder { 0 => Self { name: String, entries: Vec<Entry> as Deeper } });

/// Recursion through another type, [`Folder`].
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Entry {
    /// The end of the recursion.
    File(u64),
    /// A nested folder.
    Sub(Folder),
    /// A nested folder behind a pointer.
    Link {
        /// The target.
        to: Option<Box<Folder>>,
    },
}

shape!([] Entry {
    0 => Self::File { 0: u64 }
    1 => Self::Sub { 0: Folder }
    2 => Self::Link { to: Option<Box<Folder>> as Deeper }
});

/// Recursion through the boxes of an enum.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Term {
    /// The end of the recursion.
    Number(i64),
    /// One operand.
    Not(Box<Term>),
    /// Two operands with a field between them.
    Both {
        /// The first operand.
        left: Box<Term>,
        /// The field between them.
        by: char,
        /// The second operand.
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
