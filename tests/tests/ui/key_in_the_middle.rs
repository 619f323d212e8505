use persist_core::{Key, KeyEncode};

#[derive(KeyEncode)]
struct Wrapped {
    inner: Key,
    seq: u64,
}

fn main() {}
