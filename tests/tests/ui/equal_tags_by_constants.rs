use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

const SEVEN: isize = 7;

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
enum Computed {
    First = SEVEN,
    #[key(tag = 7)]
    Second,
    Third = SEVEN + 2,
}

fn main() {}
