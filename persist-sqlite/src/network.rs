//! Roots on a network: SQLite's WAL mode needs memory that all who use a file share, and locks that hold.

use std::path::Path;

use persist_core::Error;

/// Refuses a directory for a root if it is on a file system that is known to be on a network. Linux alone says which one a directory is on in a way
/// that is read here.
///
/// # Errors
///
/// [`Error::InvalidArgument`] on such a file system.
pub(crate) fn refuse(directory: &Path) -> Result<(), Error> {
    match name_of_network(directory) {
        None => Ok(()),
        Some(name) => Err(Error::invalid_argument(format!(
            "a root in {} can't be used: it is on a network ({name}), where SQLite's locks don't hold; choose a directory \
             of this machine",
            directory.display()
        ))),
    }
}

#[cfg(target_os = "linux")]
fn name_of_network(directory: &Path) -> Option<&'static str> {
    // What can't be told is let be: opening a file there says what is wrong.
    let kind = rustix::fs::statfs(directory).ok()?.f_type;
    name_of(u32::try_from(kind).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn name_of_network(_directory: &Path) -> Option<&'static str> {
    None
}

/// The name of a file system on a network, by the number that Linux has for it.
#[cfg(target_os = "linux")]
fn name_of(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0x6969 => "NFS",
        0x517B | 0xFE53_4D42 => "SMB",
        0xFF53_4D42 => "CIFS",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        0x564C => "NCP",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{name_of, refuse};

    #[test]
    fn networks_are_told_from_disks() {
        for (kind, name) in [(0x6969, "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB")] {
            assert_eq!(name_of(kind), Some(name));
        }
        let [ext4, btrfs, xfs, tmpfs, overlay] =
            [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630].map(name_of);
        assert_eq!([ext4, btrfs, xfs, tmpfs, overlay], [None; 5]);
        assert!(refuse(&std::env::temp_dir()).is_ok());
    }
}
