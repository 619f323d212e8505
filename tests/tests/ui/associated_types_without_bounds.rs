use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

trait Table {
    type Id;
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct RowKey<T: Table> {
    id: T::Id,
}

fn main() {}
