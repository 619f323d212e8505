use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode)]
enum Mood {
    #[payload(tag = "5")]
    Calm,
    #[payload(tagg = 7)]
    Happy,
}

#[derive(KeyEncode, KeyDecode)]
#[payload(ordered)]
struct OnlyKey {
    #[payload(lexxx)]
    name: String,
    #[payload(skip, tail)]
    rest: u8,
}

#[derive(PayloadEncode, PayloadDecode)]
#[key(orderd)]
struct OnlyPayload {
    #[key(lex, lex, foo)]
    name: String,
}

fn main() {}
