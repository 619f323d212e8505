use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[key(rename = "x", skip)]
#[payload(ordered)]
struct Sample {
    #[key(skipped, tag = 1, lexical(1))]
    #[payload(optional)]
    first: u8,
    #[key(lex)]
    second: String,
}

#[derive(KeyEncode, KeyDecode)]
#[key(tag = 1)]
enum Mood {
    #[key(lex, renamed)]
    Calm,
    #[key(persist::tag = 2)]
    Angry(#[key(crate = "x")] u8),
}

fn main() {}
