//! Job ids and the names of their files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use persist_core::Error;
use persist_core::error::Place;

/// What follows an id's encoding in the name of its file.
pub(crate) const EXTENSION: &str = ".db";
/// The longest that SQLite appends to a file's name.
const LONGEST_SUFFIX: &str = "-journal";
/// The longest name that the usual file systems take, in bytes.
pub(crate) const NAME_LIMIT: usize = 255;
/// The longest path that SQLite takes, in bytes.
const PATH_LIMIT: usize = 512;

/// Refuses a database whose path is too long for SQLite, which could open neither it nor the files next to it.
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

/// A job's file: its place for errors, and its path.
#[derive(Clone, Debug)]
pub(crate) struct JobFile {
    pub(crate) place: Place,
    pub(crate) path: PathBuf,
}

impl JobFile {
    /// The file of a job in a root that is absolute.
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
        Ok(Self { place: Place::new(id, Some(path.clone())), path })
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// The log beside it, which holds the newest commits.
    pub(crate) fn wal(&self) -> PathBuf {
        self.beside("-wal")
    }

    /// The index of that log.
    pub(crate) fn index(&self) -> PathBuf {
        self.beside("-shm")
    }

    /// What a commit outside of WAL mode has to undo if it is cut short.
    pub(crate) fn journal(&self) -> PathBuf {
        self.beside(LONGEST_SUFFIX)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// The root that it lies in.
    pub(crate) fn root(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

/// The file name of an id: letters, digits, `_`, `-` and `.` (but in front) as they are, each other byte
/// as `%XX`. So no id leaves the root, and no two have one name.
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

/// The id whose file has this name, if it is one that [`file_name`] gives.
pub(crate) fn id_of(name: &str) -> Option<String> {
    let encoded = name.strip_suffix(EXTENSION)?;
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    let id = String::from_utf8(bytes).ok()?;
    (!id.is_empty() && file_name(&id) == name).then_some(id)
}

/// The entry of a directory that a file's name would collide with where the file system ignores case: the
/// same but for the case of its letters.
pub(crate) fn collision(name: &str, mut entries: impl Iterator<Item = String>) -> Option<String> {
    entries.find(|entry| entry != name && entry.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{JobFile, collision, file_name, id_of};

    #[test]
    fn plain_ids_are_their_own_names() {
        assert_eq!(file_name("Alpha_9-x.y"), "Alpha_9-x.y.db");
    }

    #[test]
    fn all_else_is_percent_encoded() {
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
    fn names_that_no_id_has_are_nobodys() {
        for name in
            ["x", ".db", "a%2fb.db", "%41.db", "%.db", "%ZZ.db", "%FF.db", ".a.db", "a b.db"]
        {
            assert_eq!(id_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_and_paths_have_limits() {
        let root = Path::new("/data");
        assert!(JobFile::new(root, &"x".repeat(244)).is_ok());
        assert!(JobFile::new(root, &"x".repeat(245)).is_err());
        assert!(JobFile::new(root, &"/".repeat(82)).is_err());
        let deep = root.join("d".repeat(250)).join("e".repeat(244));
        assert!(JobFile::new(&deep, "x").is_err());
    }

    #[test]
    fn names_that_differ_in_case_alone_collide() {
        let entries = || ["job.db", "other.db"].map(String::from).into_iter();
        assert_eq!(collision("Job.db", entries()).as_deref(), Some("job.db"));
        assert_eq!(collision("job.db", entries()), None);
        assert_eq!(collision("jobs.db", entries()), None);
    }
}
