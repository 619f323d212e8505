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

/// A file of a record, whatever its name is at the time.
pub type FileId = usize;

/// What was done below a watched directory, in order. Paths are those of the calls.
#[allow(missing_docs)] // of fields, which say what they are
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An empty file came to be.
    Created { path: PathBuf, file: FileId },
    /// Bytes were written.
    Wrote { file: FileId, at: u64, bytes: Vec<u8> },
    /// The length was changed.
    Truncated { file: FileId, length: u64 },
    /// All that was written to the file is on the disk.
    Synced { file: FileId },
    /// Waiting for the disk failed: what had been written to the file since the last time may never get there, although it is
    /// read back, and although waiting again succeeds.
    SyncFailed { file: FileId },
    /// A directory came to be.
    MadeDirectory { path: PathBuf },
    /// The entries of a directory are on the disk.
    SyncedDirectory { path: PathBuf },
    /// An entry got another name, in the place of what had it.
    Renamed { from: PathBuf, to: PathBuf },
    /// A file got a second name.
    Linked { from: PathBuf, to: PathBuf },
    /// An entry was removed.
    Removed { path: PathBuf },
    /// The test said something: an acknowledgement, say.
    Marked(u64),
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Opening an existing file or a directory for reading only.
    Open,
    /// Opening an existing file for writing.
    OpenToWrite,
    /// Opening a file that isn't there yet, so that it comes to be.
    Create,
    /// Reading.
    Read,
    /// Writing so many bytes.
    Write(usize),
    /// Changing a file's length.
    Truncate,
    /// Waiting for the disk, for a file or a directory.
    Sync,
    /// Giving a file another name, or a second one.
    Rename,
    /// Removing a file or a directory.
    Remove,
    /// Making a directory.
    MakeDirectory,
}

impl Op {
    /// Whether the call changes what is on the disk, or will be.
    #[must_use]
    pub fn changes(self) -> bool {
        !matches!(self, Self::Open | Self::OpenToWrite | Self::Read)
    }
}

/// A call about a file below the watched directory, before it is made.
#[derive(Debug)]
pub struct Call<'a> {
    /// What is about to be done.
    pub op: Op,
    /// To what; for [`Op::Rename`], by its old name.
    pub path: &'a Path,
}

impl Call<'_> {
    /// Whether the file's name ends so: `"-wal"`, say.
    #[must_use]
    pub fn is_on(&self, end: &str) -> bool {
        self.path.as_os_str().as_encoded_bytes().ends_with(end.as_bytes())
    }
}

/// What becomes of a call instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails by this error of the system, with nothing done.
    Errno(i32),
    /// Only so many of the bytes are written, which is no error: who writes tries again with the rest.
    Short(usize),
    /// The process ends at once, as by `kill -9`.
    Kill,
}

type Interceptor = Arc<dyn Fn(&Call<'_>) -> Option<Fault> + Send + Sync>;

/// Watches a directory and all below it, until it is dropped.
pub struct Watch(Arc<Watched>);

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.0.directory).finish()
    }
}

impl Watch {
    /// Watches `directory`, which has to be there, and empty.
    ///
    /// # Panics
    ///
    /// If it isn't.
    #[must_use]
    pub fn over(directory: &Path) -> Self {
        Self::begin(empty(directory), Record::default())
    }

    /// Goes on with the record of a process that died: its files are made below `directory` as it has left them. That has to
    /// be there, and empty by now.
    ///
    /// # Errors
    ///
    /// If a file can't be written.
    ///
    /// # Panics
    ///
    /// If it isn't empty.
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

    /// Asks `interceptor` before each call from now on. It may block, and must not itself touch files below the
    /// directory.
    pub fn intercept(
        &self,
        interceptor: impl Fn(&Call<'_>) -> Option<Fault> + Send + Sync + 'static,
    ) {
        *self.0.interceptor.write() = Arc::new(interceptor);
    }

    /// Adds something of the test's own to the record.
    pub fn mark(&self, what: u64) {
        self.0.record.lock().events.push(Event::Marked(what));
    }

    /// All that was done so far.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.0.record.lock().events.clone()
    }
}

/// A directory without links, which has to be empty.
fn empty(directory: &Path) -> PathBuf {
    let directory = fs::canonicalize(directory).expect("the directory is there");
    assert!(fs::read_dir(&directory).expect("it can be read").next().is_none(), "it is empty");
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

/// A descriptor of something below a watched directory, or of that itself.
#[derive(Clone)]
pub(crate) struct Opened {
    watched: Arc<Watched>,
    path: PathBuf,
    /// None if it is a directory.
    file: Option<FileId>,
}

#[derive(Default)]
pub(crate) struct Record {
    events: Vec<Event>,
    names: HashMap<PathBuf, FileId>,
    files: FileId,
}

/// The watch over `path`, if there is one.
pub(crate) fn over(path: &Path) -> Option<Arc<Watched>> {
    WATCHES.read().iter().find(|watched| path.starts_with(&watched.directory)).cloned()
}

/// What is behind a descriptor, if it is watched.
pub(crate) fn opened(descriptor: RawFd) -> Option<Opened> {
    OPENED.lock().get(&descriptor).cloned()
}

/// Forgets a descriptor that is about to be closed.
pub(crate) fn closing(descriptor: RawFd) {
    OPENED.lock().remove(&descriptor);
}

impl Watched {
    /// Asks what becomes of a call. Doesn't return if it is [`Fault::Kill`].
    pub(crate) fn ask(&self, op: Op, path: &Path) -> Option<Fault> {
        let interceptor = Arc::clone(&self.interceptor.read());
        let fault = interceptor(&Call { op, path });
        if fault == Some(Fault::Kill) {
            crate::calls::die();
        }
        fault
    }

    /// Makes a call and records what it did, so that the record has the calls' own order.
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

/// Enters a descriptor that was just opened; `existed` says whether there was a file before.
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
