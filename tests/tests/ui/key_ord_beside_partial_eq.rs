use persist_core::{KeyEncode, KeyOrd};

#[derive(KeyEncode, KeyOrd, PartialEq)]
struct BesidePartialEq {
    id: u64,
}

fn main() {}
