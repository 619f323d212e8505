use persist_core::KeyEncode;

struct Channel(String);

#[derive(KeyEncode)]
struct MessageKey {
    channel: Channel,
    seq: u64,
}

fn main() {}
