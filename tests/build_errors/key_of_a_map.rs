use std::collections::BTreeMap;
use std::cmp::Reverse;

use persist_core::PayloadEncode;

fn main() {
    BTreeMap::from([(Reverse(()), 7u8)]).to_payload();
}
