use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(u64)]
enum Large {
    Small = 1,
    Largest = u64::MAX,
    #[key(tag = 2)]
    Tagged = u64::MAX - 1,
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(u128)]
enum Larger {
    Largest = u128::MAX,
}

fn main() {}
