use persist_core::PayloadEncode;

#[derive(PayloadEncode)]
struct Counted {
    beats: Vec<()>,
}

fn main() {}
