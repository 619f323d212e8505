//! The backend: the value [`Sqlite`], which holds the settings and implements the port's `Backend`.
//!
//! # Opening a job
//!
//! 1. The checkpointer's thread is reserved, the root is created and swept.
//! 2. The root is locked (shared), after an interrupted restore of the job is completed, and the file is claimed.
//! 3. The file is probed without being changed ([`probe`]).
//! 4. The writer's connection is opened, checked and prepared. A WAL that was left is written over itself ([`left_wal`]).
//! 5. The connections, the reader and the writer of the job are put together, and the root is unlocked.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use persist_core::port::{Backend, Category, Location, OpenOptions, OpenedJob, Reader};
use persist_core::{Durability, Error};

use crate::base::{errors, version};
use crate::closed::{drop_job, probe, restore, restore_draft};
use crate::connection::budget::{Permit, Purpose};
use crate::connection::job_connection::JobConnection;
use crate::connection::settings::Settings;
use crate::connection::{open, prepare, setup};
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

/// The SQLite backend: the root directory that contains the files of the jobs, and the settings with which they are opened.
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
/// `Persistency::open` resolves the root (it makes a relative path absolute and follows links) and checks it, but creates nothing. The
/// root is created when the first job is opened. All calls of the store use the resolved path: a later change of the working
/// directory, or of a link in the path, has no effect.
#[derive(Clone, Debug)]
pub struct Sqlite {
    root: PathBuf,
    settings: Settings,
    checkpointer: Arc<Checkpointer>,
    /// The absolute path of the root, with links resolved as far as it existed at the first call.
    resolved: OnceLock<PathBuf>,
    /// The path of the root with all links resolved, from the first call that found it or created it.
    canonical: OnceLock<PathBuf>,
    /// Set once the root was created and swept.
    prepared: OnceLock<()>,
}

impl Sqlite {
    /// Returns a backend whose jobs are in the directory `root`.
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

    /// Sets which failures an acknowledged write survives. The default is [`Durability::Normal`].
    ///
    /// With [`Durability::Full`] the worker waits for the disk once per group of writes, regardless of how many callers wait for them.
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

    /// Sets whether an open job is locked against all other processes, including the `sqlite3` program, and against other stores of
    /// this process. The default is `false`. Reads of an exclusive job are faster, since they don't coordinate with other processes.
    ///
    /// Opening a job fails with [`Error::Busy`] if another process or store has it open in any way, and while it is open here, the
    /// others fail in the same way. `Persistency::open` fails with [`Error::Unsupported`] on systems other than Unix, and with
    /// [`Error::InvalidArgument`] together with [`read_only`](Self::read_only).
    ///
    /// Don't open the file by other means in the same process, neither with `std::fs` nor with SQLite. File locks belong to the process,
    /// so such an access is not kept out, and it may release the locks that keep out other processes.
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

    /// Sets whether jobs are only read. The default is `false`. Other processes may write the jobs meanwhile, and reads see their commits
    /// at once.
    ///
    /// Only stored jobs can be opened, as with [`create(false)`](Self::create). Every write, and dropping or restoring a job, fails with
    /// [`Error::Unsupported`]; `Persistency::open` fails with [`Error::InvalidArgument`] together with
    /// [`exclusive`](Self::exclusive) or [`Durability::Full`].
    ///
    /// The database file is not changed. But if its `-wal` and `-shm` are missing, SQLite has to create them. It leaves them, without
    /// rows, to the next process that writes. So opening a job also fails with [`Error::Unsupported`] if no file can be created in the
    /// root. On a file system that is mounted read-only, SQLite needs no such files: a job that was closed before the file system was
    /// mounted can be opened.
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

    /// Sets whether opening a job that isn't stored creates it, and the root if necessary. The default is `true`. With `false`, opening
    /// such a job fails with [`Error::JobNotFound`] and creates nothing.
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

    /// Sets how many bytes of a job's file, from its start, are read through mapped memory. The default is 0. SQLite maps at most about
    /// 2 GiB, also if this is larger. Mapped memory makes reads of large files faster.
    ///
    /// The drawback: some errors end the process with a signal (`SIGBUS`) instead of being returned. These are an I/O error of the
    /// disk, and a file that another program truncates, without using SQLite, while it is open.
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

    /// Returns the path of the root. Once the root exists, all links are resolved, and every later call returns the same path, even if
    /// a link is changed. Until then, the links of the nearest existing ancestor are resolved.
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
        // The root may have been created meanwhile, perhaps as a link.
        match root::find(resolved) {
            Ok(Some(canonical)) => Ok(self.canonical.get_or_init(|| canonical)),
            // The check, and the calls that use the path, report the error.
            Ok(None) | Err(_) => Ok(resolved),
        }
    }

    fn file(&self, id: &str) -> Result<JobFile, Error> {
        JobFile::new(self.root()?, id)
    }

    /// Prepares the root before the first job is opened: creates it, if that is allowed, and removes the files of dropped jobs and the
    /// drafts of restores that crashes left, unless the store is read-only.
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

    /// Locks the root to open a job, after completing an interrupted restore of the job.
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
            let _exclusive = RootLock::exclusive(file.root());
            restore::roll_forward(file)?;
        }
    }

    /// Claims a job's file, exclusively if the settings ask for that.
    fn claim(&self, file: &JobFile) -> Result<Arc<Claim>, Error> {
        let claim = if self.settings.exclusive { Claim::exclusive } else { Claim::shared };
        claim(file).map(Arc::new)
    }

    /// Opens a job for reading and writing, and creates it if necessary.
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

    /// Explains an error of opening, dropping or restoring: which permission is missing, or which setting does not fit.
    fn explain(&self, file: &JobFile, error: Error) -> Error {
        if self.settings.read_only {
            return ReadOnly::explain(file, error);
        }
        match error {
            Error::Backend { .. } if errors::is_no_way_to_write(&error) => {
                access::not_writable(file).unwrap_or(error)
            }
            error => error,
        }
    }

    /// Opens a job for reading only.
    fn open_to_read(&self, file: JobFile, claim: Arc<Claim>) -> Result<OpenedJob, Error> {
        let connections = Connections::new(file.clone(), self.settings, &claim, None, None);
        let reader = SqliteReader::new(connections);
        // A file that can't be read fails the opening instead of the first read.
        reader.exists(Category::user(&[]), &[]).map_err(|error| self.explain(&file, error))?;
        claim.presence().note_opened();
        let writer = ReadOnly::new(file.place, claim);
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
    }
}

impl Default for Sqlite {
    /// Returns a backend whose jobs are in `./data`.
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

    fn open_job(&self, id: &str, _options: &OpenOptions) -> Result<OpenedJob, Error> {
        let file = self.file(id)?;
        // The thread for the checkpoints is reserved before anything is created.
        let writes = !self.settings.read_only;
        let seat = writes.then(|| self.checkpointer.seat(&file.place)).transpose()?;
        self.prepare_root(&file, self.settings.may_create())?;
        // Once more, since all links of the root are resolved now.
        let file = self.file(id)?;
        let mut lock = self.lock_to_open(&file).map_err(|error| self.explain(&file, error))?;
        let claim = self.claim(&file)?;
        root::refuse_collision(&file)?;
        let mut found = probe::probe(&file, self.settings, &claim);
        if let Err(Error::Corrupt { .. }) = found {
            // Another process may have been writing the first pages, under the root's shared lock. So this waits for it.
            drop(lock);
            let exclusive = RootLock::exclusive(file.root());
            found = probe::probe(&file, self.settings, &claim);
            drop(exclusive);
            lock = self.lock_to_open(&file).map_err(|error| self.explain(&file, error))?;
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
