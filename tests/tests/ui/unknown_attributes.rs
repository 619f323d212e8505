use persist_core::KeyEncode;

#[derive(KeyEncode)]
#[key(rename = "x")]
struct Sample {
    #[key(skipped)]
    first: u8,
    #[key(tail)]
    second: u8,
    third: u8,
}

#[derive(KeyEncode)]
enum Mood {
    #[key(tag = 99999999999999999999)]
    Calm,
}

fn main() {}
