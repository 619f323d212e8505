use persist_core::{key, payload};

fn main() {
    let _ = key!("general", 7);
    let _ = payload!(-0x10);
    let _ = key!(&1);
    let _ = key!(true, 1 + 1);
    let _ = payload!({ 1 });
}
