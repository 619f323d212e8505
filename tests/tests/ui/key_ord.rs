use persist_core::{KeyDecode, KeyEncode, KeyOrd};

#[derive(KeyEncode, KeyDecode, KeyOrd)]
#[key(ordered)]
struct Both {
    id: u64,
}

#[derive(KeyOrd)]
struct WithoutKeyEncode {
    id: u64,
}

#[derive(KeyEncode, KeyOrd)]
union Either {
    left: u8,
}

#[derive(KeyEncode, KeyOrd)]
struct Wrong {
    #[key(lexx)]
    id: u64,
}

fn main() {}
