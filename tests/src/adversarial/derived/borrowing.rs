//! Types that borrow. Each has an owner: a type with the same fields, owned.

use std::borrow::Cow;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

use super::rules::{Dictionary, Down};
use super::shape::shape;
use crate::adversarial::Adversarial;

/// Text and bytes, borrowed.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Lines<'a> {
    text: &'a str,
    id: u8,
    bytes: &'a [u8],
    maybe: Option<&'a str>,
    list: Vec<&'a str>,
    last: u16,
}

/// The owner of [`Lines`].
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OwnedLines {
    text: String,
    id: u8,
    bytes: Vec<u8>,
    maybe: Option<String>,
    list: Vec<String>,
    last: u16,
}

shape!([] OwnedLines {
    0 => Self {
        text: String, id: u8, bytes: Vec<u8>, maybe: Option<String>, list: Vec<String>, last: u16,
    }
});

/// Two lifetimes, a parameter and `Cow`s.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct Mingled<'a, 'b, T> {
    text: Cow<'a, str>,
    value: T,
    bytes: Cow<'b, [u8]>,
    pair: (&'a str, Option<&'b [u8]>),
}

/// The owner of [`Mingled`].
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct OwnedMingled<T> {
    text: String,
    value: T,
    bytes: Vec<u8>,
    pair: (String, Option<Vec<u8>>),
}

shape!([T: Adversarial] OwnedMingled<T> {
    0 => Self { text: String, value: T, bytes: Vec<u8>, pair: (String, Option<Vec<u8>>) }
});

/// Fields that can be borrowed only if nothing is escaped or flipped.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct Escaped<'a> {
    #[key(lex)]
    text: Cow<'a, str>,
    #[key(lex)]
    bytes: Cow<'a, [u8]>,
    #[key(desc)]
    down: Cow<'a, str>,
    #[key(desc, lex)]
    both: Cow<'a, str>,
    #[key(lex)]
    maybe: Option<Cow<'a, str>>,
    plain: &'a str,
}

/// The owner of [`Escaped`].
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
pub struct OwnedEscaped {
    #[key(lex)]
    text: String,
    #[key(lex)]
    bytes: Vec<u8>,
    #[key(desc)]
    down: String,
    #[key(desc, lex)]
    both: String,
    #[key(lex)]
    maybe: Option<String>,
    plain: String,
}

shape!([] OwnedEscaped {
    0 => Self {
        text: String as Dictionary, bytes: Vec<u8> as Dictionary, down: String as Down,
        both: String as Down<Dictionary>, maybe: Option<String> as Dictionary, plain: String,
    }
});

/// An enum that borrows in some of its variants.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub enum Notice<'a> {
    /// A field that borrows.
    Text(&'a str),
    /// A borrowing field between others.
    Bytes {
        /// The first field.
        id: u32,
        /// The borrowed bytes.
        bytes: &'a [u8],
        /// A type that borrows.
        lines: Option<Box<Lines<'a>>>,
    },
    /// A variant without borrowed fields.
    Number(i64),
}

/// The owner of the borrowing `Notice`. It has the same name, since errors contain the name.
pub mod owned {
    use super::{KeyDecode, KeyEncode, OwnedLines, PayloadDecode, PayloadEncode, shape};

    /// An enum without borrowed fields.
    #[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    pub enum Notice {
        /// Text.
        Text(String),
        /// Bytes between other fields.
        Bytes {
            /// The first field.
            id: u32,
            /// The owned bytes.
            bytes: Vec<u8>,
            /// The owner of a type that borrows.
            lines: Option<Box<OwnedLines>>,
        },
        /// A number.
        Number(i64),
    }

    shape!([] Notice {
        0 => Self::Text { 0: String }
        1 => Self::Bytes { id: u32, bytes: Vec<u8>, lines: Option<Box<OwnedLines>> }
        2 => Self::Number { 0: i64 }
    });
}
