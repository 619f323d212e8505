use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode)]
struct Skipped(
    #[key(skip, lex)] String,
    #[key(skip, desc)] String,
    #[key(skip, fixed)] [u8; 2],
    #[key(skip, with = "Codec")] String,
    #[key(skip, tail)] String,
);

#[derive(KeyEncode, KeyDecode)]
struct Written(
    #[key(lex, fixed)] [u8; 2],
    #[key(lex, with = "Codec")] String,
    #[key(with = "Codec", fixed)] [u8; 2],
);

#[derive(KeyEncode, KeyDecode)]
enum Last {
    A(#[key(lex, tail)] String),
    B(#[key(fixed, tail)] [u8; 2]),
    C(#[key(tail, desc)] String),
    D(#[key(lex, fixed, tail)] [u8; 2]),
}

#[derive(PayloadEncode, PayloadDecode)]
struct Stored(
    #[payload(skip, default)] String,
    #[payload(skip, fixed)] [u8; 2],
    #[payload(fixed, with = "Codec")] [u8; 2],
    #[payload(default, tail)] u8,
);

fn main() {}
