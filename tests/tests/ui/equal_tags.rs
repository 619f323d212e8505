use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
enum Mood {
    Calm,
    Happy,
    #[key(tag = 1)]
    Angry,
    #[payload(tag = 1)]
    Third,
}

#[derive(KeyEncode, PayloadEncode)]
enum EqualInRust {
    First = 7,
    Second = 7,
}

fn main() {}
