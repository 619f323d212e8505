use persist_core::{KeyDecode, KeyEncode, PayloadEncode};

#[derive(KeyEncode, PayloadEncode)]
#[repr(C, packed(2))]
struct Packed {
    first: u8,
    second: u64,
}

#[derive(KeyDecode)]
#[repr(packed)]
struct OnlyDecoded {
    first: u8,
    second: u64,
}

fn main() {}
