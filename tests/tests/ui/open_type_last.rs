use persist_core::{Key, KeyEncode};

#[derive(KeyEncode)]
struct Inner {
    id: u8,
    rest: Key,
}

#[derive(KeyEncode)]
struct Outer {
    inner: Inner,
}

fn main() {}
