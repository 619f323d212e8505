use persist_core::{Key, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Tailed {
    #[key(tail)]
    #[payload(tail)]
    first: Key,
    second: u64,
}

#[derive(PayloadEncode, PayloadDecode)]
struct Grown {
    #[payload(default)]
    first: u8,
    second: u64,
    #[payload(skip)]
    third: u8,
    fourth: u64,
}

#[derive(PayloadEncode, PayloadDecode)]
enum Event {
    Sent {
        #[payload(default)]
        by: String,
        at: u64,
    },
    Lost(#[payload(tail)] u8, u8),
}

fn main() {}
