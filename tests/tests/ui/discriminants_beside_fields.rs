use persist_core::{KeyDecode, KeyEncode};

#[derive(KeyEncode, KeyDecode)]
enum Mood {
    Calm = 3,
    Happy { since: i64 },
}

fn main() {}
