//! Rows as plain values, to compare.

use persist_core::{Rows, Scan};

/// The keys of a category's rows, which are all of one `u64`.
pub(crate) fn numbers(scan: Scan<'_>) -> Vec<u64> {
    scan.wait().unwrap().iter().map(|row| row.key().decode().unwrap()).collect()
}

/// The bytes of the keys.
pub(crate) fn keys(scan: Scan<'_>) -> Vec<Vec<u8>> {
    scan.wait().unwrap().iter().map(|row| row.key().as_bytes().to_vec()).collect()
}

/// Keys and payloads, collected.
pub(crate) fn pairs(rows: &Rows) -> Vec<(Vec<u8>, Vec<u8>)> {
    rows.iter().map(|row| (row.key().as_bytes().to_vec(), row.payload().to_vec())).collect()
}

/// Keys and payloads, one by one.
pub(crate) fn streamed(scan: Scan<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    scan.iter()
        .map(|row| {
            let row = row.unwrap();
            (row.key().as_bytes().to_vec(), row.payload().to_vec())
        })
        .collect()
}
