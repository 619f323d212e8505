use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use persist_core::Error;
use persist_core::port::{Backend, Location, OpenedJob};

use crate::job_file::JobFile;
use crate::reader::SqliteReader;
use crate::root::RootLock;
use crate::schema::{self, Found};
use crate::writer::SqliteWriter;
use crate::{connection, drop_job, probe, root};

/// Where the jobs' files are: a root directory.
///
/// ```
/// use persist_sqlite::Sqlite;
///
/// assert_eq!(Sqlite::default(), Sqlite::at("./data"));
/// ```
///
/// `Persistency::open` makes a relative root absolute and checks it, and touches nothing; the first job that
/// is opened creates it.
#[derive(Clone, Debug)]
pub struct Sqlite {
    root: PathBuf,
    /// The root made absolute, once it was opened: a later change of the working directory is without effect.
    absolute: OnceLock<PathBuf>,
    /// The root without links, once a job was opened.
    canonical: OnceLock<PathBuf>,
}

impl Sqlite {
    /// A store in the directory `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), absolute: OnceLock::new(), canonical: OnceLock::new() }
    }

    fn absolute(&self) -> Result<&Path, Error> {
        if let Some(absolute) = self.absolute.get() {
            return Ok(absolute);
        }
        let absolute = root::absolute(&self.root)?;
        Ok(self.absolute.get_or_init(|| absolute))
    }

    fn file(&self, id: &str) -> Result<JobFile, Error> {
        match self.canonical.get() {
            Some(canonical) => JobFile::new(canonical, id),
            None => JobFile::new(&root::resolved(self.absolute()?), id),
        }
    }

    /// Creates the root, if this is the first job here, and sweeps what a crash left of dropped ones.
    fn prepare_root(&self, file: &JobFile) -> Result<(), Error> {
        if self.canonical.get().is_none() {
            let canonical = root::create(self.absolute()?, &file.place)?;
            drop_job::sweep(&canonical)?;
            self.canonical.get_or_init(|| canonical);
        }
        Ok(())
    }
}

impl Default for Sqlite {
    /// A store in `./data`.
    fn default() -> Self {
        Self::at("./data")
    }
}

impl PartialEq for Sqlite {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Sqlite {}

impl Backend for Sqlite {
    fn identity(&self) -> String {
        let root = self.absolute().map_or_else(|_| self.root.clone(), root::resolved);
        format!("SQLite in {}", root.display())
    }

    fn check(&self) -> Result<(), Error> {
        root::check(self.absolute()?)
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        let file = self.file(id)?;
        Ok(Location { identity: file.path.display().to_string(), place: file.place })
    }

    fn open_job(&self, id: &str) -> Result<OpenedJob, Error> {
        self.prepare_root(&self.file(id)?)?;
        // Once more, since the root has no links in it now.
        let file = self.file(id)?;
        let mut lock = RootLock::shared(file.root());
        root::refuse_collision(&file)?;
        let mut found = probe::probe(&file);
        if let Err(Error::Corrupt { .. }) = found {
            // Perhaps another process was writing its first pages.
            drop(lock);
            lock = RootLock::exclusive(file.root());
            found = probe::probe(&file);
        }
        let found = found?;
        let mut writing = connection::for_writing(&file)?;
        schema::prepare(&mut writing, &file.place)?;
        if found == Found::Nothing {
            root::sync_directory(file.root(), &file.place)?;
        }
        drop(lock);
        let writer = SqliteWriter::new(writing, file.place.clone())?;
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(SqliteReader::new(file)) })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        drop_job::drop_job(&self.file(id)?)
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        root::job_ids(self.absolute()?)
    }
}
