use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use persist_core::port::{Backend, Location, OpenedJob, Reader};
use persist_core::{Durability, Error};

use crate::base::errors;
use crate::base::version;
use crate::closed::drop_job;
use crate::closed::probe;
use crate::closed::restore;
use crate::closed::restore_draft;
use crate::connection::budget::{Permit, Purpose};
use crate::connection::job_connection::JobConnection;
use crate::connection::open;
use crate::connection::prepare;
use crate::connection::settings::Settings;
use crate::connection::setup;
use crate::file::access;
use crate::file::claim::Claim;
use crate::file::job_file::JobFile;
use crate::file::root::{self, RootLock};
use crate::file::schema::Found;
use crate::pool::connections::Connections;
use crate::pool::write_connection::WriteConnection;
use crate::read::reader::SqliteReader;
use crate::wal::checkpointer::{Checkpointer, Seat};
use crate::wal::checkpoints::Wal;
use crate::wal::left_wal;
use crate::write::read_only::ReadOnly;
use crate::write::writer::SqliteWriter;

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
/// `Persistency::open` resolves the root, which makes a relative path absolute and follows links, and checks it. It
/// changes nothing; the first job that is opened creates the root. All calls of the store use the resolved path: a later
/// change of the working directory, or of a link on the way to the root, has no effect.
#[derive(Clone, Debug)]
pub struct Sqlite {
    root: PathBuf,
    settings: Settings,
    checkpointer: Arc<Checkpointer>,
    /// The root as far as it existed at the first call, absolute and without links.
    resolved: OnceLock<PathBuf>,
    /// The root without links, from the first call that found it or created it.
    canonical: OnceLock<PathBuf>,
    /// Set once the root was created and swept.
    prepared: OnceLock<()>,
}

impl Sqlite {
    /// A store in the directory `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            settings: Settings::default(),
            checkpointer: Arc::default(),
            resolved: OnceLock::new(),
            canonical: OnceLock::new(),
            prepared: OnceLock::new(),
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

    /// The root: without links once it exists, and the same path for every call from then on. A link that is re-pointed
    /// later has no effect. Until the root exists, the path is that of its nearest existing ancestor, without links,
    /// and what is missing after it.
    fn root(&self) -> Result<&Path, Error> {
        if let Some(canonical) = self.canonical.get() {
            return Ok(canonical);
        }
        let resolved = match self.resolved.get() {
            Some(resolved) => resolved,
            None => {
                let resolved = root::resolved(&root::absolute(&self.root)?);
                self.resolved.get_or_init(|| resolved)
            }
        };
        // It may have been created meanwhile, also as a link.
        match root::find(resolved) {
            Ok(Some(canonical)) => Ok(self.canonical.get_or_init(|| canonical)),
            // What is wrong with the path is reported by the check, and by the calls that use the path.
            Ok(None) | Err(_) => Ok(resolved),
        }
    }

    fn file(&self, id: &str) -> Result<JobFile, Error> {
        JobFile::new(self.root()?, id)
    }

    /// Before the first job is opened here: creates the root, if it may be created, and removes what a crash left of dropped
    /// and restored jobs, unless the store is read-only.
    fn prepare_root(&self, file: &JobFile, may_create: bool) -> Result<(), Error> {
        if self.prepared.get().is_none() {
            let root = self.root()?;
            let canonical = if may_create {
                root::create(root, &file.place)?
            } else {
                root::find(root)?.ok_or_else(|| not_found(file))?
            };
            let canonical = self.canonical.get_or_init(|| canonical);
            if !self.settings.read_only {
                drop_job::sweep(canonical)?;
                restore_draft::sweep(canonical)?;
            }
            self.prepared.get_or_init(|| ());
        }
        Ok(())
    }

    /// Locks the root to open a job, after completing a restore of the job that was interrupted.
    fn lock_to_open(&self, file: &JobFile) -> Result<RootLock, Error> {
        loop {
            let lock = RootLock::shared(file.root());
            if !restore::is_pending(file) {
                return Ok(lock);
            }
            if self.settings.read_only {
                let what = format!(
                    "completing the interrupted restore of {} by a `read_only` store: open it once with a store that writes",
                    file.place
                );
                return Err(Error::Unsupported { what });
            }
            drop(lock);
            let _alone = RootLock::exclusive(file.root());
            restore::roll_forward(file)?;
        }
    }

    /// The right to have a job's file open, as the settings want it.
    fn claim(&self, file: &JobFile) -> Result<Arc<Claim>, Error> {
        let claim = if self.settings.exclusive { Claim::exclusive } else { Claim::shared };
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
        let (writing, versions) = setup::twice(|| {
            let mut writing = open::for_writing(&file, self.settings)?;
            let versions = prepare::prepare(&mut writing, &file, durability)?;
            Ok((writing, versions))
        })?;
        let writing = JobConnection::new(writing, Arc::clone(claim), permit);
        claim.presence().note_opened();
        if wal_was_left {
            left_wal::write_again(&file, &writing)?;
        }
        setup::keep_small(&writing).map_err(|error| errors::from_sqlite(&file.place, error))?;
        let wal = Arc::new(Wal::new(file.clone(), self.settings, claim, &writing)?);
        let attended = seat.attend(Arc::clone(&wal));
        let writing = WriteConnection::new(writing, versions, &attended, durability)?;
        let connections = Connections::new(file, self.settings, claim, Some(wal), Some(writing));
        let reader = SqliteReader::new(Arc::clone(&connections));
        let writer = SqliteWriter::new(attended, connections, Arc::clone(claim));
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
    }

    /// An error of opening or dropping, in the words of the settings.
    fn explain(&self, file: &JobFile, error: Error) -> Error {
        if self.settings.read_only {
            return ReadOnly::explain(file, error);
        }
        match error {
            Error::Backend { code, .. } if errors::is_no_way_to_write(code) => {
                access::not_writable(file).unwrap_or(error)
            }
            error => error,
        }
    }

    /// Opens a job's file for reading alone.
    fn open_to_read(&self, file: JobFile, claim: Arc<Claim>) -> Result<OpenedJob, Error> {
        let connections = Connections::new(file.clone(), self.settings, &claim, None, None);
        let reader = SqliteReader::new(connections);
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
        let root = self.root().unwrap_or(&self.root);
        format!("SQLite in {}{}", root.display(), self.settings)
    }

    fn check(&self) -> Result<(), Error> {
        version::check(rusqlite::version_number())?;
        self.settings.check()?;
        root::check(self.root()?)
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
        self.prepare_root(&file, self.settings.may_create())?;
        // Once more, since the root has no links in it now.
        let file = self.file(id)?;
        let mut lock = self.lock_to_open(&file).map_err(|error| self.explain(&file, error))?;
        let claim = self.claim(&file)?;
        root::refuse_collision(&file)?;
        let mut found = probe::probe(&file, self.settings, &claim);
        if let Err(Error::Corrupt { .. }) = found {
            // Perhaps another process was writing its first pages.
            drop(lock);
            let alone = RootLock::exclusive(file.root());
            found = probe::probe(&file, self.settings, &claim);
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

    fn restore_job(&self, id: &str, from: &Path) -> Result<(), Error> {
        let file = self.file(id)?;
        if self.settings.read_only {
            return Err(ReadOnly::refusal(&file.place));
        }
        self.prepare_root(&file, true)?;
        let file = self.file(id)?;
        restore::restore(&file, from).map_err(|error| self.explain(&file, error))
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        root::job_ids(self.root()?)
    }
}

fn not_found(file: &JobFile) -> Error {
    Error::JobNotFound { job: file.place.job().to_owned() }
}
