use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::fd::RawFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use fastrand::Rng;
use parking_lot::{Mutex, RwLock};

use crate::device::{Device, Loss};

/// A file of a record, independent of its name.
pub type FileId = usize;

/// A call below a watched directory. Paths are those of the call.
#[allow(missing_docs)] // of fields, which say what they are
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An empty file was created.
    Created { path: PathBuf, file: FileId },
    /// Bytes were written.
    Wrote { file: FileId, at: u64, bytes: Vec<u8> },
    /// The length was changed.
    Truncated { file: FileId, length: u64 },
    /// All data written to the file is on the disk.
    Synced { file: FileId },
    /// A sync failed: the data written to the file since the last sync may never get to the disk, although it is read
    /// back, and although the next sync succeeds.
    SyncFailed { file: FileId },
    /// A directory was created.
    MadeDirectory { path: PathBuf },
    /// The entries of a directory are on the disk.
    SyncedDirectory { path: PathBuf },
    /// An entry was renamed, replacing the entry that had the new name.
    Renamed { from: PathBuf, to: PathBuf },
    /// A file got a second name.
    Linked { from: PathBuf, to: PathBuf },
    /// An entry was removed.
    Removed { path: PathBuf },
    /// A mark of the test, for example an acknowledgment.
    Marked(u64),
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Opening an existing file or a directory read-only.
    Open,
    /// Opening an existing file for writing.
    OpenToWrite,
    /// Creating a file by opening it.
    Create,
    /// Reading.
    Read,
    /// Writing this number of bytes.
    Write(usize),
    /// Changing a file's length.
    Truncate,
    /// Syncing a file or a directory.
    Sync,
    /// Renaming a file, or giving it a second name.
    Rename,
    /// Removing a file or a directory.
    Remove,
    /// Creating a directory.
    MakeDirectory,
}

impl Op {
    /// Returns whether the call changes the disk, at once or later.
    #[must_use]
    pub fn changes(self) -> bool {
        !matches!(self, Self::Open | Self::OpenToWrite | Self::Read)
    }
}

/// A call on a file below the watched directory, before it is made.
#[derive(Debug)]
pub struct Call<'a> {
    /// The kind of the call.
    pub op: Op,
    /// The path of the call; the old name for [`Op::Rename`].
    pub path: &'a Path,
}

impl Call<'_> {
    /// Returns whether the file's name ends with `end`, for example `"-wal"`.
    #[must_use]
    pub fn is_on(&self, end: &str) -> bool {
        self.path.as_os_str().as_encoded_bytes().ends_with(end.as_bytes())
    }
}

/// The fault of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with this error code and has no effect.
    Errno(i32),
    /// Only this number of bytes is written, which is no error: the caller has to write the rest.
    Short(usize),
    /// The process ends at once, like by `kill -9`.
    Kill,
}

type Interceptor = Arc<dyn Fn(&Call<'_>) -> Option<Fault> + Send + Sync>;

/// A watch over a directory and everything below it, until it is dropped.
pub struct Watch(Arc<Watched>);

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.0.directory).finish()
    }
}

impl Watch {
    /// Watches `directory`.
    ///
    /// # Panics
    ///
    /// If the directory doesn't exist or isn't empty.
    #[must_use]
    pub fn over(directory: &Path) -> Self {
        Self::begin(empty(directory), Record::default())
    }

    /// Continues the record of a process that ended: its files are created below `directory` as it has left them. The
    /// directory must exist and be empty.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be written.
    ///
    /// # Panics
    ///
    /// If the directory isn't empty.
    pub fn after(events: Vec<Event>, directory: &Path) -> io::Result<Self> {
        let directory = empty(directory);
        let device = Device::default().after(&events);
        let found = device.cut(Loss::Nothing, &mut Rng::with_seed(0));
        found.write_below(&directory, &directory)?;
        let names: HashMap<_, _> = device.names().collect();
        let created = |event: &Event| match event {
            Event::Created { file, .. } => Some(file + 1),
            _ => None,
        };
        let files = events.iter().filter_map(created).max().unwrap_or(0);
        Ok(Self::begin(directory, Record { events, names, files }))
    }

    fn begin(directory: PathBuf, record: Record) -> Self {
        let watched = Arc::new(Watched {
            directory,
            interceptor: RwLock::new(Arc::new(|_| None)),
            record: Mutex::new(record),
        });
        WATCHES.write().push(Arc::clone(&watched));
        Self(watched)
    }

    /// Calls `interceptor` before each call from now on. It may block, and must not itself use files below the
    /// directory.
    pub fn intercept(
        &self,
        interceptor: impl Fn(&Call<'_>) -> Option<Fault> + Send + Sync + 'static,
    ) {
        *self.0.interceptor.write() = Arc::new(interceptor);
    }

    /// Adds a mark of the test to the record.
    pub fn mark(&self, what: u64) {
        self.0.record.lock().events.push(Event::Marked(what));
    }

    /// Returns all events so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.record.lock().events.clone()
    }
}

/// Returns the path of a directory, without links. The directory must be empty.
fn empty(directory: &Path) -> PathBuf {
    let directory = fs::canonicalize(directory).expect("the directory exists");
    assert!(
        fs::read_dir(&directory).expect("the directory can be read").next().is_none(),
        "the directory is empty"
    );
    directory
}

impl Drop for Watch {
    fn drop(&mut self) {
        WATCHES.write().retain(|watched| !Arc::ptr_eq(watched, &self.0));
        OPENED.lock().retain(|_, opened| !Arc::ptr_eq(&opened.watched, &self.0));
    }
}

static WATCHES: RwLock<Vec<Arc<Watched>>> = RwLock::new(Vec::new());
static OPENED: LazyLock<Mutex<HashMap<RawFd, Opened>>> = LazyLock::new(Mutex::default);

pub(crate) struct Watched {
    directory: PathBuf,
    interceptor: RwLock<Interceptor>,
    record: Mutex<Record>,
}

/// A descriptor of an entry below a watched directory, or of the directory itself.
#[derive(Clone)]
pub(crate) struct Opened {
    watched: Arc<Watched>,
    path: PathBuf,
    /// `None` for a directory.
    file: Option<FileId>,
}

#[derive(Default)]
pub(crate) struct Record {
    events: Vec<Event>,
    names: HashMap<PathBuf, FileId>,
    files: FileId,
}

/// Returns the watch over `path`, if there is one.
pub(crate) fn over(path: &Path) -> Option<Arc<Watched>> {
    WATCHES.read().iter().find(|watched| path.starts_with(&watched.directory)).cloned()
}

/// Returns the watched file or directory of a descriptor.
pub(crate) fn opened(descriptor: RawFd) -> Option<Opened> {
    OPENED.lock().get(&descriptor).cloned()
}

/// Removes a descriptor that is about to be closed.
pub(crate) fn closing(descriptor: RawFd) {
    OPENED.lock().remove(&descriptor);
}

impl Watched {
    /// Returns the fault of a call, if there is one. Doesn't return for [`Fault::Kill`].
    pub(crate) fn ask(&self, op: Op, path: &Path) -> Option<Fault> {
        let interceptor = Arc::clone(&self.interceptor.read());
        let fault = interceptor(&Call { op, path });
        if fault == Some(Fault::Kill) {
            crate::calls::die();
        }
        fault
    }

    /// Makes a call and records its effect, so that the record has the order of the calls.
    pub(crate) fn act<T>(
        &self,
        call: impl FnOnce() -> io::Result<T>,
        record: impl FnOnce(&mut Record, &T),
    ) -> io::Result<T> {
        let mut locked = self.record.lock();
        let done = call()?;
        record(&mut locked, &done);
        Ok(done)
    }
}

impl Opened {
    pub(crate) fn ask(&self, op: Op) -> Option<Fault> {
        let fault = self.watched.ask(op, &self.path);
        if let (Op::Sync, Some(Fault::Errno(_)), Some(file)) = (op, fault, self.file) {
            self.watched.record.lock().events.push(Event::SyncFailed { file });
        }
        fault
    }

    pub(crate) fn act<T>(
        &self,
        call: impl FnOnce() -> io::Result<T>,
        event: impl FnOnce(FileId, &T) -> Event,
    ) -> io::Result<T> {
        self.watched.act(call, |record, done| {
            if let Some(file) = self.file {
                record.events.push(event(file, done));
            }
        })
    }

    pub(crate) fn sync(&self, call: impl FnOnce() -> io::Result<i64>) -> io::Result<i64> {
        self.watched.act(call, |record, _| {
            record.events.push(match self.file {
                Some(file) => Event::Synced { file },
                None => Event::SyncedDirectory { path: self.path.clone() },
            });
        })
    }
}

/// Adds a descriptor that was just opened; `existed` is true if the file existed before.
pub(crate) fn enter(
    watched: &Arc<Watched>,
    record: &mut Record,
    descriptor: RawFd,
    path: &Path,
    is_directory: bool,
    emptied: bool,
) {
    let file = (!is_directory).then(|| {
        let Record { events, names, files } = record;
        let known = names.get(path).copied();
        let file = known.unwrap_or_else(|| {
            let file = *files;
            *files += 1;
            names.insert(path.to_owned(), file);
            events.push(Event::Created { path: path.to_owned(), file });
            file
        });
        if known.is_some() && emptied {
            events.push(Event::Truncated { file, length: 0 });
        }
        file
    });
    let opened = Opened { watched: Arc::clone(watched), path: path.to_owned(), file };
    OPENED.lock().insert(descriptor, opened);
}

impl Record {
    pub(crate) fn renamed(&mut self, from: &Path, to: &Path) {
        if let Some(file) = self.names.remove(from) {
            self.names.insert(to.to_owned(), file);
        }
        self.events.push(Event::Renamed { from: from.to_owned(), to: to.to_owned() });
    }

    pub(crate) fn linked(&mut self, from: &Path, to: &Path) {
        if let Some(file) = self.names.get(from).copied() {
            self.names.insert(to.to_owned(), file);
        }
        self.events.push(Event::Linked { from: from.to_owned(), to: to.to_owned() });
    }

    pub(crate) fn removed(&mut self, path: &Path) {
        self.names.remove(path);
        self.events.push(Event::Removed { path: path.to_owned() });
    }

    pub(crate) fn made_directory(&mut self, path: &Path) {
        self.events.push(Event::MadeDirectory { path: path.to_owned() });
    }
}
