use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[key(crate = "1", bound = "T Clone", decode_bound = 7, ordered = true)]
#[payload(crate, bound = 7)]
struct Sample<T> {
    #[key(with = 3)]
    first: T,
    #[key(with)]
    second: u8,
    #[key(with = "1 + 1")]
    third: u8,
    #[key(lex = true)]
    fourth: String,
    #[key(desc("yes"))]
    fifth: u8,
    #[key]
    sixth: u8,
    #[key = "lex"]
    seventh: u8,
}

const SEVEN: i64 = 7;

#[derive(KeyEncode, KeyDecode)]
enum Mood {
    #[key(tag = "x")]
    Calm,
    #[key(tag = SEVEN)]
    Angry,
    #[key(tag)]
    Happy,
    #[key(tag = 99999999999999999999)]
    Large,
    #[key(tag = 1.5)]
    Half,
    #[key(tag(4))]
    Called,
    #[key(tag = 1 << 3)]
    Shifted,
    #[key(tag = 1)]
    One,
    #[key(tag = - -1)]
    Twice,
    #[key(tag = 300u8)]
    OfOtherType,
    #[key(tag = 1foo)]
    OfNoType,
    #[key(tag = 1 2)]
    Two,
    #[key(tag = )]
    None,
}

fn main() {}
