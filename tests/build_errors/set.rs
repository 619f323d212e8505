use std::collections::BTreeSet;

use persist_core::KeyEncode;

#[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
struct Marker {}

fn main() {
    BTreeSet::from([Marker {}]).to_key();
}
