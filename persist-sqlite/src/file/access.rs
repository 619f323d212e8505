//! Whether this process has the permission to read and write a job's files and its root. SQLite doesn't report a missing permission: it
//! opens a file that it may not write for reading, without an error.

use std::io;
use std::path::Path;

use persist_core::Error;

use crate::file::job_file::JobFile;

/// Returns an error if this process may not write the root or the files of a job: the file system is mounted read-only, or a
/// permission is missing.
pub(crate) fn not_writable(file: &JobFile) -> Option<Error> {
    let why = refusal(file.root(), Right::Write);
    why.map(|why| unwritable(file, &why)).or_else(|| files_not_writable(file))
}

/// As [`not_writable`], for the files only. SQLite would open them for reading and report success.
pub(crate) fn files_not_writable(file: &JobFile) -> Option<Error> {
    let files = [file.path.clone(), file.wal(), file.index()];
    let why = files.iter().find_map(|path| refusal(path, Right::Write))?;
    Some(unwritable(file, &why))
}

fn unwritable(file: &JobFile, why: &io::Error) -> Error {
    let what = format!(
        "writing {}, which the system doesn't allow ({why}): open it with a store that is `read_only`, or give the right to \
         write the root and the files",
        file.place
    );
    Error::Unsupported { what }
}

/// Returns the reason if this process may not read the files of a job.
pub(crate) fn not_readable(file: &JobFile) -> Option<io::Error> {
    [file.path.clone(), file.wal()].iter().find_map(|path| refusal(path, Right::Read))
}

/// Returns whether the root is on a file system that is mounted read-only, so no process can write there.
pub(crate) fn is_on_read_only_medium(root: &Path) -> bool {
    #[cfg(unix)]
    return rustix::fs::access(root, rustix::fs::Access::WRITE_OK) == Err(rustix::io::Errno::ROFS);
    #[cfg(not(unix))]
    let _ = root;
    #[cfg(not(unix))]
    false
}

#[derive(Clone, Copy, Debug)]
enum Right {
    Read,
    Write,
}

/// Returns the reason if an existing entry may not be read or written.
fn refusal(path: &Path, right: Right) -> Option<io::Error> {
    #[cfg(unix)]
    {
        let right = match right {
            Right::Read => rustix::fs::Access::READ_OK,
            Right::Write => rustix::fs::Access::WRITE_OK,
        };
        let refused = rustix::fs::access(path, right).err()?;
        (refused != rustix::io::Errno::NOENT).then(|| refused.into())
    }
    #[cfg(not(unix))]
    {
        let _ = (path, right);
        None
    }
}
