//! The names of a job's files: the database `<id>.db`, the files that SQLite keeps next to it, and the copy that a restore is
//! about to put in its place.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use persist_core::Error;
use persist_core::error::Place;

/// The extension of a job's file, after the encoded id.
pub(crate) const EXTENSION: &str = ".db";
/// The longest suffix that SQLite appends to a file's name.
const LONGEST_SUFFIX: &str = "-journal";
/// The longest file name, in bytes, that common file systems accept.
pub(crate) const NAME_LIMIT: usize = 255;
/// The longest path, in bytes, that SQLite accepts.
const PATH_LIMIT: usize = 512;

/// The end of the name of a copy that is about to replace a job's file. A dot and the name of that file come first.
const PENDING: &str = ".new";

/// Refuses a database whose path is too long for SQLite to open it or the files next to it.
///
/// # Errors
///
/// The reason.
pub(crate) fn check_path(database: &Path) -> Result<(), String> {
    let (length, limit) = (database.as_os_str().len(), PATH_LIMIT - LONGEST_SUFFIX.len());
    if length <= limit {
        return Ok(());
    }
    Err(format!(
        "the path {} has {length} bytes, and SQLite takes {limit}: use a shorter path",
        database.display()
    ))
}

/// A job's database file: its path, and its place, which errors name.
#[derive(Clone, Debug)]
pub(crate) struct JobFile {
    pub(crate) place: Place,
    pub(crate) path: PathBuf,
}

impl JobFile {
    /// Returns the file of a job in an absolute root.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for an empty id, or one whose file's name or path is too long.
    pub(crate) fn new(root: &Path, id: &str) -> Result<Self, Error> {
        if id.is_empty() {
            return Err(Error::invalid_argument(
                "a job id is empty: give it at least one character",
            ));
        }
        let name = file_name(id);
        let name_len = name.len() + LONGEST_SUFFIX.len();
        if name_len > NAME_LIMIT {
            return Err(Error::invalid_argument(format!(
                "a job id of {} bytes is too long: its longest file name has {name_len} bytes and may have \
                 {NAME_LIMIT}; use a shorter id",
                id.len()
            )));
        }
        let path = root.join(name);
        let path_len = path.as_os_str().len() + LONGEST_SUFFIX.len();
        if path_len > PATH_LIMIT {
            return Err(Error::invalid_argument(format!(
                "the job's longest path has {path_len} bytes, and SQLite takes {PATH_LIMIT}: use a shorter \
                 id or root than {}",
                root.display()
            )));
        }
        Ok(Self { place: Place::new(id, Some(path.display().to_string())), path })
    }

    /// The name of the file.
    pub(crate) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The path of the WAL, which holds the newest commits.
    pub(crate) fn wal(&self) -> PathBuf {
        self.with_suffix("-wal")
    }

    /// The path of the index of the WAL.
    pub(crate) fn index(&self) -> PathBuf {
        self.with_suffix("-shm")
    }

    /// The path of the rollback journal, which undoes an interrupted commit outside of WAL mode.
    pub(crate) fn journal(&self) -> PathBuf {
        self.with_suffix(LONGEST_SUFFIX)
    }

    /// The path of a copy that is about to replace the file: a restore that was decided, and has to be completed.
    pub(crate) fn pending(&self) -> PathBuf {
        self.path.with_file_name(format!(".{}{PENDING}", self.name()))
    }

    fn with_suffix(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// The directory that contains the file.
    pub(crate) fn root(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// Returns the file name of an id. ASCII letters, digits, `_`, `-`, and `.` except at the start, represent themselves; each other
/// byte becomes `%XX`. So no id leaves the root, and no two ids have the same file name.
pub(crate) fn file_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + EXTENSION.len());
    for (index, byte) in id.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-')
            || (byte == b'.' && index > 0);
        if plain {
            name.push(char::from(byte));
        } else {
            // Writing to a `String` can't fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    name + EXTENSION
}

/// Returns the id whose file has this name, if [`file_name`] returns the name for any id.
pub(crate) fn id_of(name: &str) -> Option<String> {
    let encoded = name.strip_suffix(EXTENSION)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let id = String::from_utf8(bytes).ok()?;
    (!id.is_empty() && file_name(&id) == name).then_some(id)
}

/// Returns the id of the job that a pending copy is for, by the name of the copy.
pub(crate) fn id_of_pending(name: &str) -> Option<String> {
    id_of(name.strip_prefix('.')?.strip_suffix(PENDING)?)
}

/// Returns the directory entry whose name differs from `name` only in the case of its letters. On a file system that ignores case,
/// the two would be one file.
pub(crate) fn collision(name: &str, mut entries: impl Iterator<Item = String>) -> Option<String> {
    entries.find(|entry| entry != name && entry.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{JobFile, NAME_LIMIT, collision, file_name, id_of, id_of_pending};

    #[test]
    fn id_of_plain_characters_is_its_own_file_name() {
        assert_eq!(file_name("Alpha_9-x.y"), "Alpha_9-x.y.db");
    }

    #[test]
    fn other_bytes_of_an_id_are_percent_encoded() {
        for (id, name) in [
            ("../x", "%2E.%2Fx.db"),
            ("a/b", "a%2Fb.db"),
            (".hidden", "%2Ehidden.db"),
            ("a\0b", "a%00b.db"),
            ("ü", "%C3%BC.db"),
            ("100%", "100%25.db"),
        ] {
            assert_eq!(file_name(id), name);
            assert_eq!(id_of(name).as_deref(), Some(id));
        }
    }

    #[test]
    fn name_that_no_id_encodes_to_has_no_id() {
        for name in
            ["x", ".db", "a%2fb.db", "%41.db", "%.db", "%ZZ.db", "%FF.db", ".a.db", "a b.db"]
        {
            assert_eq!(id_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_and_paths_that_are_too_long_are_refused() {
        let root = Path::new("/data");
        assert!(JobFile::new(root, &"x".repeat(244)).is_ok());
        assert!(JobFile::new(root, &"x".repeat(245)).is_err());
        assert!(JobFile::new(root, &"/".repeat(82)).is_err());
        let deep = root.join("d".repeat(250)).join("e".repeat(244));
        assert!(JobFile::new(&deep, "x").is_err());
    }

    #[test]
    fn pending_name_of_any_id_is_short_enough_and_decodes_to_the_id() {
        for id in ["a", "tenant/42", ".hidden", &"x".repeat(244)] {
            let file = JobFile::new(Path::new("/data"), id).unwrap();
            let pending = file.pending();
            let name = pending.file_name().unwrap().to_str().unwrap();
            assert!(name.len() <= NAME_LIMIT);
            assert_eq!(id_of_pending(name).as_deref(), Some(id));
        }
        for name in ["a.db.new", ".a.db", ".new", "..new", ".a.db.newer", ".a.new"] {
            assert_eq!(id_of_pending(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_differ_only_in_case_collide() {
        let entries = || ["job.db", "other.db"].map(String::from).into_iter();
        assert_eq!(collision("Job.db", entries()).as_deref(), Some("job.db"));
        assert_eq!(collision("job.db", entries()), None);
        assert_eq!(collision("jobs.db", entries()), None);
    }
}
