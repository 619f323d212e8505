//! The root: the directory that contains the files of all jobs of a store.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use persist_core::Error;
use persist_core::error::Place;

use crate::base::{errors, system};
use crate::file::job_file::{self, JobFile};
use crate::file::network;

/// Returns a root as an absolute path.
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

/// Checks that a root is a directory or can be created as one. Changes nothing.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if the root is a file, is below a file, or is on a network.
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

/// Resolves the links in a root's path as far as it exists, so that two paths to one root become equal.
pub(crate) fn resolved(root: &Path) -> PathBuf {
    for ancestor in root.ancestors() {
        if let Ok(canonical) = fs::canonicalize(ancestor) {
            return match root.strip_prefix(ancestor) {
                // Joined with an empty path, the result would end with a slash.
                Ok(rest) if rest != Path::new("") => canonical.join(rest),
                _ => canonical,
            };
        }
    }
    root.to_owned()
}

/// Resolves all links in a root's path. Returns `None` if the root doesn't exist.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if the root can't be used.
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

/// Creates a root if it doesn't exist, durably. Returns its path with all links resolved.
///
/// # Errors
///
/// [`Error::InvalidArgument`] if the root can't be created; [`Error::DiskFull`].
pub(crate) fn create(root: &Path, place: &Place) -> Result<PathBuf, Error> {
    let failed = |error: std::io::Error| {
        if system::is_out_of_space(&error) {
            return errors::io(place, "the root can't be created", error);
        }
        Error::invalid_argument(format!("the root {} can't be created: {error}", root.display()))
    };
    let mut missing: Vec<&Path> = root.ancestors().take_while(|path| !path.exists()).collect();
    // A process that created the lowest existing directory may have crashed before the directory was durable.
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
            // Otherwise the next attempt would take the directory for durable.
            let _ = fs::remove_dir(directory);
            return Err(error);
        }
    }
    fs::canonicalize(root).map_err(failed)
}

/// A lock on the root: shared while a job is opened, exclusive while a job is dropped or restored. So no process renames a file that
/// another process has opened but not yet locked, which SQLite would not notice.
#[derive(Debug)]
pub(crate) struct RootLock {
    /// The directory itself is locked, so the root needs no file for the lock. `None` if the system can't lock directories.
    _directory: Option<fs::File>,
}

impl RootLock {
    pub(crate) fn shared(root: &Path) -> Self {
        Self::acquire(root, fs::File::lock_shared)
    }

    pub(crate) fn exclusive(root: &Path) -> Self {
        Self::acquire(root, fs::File::lock)
    }

    /// Waits for the lock. Some systems can't lock directories. There only SQLite's own locks and errors protect the files.
    fn acquire(root: &Path, lock: fn(&fs::File) -> std::io::Result<()>) -> Self {
        let locked =
            fs::File::open(root).and_then(|directory| lock(&directory).map(|()| directory));
        if let Err(error) = &locked {
            tracing::debug!(root = %root.display(), %error, "the root can't be locked");
        }
        Self { _directory: locked.ok() }
    }
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

/// Returns the ids of all jobs in a root, in ascending order, including jobs whose restore was interrupted. A root that doesn't exist
/// has none.
///
/// # Errors
///
/// If the root can't be listed.
pub(crate) fn job_ids(root: &Path) -> Result<Vec<String>, Error> {
    let id_of = |name: String| job_file::id_of(&name).or_else(|| job_file::id_of_pending(&name));
    let mut ids: Vec<String> = names(root)?.filter_map(id_of).collect();
    ids.sort_unstable();
    // A job that is being restored may have two files.
    ids.dedup();
    Ok(ids)
}

/// Refuses a job whose file name differs only in case from the name of another job's file, if the file system ignores case.
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

/// Returns the name of another job's file that is the same file, a hard link.
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

/// Returns whether two entries are one file. Only on Unix can this be true.
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

/// Returns whether an existing file is also found by its name with the case of all letters changed.
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

/// Returns the names of a root's entries, without names that are not UTF-8.
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
