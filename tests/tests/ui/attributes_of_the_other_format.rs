use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Sample {
    #[payload(lex)]
    first: String,
    #[payload(desc, fixed)]
    second: [u8; 2],
    #[key(default)]
    third: u8,
}

fn main() {}
