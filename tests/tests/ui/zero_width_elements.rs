use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Counted {
    beats: Vec<()>,
    nested: Option<Box<[()]>>,
    array: [(); 3],
    #[key(with = "Codec")]
    #[payload(with = "Codec")]
    own_way: Vec<()>,
}

struct Codec;

fn main() {}
