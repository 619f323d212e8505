use persist_core::KeyEncode;

#[derive(KeyEncode)]
enum Mood {
    Calm,
    Happy,
    #[key(tag = 1)]
    Angry,
}

const SEVEN: isize = 7;

#[derive(KeyEncode)]
enum Computed {
    First = SEVEN,
    #[key(tag = 7)]
    Second,
}

fn main() {}
