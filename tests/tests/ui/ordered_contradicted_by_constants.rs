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

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
#[repr(u128)]
enum Wide {
    #[key(tag = 2)]
    Small = 1,
    #[key(tag = 1)]
    Large = u128::MAX,
}

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
#[repr(i8)]
enum Signed {
    #[key(tag = 2)]
    Least = i8::MIN,
    #[key(tag = 1)]
    Small,
}

fn main() {}
