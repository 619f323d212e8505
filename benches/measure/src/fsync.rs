//! The time of writing a page to the disk, without any engine.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::engine::Outcome;

const PAGE: [u8; 4096] = [7; 4096];

/// Returns the milliseconds for appending a page and syncing it, measured over `sample`.
pub fn milliseconds(directory: &Path, sample: Duration) -> Outcome<f64> {
    let mut file: File = tempfile::tempfile_in(directory)?;
    let (start, mut pages) = (Instant::now(), 0);
    while start.elapsed() < sample {
        file.write_all(&PAGE)?;
        file.sync_data()?;
        pages += 1;
    }
    Ok(start.elapsed().as_secs_f64() * 1e3 / f64::from(pages))
}
