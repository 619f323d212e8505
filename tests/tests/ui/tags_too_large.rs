use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
#[repr(u64)]
enum Literal {
    Small = 1,
    Largest = 0xFFFF_FFFF_FFFF_FFFF,
    #[key(tag = 2)]
    Tagged = 0xFFFF_FFFF_FFFF_FFFE,
}

fn main() {}
