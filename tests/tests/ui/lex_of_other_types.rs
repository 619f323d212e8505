use persist_core::{KeyDecode, KeyEncode, Lex};
use std::collections::{BTreeMap, HashMap};

#[derive(KeyEncode, KeyDecode)]
struct Id(u64);

#[derive(KeyEncode, KeyDecode)]
struct Sample {
    #[key(lex)]
    number: u64,
    #[key(lex)]
    derived: Id,
    #[key(lex)]
    maybe: Option<u64>,
    #[key(lex)]
    map: BTreeMap<u8, u8>,
    #[key(lex)]
    hashed: HashMap<u8, u8>,
    #[key(lex, desc)]
    descending: u64,
    wrapped: Lex<u64>,
}

fn main() {}
