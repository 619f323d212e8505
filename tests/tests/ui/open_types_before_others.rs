use persist_core::{Key, KeyEncode, Payload, PayloadDecode, PayloadEncode};
use std::cmp::Reverse;

#[derive(KeyEncode)]
struct WithTail {
    id: u8,
    rest: Key,
}

#[derive(KeyEncode)]
struct Before {
    inner: WithTail,
    seq: u64,
}

#[derive(KeyEncode)]
struct InSequences {
    keys: Vec<Key>,
    pair: (Key, u8),
    maybe: Option<Key>,
    reversed: Reverse<Key>,
    #[key(desc)]
    flipped: Key,
    #[key(desc)]
    derived: WithTail,
    #[key(lex)]
    lexed: Vec<Key>,
}

#[derive(PayloadEncode, PayloadDecode)]
struct Grown {
    id: u8,
    #[payload(default)]
    name: String,
}

#[derive(PayloadEncode, PayloadDecode)]
struct Holder {
    grown: Grown,
    many: Vec<Grown>,
    payload: Payload,
    last: Grown,
}

fn main() {}
