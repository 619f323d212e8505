use std::collections::BTreeSet;
use std::marker::PhantomData;

use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Counted {
    beats: Vec<()>,
    nested: Option<Box<[()]>>,
    array: [(); 3],
    beside: (Vec<()>, u8),
    phantoms: Vec<PhantomData<u8>>,
    set: BTreeSet<()>,
    tuples: [((), ()); 2],
    within: [Vec<()>; 2],
    #[key(with = "Codec")]
    #[payload(with = "Codec")]
    own_way: Vec<()>,
}

struct Codec;

fn main() {}
