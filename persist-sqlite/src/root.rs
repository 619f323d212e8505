//! The directory that holds the jobs' files.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use persist_core::Error;
use persist_core::error::Place;

use crate::job_file::{self, JobFile};
use crate::{errors, network, restore};

/// Makes a root absolute.
///
/// # Errors
///
/// [`Error::InvalidArgument`] for an empty path.
pub(crate) fn absolute(root: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(root).map_err(|error| {
        Error::invalid_argument(format!(
            "the root {:?} can't be used: {error}",
            root.display().to_string()
        ))
    })
}

/// Says whether a root is a directory or could become one. Touches nothing.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if it is a file or lies below one, or is on a network.
pub(crate) fn check(root: &Path) -> Result<(), Error> {
    for ancestor in root.ancestors() {
        match fs::metadata(ancestor) {
            Ok(found) if found.is_dir() => return network::refuse(ancestor),
            Ok(_) => {
                return Err(Error::invalid_argument(format!(
                    "the root {} can't be used: {} is not a directory",
                    root.display(),
                    ancestor.display()
                )));
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                return Err(Error::invalid_argument(format!(
                    "the root {} can't be used: {}: {error}",
                    root.display(),
                    ancestor.display()
                )));
            }
        }
    }
    Ok(())
}

/// A root as it will be once it exists, without links: so that two ways to it are one.
pub(crate) fn resolved(root: &Path) -> PathBuf {
    for ancestor in root.ancestors() {
        if let Ok(canonical) = fs::canonicalize(ancestor) {
            return match root.strip_prefix(ancestor) {
                // Joined with nothing, a path would end with a slash, which only a directory may.
                Ok(rest) if rest != Path::new("") => canonical.join(rest),
                _ => canonical,
            };
        }
    }
    root.to_owned()
}

/// A root without links, if it is there.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if it can't be used.
pub(crate) fn find(root: &Path) -> Result<Option<PathBuf>, Error> {
    match fs::canonicalize(root) {
        Ok(canonical) => Ok(Some(canonical)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::invalid_argument(format!(
            "the root {} can't be used: {error}",
            root.display()
        ))),
    }
}

/// Creates a root that isn't there, durably; gives it without links.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if it can't be created, and [`Error::DiskFull`].
pub(crate) fn create(root: &Path, place: &Place) -> Result<PathBuf, Error> {
    let failed = |error: std::io::Error| {
        if errors::is_for_want_of_space(&error) {
            return errors::io(place, "the root can't be created", error);
        }
        Error::invalid_argument(format!("the root {} can't be created: {error}", root.display()))
    };
    let mut missing: Vec<&Path> = root.ancestors().take_while(|path| !path.exists()).collect();
    // Whoever made the lowest one that is there may have been stopped before it was durable.
    let there = root.ancestors().nth(missing.len()).and_then(Path::parent);
    if let Some(Err(error)) = there.map(|parent| sync_directory(parent, place)) {
        tracing::debug!(root = %root.display(), %error, "its entry may not be durable");
    }
    while let Some(directory) = missing.pop() {
        match fs::create_dir(directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            result => result.map_err(failed)?,
        }
        let parent = directory.parent().unwrap_or(directory);
        if let Err(error) = sync_directory(parent, place) {
            // So that the next try doesn't take it for durable.
            let _ = fs::remove_dir(directory);
            return Err(error);
        }
    }
    fs::canonicalize(root).map_err(failed)
}

/// A root's lock, released when dropped: shared by those who open a job, alone for who drops one. So no
/// file is renamed between another's opening it and its first lock on it, when SQLite could no longer tell.
#[derive(Debug)]
pub(crate) struct RootLock {
    /// It is the directory itself that is locked, where it can be: no file of the root is spent on it.
    _directory: Option<fs::File>,
}

impl RootLock {
    pub(crate) fn shared(root: &Path) -> Self {
        Self::acquire(root, fs::File::lock_shared)
    }

    pub(crate) fn exclusive(root: &Path) -> Self {
        Self::acquire(root, fs::File::lock)
    }

    /// Some systems can't lock directories. What is left to SQLite then is told by its errors.
    fn acquire(root: &Path, lock: fn(&fs::File) -> std::io::Result<()>) -> Self {
        let locked =
            fs::File::open(root).and_then(|directory| lock(&directory).map(|()| directory));
        if let Err(error) = &locked {
            tracing::debug!(root = %root.display(), %error, "the root can't be locked");
        }
        Self { _directory: locked.ok() }
    }
}

/// Whether nobody can write there, since the file system is mounted so.
pub(crate) fn is_on_read_only_medium(root: &Path) -> bool {
    #[cfg(unix)]
    return rustix::fs::access(root, rustix::fs::Access::WRITE_OK) == Err(rustix::io::Errno::ROFS);
    #[cfg(not(unix))]
    let _ = root;
    #[cfg(not(unix))]
    false
}

/// Makes the entries of a directory durable.
#[cfg_attr(not(unix), allow(clippy::unnecessary_wraps))]
pub(crate) fn sync_directory(directory: &Path, place: &Place) -> Result<(), Error> {
    #[cfg(unix)]
    fs::File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| errors::io(place, "its directory can't be made durable", error))?;
    #[cfg(not(unix))]
    let _ = (directory, place);
    Ok(())
}

/// The ids of all jobs in a root, those whose restore was interrupted included, in ascending order. One that isn't there has none.
///
/// # Errors
///
/// If it can't be listed.
pub(crate) fn job_ids(root: &Path) -> Result<Vec<String>, Error> {
    let id_of = |name: String| job_file::id_of(&name).or_else(|| restore::id_of_pending(&name));
    let mut ids: Vec<String> = names(root)?.filter_map(id_of).collect();
    ids.sort_unstable();
    // One that is being restored may have two files.
    ids.dedup();
    Ok(ids)
}

/// Refuses a file whose name differs from another's in case alone, where they would be one file.
///
/// # Errors
///
/// [`Error::InvalidArgument`].
pub(crate) fn refuse_collision(file: &JobFile) -> Result<(), Error> {
    if !file.path.exists() || !ignores_case(file) {
        return Ok(());
    }
    match job_file::collision(file.name(), names(file.root())?) {
        Some(other) => Err(Error::invalid_argument(format!(
            "{} can't be told from {other} in {}, where the file system ignores case: use another id",
            file.place,
            file.root().display()
        ))),
        None => Ok(()),
    }
}

/// The name of another job's file that is the same file: a hard link, which somebody has made.
///
/// # Errors
///
/// If the root can't be listed.
pub(crate) fn other_job(file: &JobFile, entry: &fs::Metadata) -> Result<Option<String>, Error> {
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(entry) > 1 {
        let is_same = |name: &String| {
            name != file.name()
                && job_file::id_of(name).is_some()
                && fs::symlink_metadata(file.root().join(name))
                    .is_ok_and(|other| is_one_file(entry, &other))
        };
        return Ok(names(file.root())?.find(is_same));
    }
    let _ = (file, entry);
    Ok(None)
}

/// Whether two entries are of one file. Only Unix can tell; elsewhere no two are.
pub(crate) fn is_one_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        false
    }
}

/// Whether a file that exists is also found by its name in the other case.
fn ignores_case(file: &JobFile) -> bool {
    let swap = |letter: char| {
        if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        }
    };
    let swapped = file.path.with_file_name(file.name().chars().map(swap).collect::<String>());
    match (fs::metadata(&file.path), fs::metadata(swapped)) {
        #[cfg(unix)]
        (Ok(one), Ok(other)) => is_one_file(&one, &other),
        #[cfg(not(unix))]
        (Ok(_), Ok(_)) => true,
        _ => false,
    }
}

/// The names in a root, as far as they are text.
pub(crate) fn names(root: &Path) -> Result<impl Iterator<Item = String>, Error> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => Some(entries),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            return Err(Error::invalid_argument(format!(
                "the root {} can't be listed: {error}",
                root.display()
            )));
        }
    };
    let entries = entries.into_iter().flatten().filter_map(Result::ok);
    Ok(entries.filter_map(|entry| entry.file_name().into_string().ok()))
}
