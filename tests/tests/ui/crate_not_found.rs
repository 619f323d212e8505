use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[key(crate = "renamed")]
#[payload(crate = "crate::renamed")]
struct Sample {
    id: u64,
    #[key(lex)]
    name: String,
}

fn main() {}
