use persist_core::KeyEncode;

#[derive(KeyEncode)]
union Either {
    left: u8,
    right: i8,
}

fn main() {}
