//! The size of a store on the disk.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

/// Returns the size of all files below `directory`, without holes.
pub(super) fn megabytes(directory: &Path) -> io::Result<f64> {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(bytes(directory)? as f64 / 1e6)
}

fn bytes(directory: &Path) -> io::Result<u64> {
    fs::read_dir(directory)?.try_fold(0, |sum, entry| {
        let entry = entry?;
        let metadata = entry.metadata()?;
        let of_entry = if metadata.is_dir() { bytes(&entry.path())? } else { stored(&metadata) };
        Ok(sum + of_entry)
    })
}

#[cfg(unix)]
fn stored(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(metadata) * 512
}

#[cfg(not(unix))]
fn stored(metadata: &Metadata) -> u64 {
    metadata.len()
}
