use persist_core::{key, payload};

fn main() {
    let _ = key!("general", 7);
    let _ = payload!(-0x10);
}
