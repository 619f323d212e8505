//! Derived types inside the wrappers that change an encoding.

use std::cmp::Reverse;

use persist_core::{
    Fixed, KeyDecode, KeyEncode, Lex, PayloadDecode, PayloadEncode, Shortlex, Total,
};

use super::enums::{Mixture, Tagged};
use super::runs::Mixed;
use super::shape::shape;
use super::structs::OneText;

/// Inside `Lex`.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct InLex {
    text: Lex<String>,
    structs: Lex<Vec<OneText>>,
    nested: Lex<Vec<Lex<String>>>,
    enums: Lex<Vec<Mixture>>,
    id: u64,
}

shape!([] InLex {
    0 => Self {
        text: Lex<String>, structs: Lex<Vec<OneText>>,
        nested: Lex<Vec<Lex<String>>>,
        enums: Lex<Vec<Mixture>>, id: u64,
    }
});

/// Inside `Reverse`, once and twice.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct InReverse(
    Reverse<Mixed>,
    Reverse<Tagged>,
    Reverse<Lex<Vec<OneText>>>,
    Reverse<Reverse<OneText>>,
    Reverse<Option<u8>>,
);

shape!([] InReverse {
    0 => Self {
        0: Reverse<Mixed>,
        1: Reverse<Tagged>,
        2: Reverse<Lex<Vec<OneText>>>,
        3: Reverse<Reverse<OneText>>,
        4: Reverse<Option<u8>>,
    }
});

/// Inside `Shortlex`, `Total` and `Fixed`, which don't change the order here.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
pub struct InOthers {
    text: Shortlex<OneText>,
    mixtures: Shortlex<Vec<Mixture>>,
    float: Total<f32>,
    id: Fixed<[u8; 3]>,
    last: Total<f64>,
}

shape!([] InOthers {
    0 => Self {
        text: Shortlex<OneText>, mixtures: Shortlex<Vec<Mixture>>,
        float: Total<f32>, id: Fixed<[u8; 3]>, last: Total<f64>,
    }
});
