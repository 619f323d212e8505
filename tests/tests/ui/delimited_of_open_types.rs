use persist_core::{Key, KeyEncode, Payload, PayloadEncode};

#[derive(KeyEncode)]
struct Row {
    id: u8,
    #[key(delimited)]
    rest: Option<Key>,
}

#[derive(PayloadEncode)]
struct Twice {
    #[payload(delimited, tail)]
    rest: Payload,
    #[payload(skip, delimited)]
    cached: u8,
}

#[derive(PayloadEncode)]
struct Grown {
    #[payload(default, delimited)]
    note: String,
}

fn main() {}
