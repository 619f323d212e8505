use persist_core::{KeyDecode, KeyEncode, KeyOrd};

#[derive(KeyEncode, KeyDecode, KeyOrd)]
struct Sized<T> {
    first: [u8; if cfg!(unix) { 3 } else { 4 }],
    rest: T,
}

#[derive(KeyEncode)]
struct Tuple([u8; [1, 2].len()]);

fn main() {
    let key = Tuple([1, 2]).to_key();
    let _: Sized<u8> = key.decode().unwrap();
}
