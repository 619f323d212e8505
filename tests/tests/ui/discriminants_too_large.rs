use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(i8)]
enum Mood {
    Calm = 127,
    Happy,
}

fn main() {}
