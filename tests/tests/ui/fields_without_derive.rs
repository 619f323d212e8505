use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

struct Channel(String);

#[derive(KeyEncode)]
struct WrittenKey {
    channel: Channel,
    many: Vec<Channel>,
    last: Channel,
}

#[derive(KeyDecode)]
struct ReadKey {
    channel: Channel,
}

#[derive(PayloadEncode)]
enum WrittenPayload {
    First(Channel, u8),
    Second { channel: Option<Channel> },
}

#[derive(PayloadDecode)]
struct ReadPayload {
    channel: Channel,
}

#[derive(KeyEncode)]
struct Descending {
    #[key(desc)]
    channel: Channel,
}

fn main() {}
