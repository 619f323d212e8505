use persist_core::{KeyEncode, PayloadEncode};

#[derive(KeyEncode, PayloadEncode)]
enum Mood {
    #[key(tag = 1)]
    #[payload(tag = 2)]
    Calm,
}

fn main() {}
