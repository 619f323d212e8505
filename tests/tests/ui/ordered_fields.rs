use persist_core::{KeyEncode, OrderPreserving};

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
struct NotOrdered(u8);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct NoKey;

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
struct Sample {
    text: String,
    list: Vec<u8>,
    derived: NotOrdered,
    #[key(lex)]
    lexed: Vec<String>,
    maybe: Option<String>,
}

#[derive(KeyEncode, PartialEq, PartialOrd)]
#[key(ordered)]
struct Float {
    score: f64,
}

#[derive(KeyEncode)]
#[key(ordered)]
struct WithoutOrd {
    id: u64,
}

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
enum WithoutKeyField {
    Some(NoKey),
}

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
#[key(ordered)]
struct Generic<T>(T);

fn need<T: OrderPreserving>() {}

fn main() {
    need::<Generic<u8>>();
    need::<Generic<String>>();
}
