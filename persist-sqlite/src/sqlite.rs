use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use persist_core::port::{Backend, Location, OpenedJob, Reader};
use persist_core::{Durability, Error};

use crate::budget::{Permit, Purpose};
use crate::checkpointer::{Checkpointer, Seat};
use crate::claim::{Claim, Claimed};
use crate::job_file::JobFile;
use crate::read_only::ReadOnly;
use crate::reader::SqliteReader;
use crate::root::RootLock;
use crate::schema::{self, Found};
use crate::settings::Settings;
use crate::wal::Wal;
use crate::writer::SqliteWriter;
use crate::writing::Writing;
use crate::{connection, drop_job, errors, left_wal, probe, root, version};

/// Where the jobs' files are, a root directory, and how they are opened.
///
/// ```
/// use persist_core::{Durability, Persistency};
/// use persist_sqlite::Sqlite;
///
/// assert_eq!(Sqlite::default(), Sqlite::at("./data"));
///
/// # let root = tempfile::tempdir().expect("a temporary directory");
/// # let root = root.path();
/// let store = Persistency::open(Sqlite::at(root).durability(Durability::Full).mmap(64 << 20))?;
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// `Persistency::open` makes a relative root absolute and checks it, and touches nothing; the first job that
/// is opened creates it.
#[derive(Clone, Debug)]
pub struct Sqlite {
    root: PathBuf,
    settings: Settings,
    checkpointer: Arc<Checkpointer>,
    /// The root made absolute, once it was opened: a later change of the working directory is without effect.
    absolute: OnceLock<PathBuf>,
    /// The root without links, once a job was opened.
    canonical: OnceLock<PathBuf>,
}

impl Sqlite {
    /// A store in the directory `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            settings: Settings::default(),
            checkpointer: Arc::default(),
            absolute: OnceLock::new(),
            canonical: OnceLock::new(),
        }
    }

    /// What an acknowledged write survives. [`Durability::Normal`] unless set.
    ///
    /// With [`Durability::Full`] the worker waits for the disk once a group of writes, whatever the number of those
    /// who wait for them.
    ///
    /// ```
    /// use persist_core::{Durability, Persistency};
    /// use persist_sqlite::Sqlite;
    ///
    /// # let root = tempfile::tempdir().expect("a temporary directory");
    /// # let root = root.path();
    /// let store = Persistency::open(Sqlite::at(root).durability(Durability::Full))?;
    /// let job = store.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1").wait()?; // from here on it survives a power cut
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.settings.durability = durability;
        self
    }

    /// Whether a job that is open here is shut to all others: other processes, the `sqlite3` program too, and
    /// other stores of this one. `false` unless set. Reads are quicker then, since nothing has to be agreed with
    /// others.
    ///
    /// Opening a job fails with [`Error::Busy`] where somebody else has it open, in whatever way; while it is open
    /// here, others get that. `Persistency::open` fails with [`Error::Unsupported`] elsewhere than on Unix, and with
    /// [`Error::InvalidArgument`] beside [`read_only`](Self::read_only).
    ///
    /// What opens the file by other means in the same process, SQLite included, is not shut out, and may let others
    /// in: the locks of files belong to the process. So don't.
    ///
    /// ```
    /// use persist_core::{Error, Persistency};
    /// use persist_sqlite::Sqlite;
    ///
    /// # if cfg!(not(unix)) { return Ok(()) }
    /// # let root = tempfile::tempdir().expect("a temporary directory");
    /// # let root = root.path();
    /// let store = Persistency::open(Sqlite::at(root).exclusive(true))?;
    /// let job = store.open_job("alpha").wait()?;
    ///
    /// let other = Persistency::open(Sqlite::at(root))?;
    /// assert!(matches!(other.open_job("alpha").wait(), Err(Error::Busy { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn exclusive(mut self, exclusive: bool) -> Self {
        self.settings.exclusive = exclusive;
        self
    }

    /// Whether jobs are only read. `false` unless set. Others may write them meanwhile: what they commit is seen
    /// at once.
    ///
    /// Only stored jobs open, as with [`create(false)`](Self::create). Every write, and dropping a job, fails with
    /// [`Error::Unsupported`]; `Persistency::open` fails with [`Error::InvalidArgument`] beside
    /// [`exclusive`](Self::exclusive) or [`Durability::Full`].
    ///
    /// The file is not changed, but SQLite has to be able to create its `-wal` and `-shm` beside it where there are
    /// none: it leaves them, empty of rows, to the next who writes. So a root in which nothing can be created gives
    /// [`Error::Unsupported`] too. On a file system that is mounted read-only it needs none, and a job opens that was closed
    /// before it was mounted so.
    ///
    /// ```
    /// use persist_core::{Error, Persistency};
    /// use persist_sqlite::Sqlite;
    ///
    /// # let root = tempfile::tempdir().expect("a temporary directory");
    /// # let root = root.path();
    /// let store = Persistency::open(Sqlite::at(root))?;
    /// let job = store.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1").wait()?;
    ///
    /// let reading = Persistency::open(Sqlite::at(root).read_only(true))?.open_job("alpha").wait()?;
    /// assert_eq!(reading.get("raw", "a").wait()?.as_deref(), Some(&b"1"[..]));
    /// let refused = reading.persist_put("raw", "a", b"2").wait();
    /// assert!(matches!(refused, Err(Error::Unsupported { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.settings.read_only = read_only;
        self
    }

    /// Whether opening a job that isn't stored creates it, and the root with the first one. `true` unless set.
    /// If not, it fails with [`Error::JobNotFound`] and creates nothing.
    ///
    /// ```
    /// use persist_core::{Error, Persistency};
    /// use persist_sqlite::Sqlite;
    ///
    /// # let root = tempfile::tempdir().expect("a temporary directory");
    /// # let root = root.path();
    /// let store = Persistency::open(Sqlite::at(root).create(false))?;
    /// assert!(matches!(store.open_job("alhpa").wait(), Err(Error::JobNotFound { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.settings.create = create;
        self
    }

    /// How much of a job's file is read by way of mapped memory, in bytes from its beginning. 0, nothing, unless
    /// set; SQLite takes at most about 2 GiB, and more is that. Reads of large files are quicker then.
    ///
    /// The price: what would be an error without it ends the process by a signal (`SIGBUS`). That is an I/O error of
    /// the disk, or a file that somebody truncates by other means than SQLite while it is open.
    ///
    /// ```
    /// use persist_core::Persistency;
    /// use persist_sqlite::Sqlite;
    ///
    /// # let root = tempfile::tempdir().expect("a temporary directory");
    /// # let root = root.path();
    /// let store = Persistency::open(Sqlite::at(root).mmap(256 << 20))?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[must_use]
    pub fn mmap(mut self, bytes: u64) -> Self {
        self.settings.mmap_bytes = bytes;
        self
    }

    #[cfg(test)]
    pub(crate) fn checkpointer(&self) -> &Arc<Checkpointer> {
        &self.checkpointer
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

    /// Creates the root, if this is the first job here, and sweeps what a crash left of dropped ones: as far as
    /// the settings let it.
    fn prepare_root(&self, file: &JobFile) -> Result<(), Error> {
        if self.canonical.get().is_none() {
            let root = self.absolute()?;
            let canonical = if self.settings.may_create() {
                root::create(root, &file.place)?
            } else {
                root::find(root)?.ok_or_else(|| not_found(file))?
            };
            if !self.settings.read_only {
                drop_job::sweep(&canonical)?;
            }
            self.canonical.get_or_init(|| canonical);
        }
        Ok(())
    }

    /// The right to have a job's file open, as the settings want it.
    fn claim(&self, file: &JobFile) -> Result<Arc<Claim>, Error> {
        let claim = if self.settings.exclusive { Claim::alone } else { Claim::shared };
        claim(file).map(Arc::new)
    }

    /// Opens a file that is a job's, or may become one.
    fn open_to_write(
        &self,
        file: JobFile,
        claim: &Arc<Claim>,
        seat: Seat,
    ) -> Result<OpenedJob, Error> {
        let Settings { durability, .. } = self.settings;
        let permit = Permit::acquire(&file.place, Purpose::Other)?;
        let wal_was_left = left_wal::is_there(&file);
        let (writing, versions) = connection::twice(|| {
            let mut writing = connection::for_writing(&file, self.settings)?;
            let versions = schema::prepare(&mut writing, &file, durability)?;
            Ok((writing, versions))
        })?;
        let writing = Claimed::new(writing, Arc::clone(claim), permit);
        claim.presence().note_opened();
        if wal_was_left {
            left_wal::write_again(&file, &writing)?;
        }
        connection::keep_small(&writing)
            .map_err(|error| errors::from_sqlite(&file.place, error))?;
        let wal = Arc::new(Wal::new(file.clone(), self.settings, claim, &writing)?);
        let attended = seat.attend(Arc::clone(&wal));
        let writing = Writing::new(writing, versions, &attended, durability)?;
        let reader = SqliteReader::new(file, self.settings, claim, Some(wal), Some(writing));
        let writer = SqliteWriter::new(attended, reader.connections(), Arc::clone(claim));
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
    }

    /// An error of opening or dropping, in the words of the settings.
    fn explain(&self, file: &JobFile, error: Error) -> Error {
        if self.settings.read_only {
            return ReadOnly::explain(file, error);
        }
        match error {
            Error::Backend { code, .. } if errors::is_no_way_to_write(code) => {
                errors::not_writable(file).unwrap_or(error)
            }
            error => error,
        }
    }

    /// Opens a job's file for reading alone.
    fn open_to_read(&self, file: JobFile, claim: Arc<Claim>) -> Result<OpenedJob, Error> {
        let reader = SqliteReader::new(file.clone(), self.settings, &claim, None, None);
        // So that it is told now if it can't be read.
        reader.exists(&[], &[]).map_err(|error| self.explain(&file, error))?;
        claim.presence().note_opened();
        let writer = ReadOnly::new(file.place, claim);
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
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
        self.root == other.root && self.settings == other.settings
    }
}

impl Eq for Sqlite {}

impl Backend for Sqlite {
    fn identity(&self) -> String {
        let root = self.absolute().map_or_else(|_| self.root.clone(), root::resolved);
        format!("SQLite in {}{}", root.display(), self.settings)
    }

    fn check(&self) -> Result<(), Error> {
        version::check(rusqlite::version_number())?;
        self.settings.check()?;
        root::check(self.absolute()?)
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        let file = self.file(id)?;
        Ok(Location { identity: file.path.display().to_string(), place: file.place })
    }

    fn open_job(&self, id: &str) -> Result<OpenedJob, Error> {
        let file = self.file(id)?;
        // First, since what follows may create the root and the file.
        let writes = !self.settings.read_only;
        let seat = writes.then(|| self.checkpointer.seat(&file.place)).transpose()?;
        self.prepare_root(&file)?;
        // Once more, since the root has no links in it now.
        let file = self.file(id)?;
        let mut lock = RootLock::shared(file.root());
        let claim = self.claim(&file)?;
        root::refuse_collision(&file)?;
        let mut found = probe::probe(&file, self.settings);
        if let Err(Error::Corrupt { .. }) = found {
            // Perhaps another process was writing its first pages.
            drop(lock);
            let alone = RootLock::exclusive(file.root());
            found = probe::probe(&file, self.settings);
            drop(alone);
            lock = RootLock::shared(file.root());
        }
        let found = found.map_err(|error| self.explain(&file, error))?;
        if found == Found::Nothing && !self.settings.may_create() {
            return Err(not_found(&file));
        }
        let Some(seat) = seat else { return self.open_to_read(file, claim) };
        let opened = self.open_to_write(file.clone(), &claim, seat);
        let opened = opened.map_err(|error| self.explain(&file, error))?;
        if found == Found::Nothing {
            root::sync_directory(file.root(), &file.place)?;
        }
        drop(lock);
        Ok(opened)
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        let file = self.file(id)?;
        if self.settings.read_only {
            return Err(ReadOnly::refusal(&file.place));
        }
        drop_job::drop_job(&file).map_err(|error| self.explain(&file, error))
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        root::job_ids(self.absolute()?)
    }
}

fn not_found(file: &JobFile) -> Error {
    Error::JobNotFound { job: file.place.job().to_owned() }
}
