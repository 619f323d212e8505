use std::ops::Range;
use std::path::{Path, PathBuf};

use persist_core::{KeyEncode, PayloadEncode};

#[derive(PayloadEncode)]
struct File {
    path: PathBuf,
}

#[derive(PayloadEncode)]
struct Link<'a> {
    to: &'a Path,
}

#[derive(KeyEncode)]
struct Booking {
    room: u64,
    days: Range<i64>,
}

fn main() {}
