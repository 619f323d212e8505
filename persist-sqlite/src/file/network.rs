//! File systems on which SQLite isn't safe: network file systems, and file systems that another program or machine implements. WAL mode
//! needs memory that all users of a file share, and locks that all of them see.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

use persist_core::Error;

/// Refuses a root on a network file system, and logs a warning about a root on 9p, virtiofs or FUSE. The kind of a file system is
/// determined only on Linux.
///
/// # Errors
///
/// [`Error::InvalidArgument`] on a network file system.
pub(crate) fn refuse(directory: &Path) -> Result<(), Error> {
    match name_of_network(directory) {
        None => {
            warn_if_doubtful(directory);
            Ok(())
        }
        Some(name) => Err(Error::invalid_argument(format!(
            "a root in {} can't be used: it is on a network ({name}), where SQLite's locks don't hold; choose a directory \
             of this machine",
            directory.display()
        ))),
    }
}

#[cfg(target_os = "linux")]
fn name_of_network(directory: &Path) -> Option<&'static str> {
    // If the kind can't be read, the directory is accepted: opening a file there reports the reason.
    let kind = rustix::fs::statfs(directory).ok()?.f_type;
    name_of(u32::try_from(kind).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn name_of_network(_directory: &Path) -> Option<&'static str> {
    None
}

/// Returns the name of a network file system, by its number in Linux.
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

/// Logs a warning if the users of a file system may not share its locks and mapped memory. Many containers and virtual machines see
/// directories of their host through such a file system, which works as long as only one of them opens the jobs.
#[cfg(target_os = "linux")]
fn warn_if_doubtful(directory: &Path) {
    let Ok(directory) = fs::canonicalize(directory) else { return };
    let Ok(mounts) = fs::read("/proc/self/mountinfo") else { return };
    if let Some(kind) = kind_of_mount(&mounts, &directory).filter(|kind| is_doubtful(kind)) {
        tracing::warn!(
            root = %directory.display(), kind = %kind.escape_ascii(),
            "the root is on a file system on which the locks of SQLite may not hold between machines or containers: let only \
             one of them open the jobs, or choose a directory on a local disk"
        );
    }
}

#[cfg(not(target_os = "linux"))]
fn warn_if_doubtful(_directory: &Path) {}

/// Returns the type of the file system that contains a canonical path, from the lines of `/proc/self/mountinfo`.
#[cfg(target_os = "linux")]
fn kind_of_mount<'a>(mounts: &'a [u8], path: &Path) -> Option<&'a [u8]> {
    let mounts = mounts.split(|&byte| byte == b'\n').filter_map(parse_mount);
    let holding = mounts.filter(|(point, _)| path.starts_with(OsStr::from_bytes(point)));
    // The longest mount point holds the path. If there are two mounts on one point, the later line hides the earlier one:
    // `max_by_key` returns the last maximum.
    holding.max_by_key(|(point, _)| point.len()).map(|(_, kind)| kind)
}

/// Returns the mount point and the type in a line of `mountinfo`: the fifth field, and the first one after the field `-`, which follows
/// any number of optional fields.
#[cfg(target_os = "linux")]
fn parse_mount(line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut fields = line.split(|&byte| byte == b' ');
    let point = fields.nth(4)?;
    let mut after_separator = fields.skip_while(|field| *field != b"-");
    after_separator.next()?;
    Some((unescape(point), after_separator.next()?))
}

/// Decodes the octal escapes of `mountinfo`, such as `\040` for a space.
#[cfg(target_os = "linux")]
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        match rest {
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// Returns whether a file system is implemented by another program (FUSE) or by the host of a virtual machine (9p, virtiofs).
#[cfg(target_os = "linux")]
fn is_doubtful(kind: &[u8]) -> bool {
    matches!(kind, b"9p" | b"fuse" | b"fuseblk" | b"virtiofs") || kind.starts_with(b"fuse.")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::{is_doubtful, kind_of_mount, name_of, refuse};

    #[test]
    fn network_file_system_is_named_and_disk_is_not() {
        for (kind, name) in [(0x6969, "NFS"), (0xFF53_4D42, "CIFS"), (0xFE53_4D42, "SMB")] {
            assert_eq!(name_of(kind), Some(name));
        }
        let [ext4, btrfs, xfs, tmpfs, overlay] =
            [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630].map(name_of);
        assert_eq!([ext4, btrfs, xfs, tmpfs, overlay], [None; 5]);
        assert!(refuse(&std::env::temp_dir()).is_ok());
    }

    const MOUNTS: &[u8] = b"\
22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:22 / /data rw - 9p host rw,trans=virtio
31 22 0:23 / /data/local rw shared:3 master:4 propagate_from:2 - xfs /dev/vdb rw
32 22 0:24 / /mnt/with\\040space\\134and rw - fuse.sshfs user@host:/ rw
33 22 0:25 / /over rw - fuse /dev/fuse rw
34 22 0:26 / /over rw - tmpfs tmpfs rw
a line that is cut off
35 22 0:27 / /cut rw -
";

    fn kind_of(path: &str) -> String {
        let kind = kind_of_mount(MOUNTS, Path::new(path)).expect("the root is mounted");
        String::from_utf8_lossy(kind).into_owned()
    }

    #[test]
    fn longest_mount_point_that_contains_the_path_determines_the_kind() {
        for (path, kind) in [
            ("/", "ext4"),
            ("/database", "ext4"),
            ("/data", "9p"),
            ("/data/jobs", "9p"),
            ("/data/local/jobs", "xfs"),
            ("/data/localhost", "9p"),
            ("/mnt/with space\\and/jobs", "fuse.sshfs"),
            ("/mnt/with", "ext4"),
            ("/over/jobs", "tmpfs"),
            ("/cut", "ext4"),
        ] {
            assert_eq!(kind_of(path), kind, "{path}");
        }
        assert_eq!(kind_of_mount(b"", Path::new("/data")), None);
        assert_eq!(kind_of_mount(b"\n\\ - -\n", Path::new("/data")), None);
    }

    #[test]
    fn only_9p_fuse_and_virtiofs_are_doubtful() {
        for kind in ["9p", "fuse", "fuse.sshfs", "fuse.gvfsd-fuse", "fuseblk", "virtiofs"] {
            assert!(is_doubtful(kind.as_bytes()), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fusectl", "zfs", ""] {
            assert!(!is_doubtful(kind.as_bytes()), "{kind}");
        }
    }
}
