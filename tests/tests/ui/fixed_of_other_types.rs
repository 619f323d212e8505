use persist_core::{Fixed, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Sample {
    #[key(fixed)]
    #[payload(fixed)]
    text: String,
    #[key(fixed)]
    numbers: [u16; 4],
    #[key(fixed, desc)]
    bytes: Vec<u8>,
}

#[derive(KeyEncode)]
struct Wrapped {
    wrapped: Fixed<[u16; 4]>,
}

fn main() {}
