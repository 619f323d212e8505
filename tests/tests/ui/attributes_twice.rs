use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(crate = "persist_core", ordered, ordered)]
#[key(crate = "persist_core")]
#[payload(bound = "", bound = "")]
struct Sample {
    #[key(lex, lex)]
    #[payload(fixed, fixed)]
    first: [u8; 2],
    #[key(desc)]
    #[key(desc)]
    #[payload(skip, skip)]
    second: u8,
    #[key(with = "A", with = "B")]
    third: u8,
    #[key(tail, tail)]
    #[payload(default, default)]
    fourth: u8,
}

#[derive(KeyEncode, KeyDecode, PayloadEncode)]
enum Mood {
    #[key(tag = 1, tag = 2)]
    Calm,
    #[payload(tag = 3)]
    #[payload(tag = 3)]
    Angry,
}

fn main() {}
