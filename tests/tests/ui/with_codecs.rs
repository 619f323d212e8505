use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, codec::{EncodeWith, Sink}};

struct NoCodec;
struct OnlyText;

impl EncodeWith<String> for OnlyText {
    fn encode(value: &String, sink: &mut Sink<'_>) {
        sink.write(value.as_bytes());
    }
}

#[derive(KeyEncode, PayloadEncode)]
struct Written {
    #[key(with = "NoCodec")]
    no_codec: u8,
    #[key(with = "OnlyText")]
    #[payload(with = "OnlyText")]
    other_type: u8,
    #[key(with = "missing::Codec")]
    missing: u8,
}

#[derive(KeyDecode, PayloadDecode)]
struct Read {
    #[key(with = "OnlyText")]
    #[payload(with = "OnlyText")]
    write_only: String,
}

#[derive(KeyEncode, PayloadEncode)]
struct InTheMiddle {
    #[key(with = "OnlyText")]
    #[payload(with = "OnlyText")]
    open: String,
    #[key(with = "OnlyText", desc)]
    #[payload(with = "OnlyText", tail)]
    flipped: String,
}

#[derive(KeyEncode)]
struct Last {
    #[key(with = "OnlyText")]
    unmarked: String,
}

fn main() {}
