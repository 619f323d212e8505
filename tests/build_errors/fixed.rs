use std::collections::VecDeque;

use persist_core::{Fixed, KeyEncode};

#[derive(KeyEncode)]
struct Record {
    arrays: VecDeque<Fixed<[u8; 0]>>,
}

fn main() {
    Record { arrays: VecDeque::from([Fixed([])]) }.to_key();
}
