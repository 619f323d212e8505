use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(PayloadEncode, PayloadDecode)]
struct NoDefault(u8);

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Sample {
    #[key(skip)]
    #[payload(skip)]
    skipped: NoDefault,
    #[key(skip)]
    #[payload(default)]
    grown: NoDefault,
}

fn main() {}
