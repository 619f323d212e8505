use persist_core::{KeyDecode, KeyEncode};

#[derive(KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
struct Sample {
    #[key(desc)]
    first: u8,
    #[key(skip)]
    second: u8,
    #[key(with = "Codec")]
    third: u8,
    #[key(with = "Codec", desc)]
    fourth: u8,
}

#[derive(KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
enum Mood {
    Calm,
    #[key(tag = 7)]
    Happy,
    #[key(tag = -1)]
    Angry,
    Last(#[key(desc)] u8),
}

fn main() {}
