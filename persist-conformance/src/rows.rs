//! Rows as plain values that can be compared.

use persist_core::{Rows, Scan};

/// Returns the keys of a category whose keys are one `u64` each.
pub fn numbers(scan: Scan<'_>) -> Vec<u64> {
    scan.wait().unwrap().iter().map(|row| row.key().decode().unwrap()).collect()
}

/// Returns the bytes of the keys.
pub fn keys(scan: Scan<'_>) -> Vec<Vec<u8>> {
    scan.wait().unwrap().iter().map(|row| row.key().as_bytes().to_vec()).collect()
}

/// Returns keys and payloads of collected rows.
pub fn pairs(rows: &Rows) -> Vec<(Vec<u8>, Vec<u8>)> {
    rows.iter().map(|row| (row.key().as_bytes().to_vec(), row.payload().to_vec())).collect()
}

/// Returns keys and payloads, read row by row.
pub fn streamed(scan: Scan<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    scan.iter()
        .map(|row| {
            let row = row.unwrap();
            (row.key().as_bytes().to_vec(), row.payload().to_vec())
        })
        .collect()
}
