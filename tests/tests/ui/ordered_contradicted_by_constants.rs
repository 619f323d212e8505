use persist_core::{KeyDecode, KeyEncode};

const THREE: isize = 3;

#[derive(KeyEncode, KeyDecode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
enum Mood {
    Calm = THREE,
    #[key(tag = 9)]
    Happy,
    #[key(tag = 1)]
    Angry,
}

fn main() {}
