//! Options, pointers, sequences and tuples as fields, and types within types within types.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::enums::Mixture;
use super::shape::shape;
use super::structs::{Nothing, OneText};

/// Pointers of every kind, and pointers to pointers.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Pointers(Box<String>, Rc<Vec<u8>>, Arc<i64>, Box<Option<Rc<u8>>>, Box<str>);

shape!([] Pointers {
    0 => Self { 0: Box<String>, 1: Rc<Vec<u8>>, 2: Arc<i64>, 3: Box<Option<Rc<u8>>>, 4: Box<str> }
});

/// Sequences of every kind, of elements of one width.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Sequences {
    numbers: Vec<u64>,
    bytes: Vec<u8>,
    array: [u8; 3],
    pair: [u16; 2],
    ring: VecDeque<i8>,
    chars: Box<[char]>,
    ring_of_bytes: VecDeque<u8>,
    none: [bool; 0],
}

shape!([] Sequences {
    0 => Self {
        numbers: Vec<u64>, bytes: Vec<u8>, array: [u8; 3], pair: [u16; 2], ring: VecDeque<i8>,
        chars: Box<[char]>, ring_of_bytes: VecDeque<u8>, none: [bool; 0],
    }
});

/// Sequences whose elements have any length.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Texts {
    texts: Vec<String>,
    pair: [String; 2],
    ring: VecDeque<Option<String>>,
    deep: Vec<Vec<Vec<u8>>>,
}

shape!([] Texts {
    0 => Self {
        texts: Vec<String>, pair: [String; 2], ring: VecDeque<Option<String>>,
        deep: Vec<Vec<Vec<u8>>>,
    }
});

/// Options of options, and of types without bytes.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Options(
    Option<u8>,
    Option<Option<bool>>,
    Option<String>,
    Option<()>,
    Option<Nothing>,
    Option<Vec<Option<u64>>>,
    Option<(u8, Option<String>)>,
);

shape!([] Options {
    0 => Self {
        0: Option<u8>, 1: Option<Option<bool>>, 2: Option<String>, 3: Option<()>,
        4: Option<Nothing>, 5: Option<Vec<Option<u64>>>, 6: Option<(u8, Option<String>)>,
    }
});

/// Tuples in tuples.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Tuples {
    pair: (String, u8),
    nested: ((u8, (String, ())), (Vec<u8>,)),
    twelve: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String),
}

shape!([] Tuples {
    0 => Self {
        pair: (String, u8),
        nested: ((u8, (String, ())), (Vec<u8>,)),
        twelve: (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, String),
    }
});

/// Structs and enums as elements and in options.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OfDerived {
    structs: Vec<OneText>,
    enums: Vec<Mixture>,
    maybe: Option<Mixture>,
    both: [Option<OneText>; 2],
}

shape!([] OfDerived {
    0 => Self {
        structs: Vec<OneText>, enums: Vec<Mixture>, maybe: Option<Mixture>,
        both: [Option<OneText>; 2],
    }
});

/// An enum around a struct around an enum.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Layers {
    /// The innermost layer alone.
    Inner(Mixture),
    /// All layers.
    All {
        /// The struct.
        middle: Middle,
        /// The field after it.
        count: u32,
    },
    /// Many.
    Many(Vec<Middle>, bool),
}

shape!([] Layers {
    0 => Self::Inner { 0: Mixture }
    1 => Self::All { middle: Middle, count: u32 }
    2 => Self::Many { 0: Vec<Middle>, 1: bool }
});

/// A struct around an enum.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Middle {
    name: String,
    mixture: Mixture,
    id: u8,
}

shape!([] Middle { 0 => Self { name: String, mixture: Mixture, id: u8 } });
