//! A backend over the embedded database redb, as a worked example: one database file for each job.
//!
//! It is written to be read, and not to be fast: each operation of a transaction opens the table again, for example.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use persist_conformance::Fixture;
use persist_core::error::Place;
use persist_core::port::{
    Backend, Category, Commit, Group, Location, Op, OpenOptions, OpenedJob, Outcome, Page,
    PageRequest, Reader, Snapshot, Space, Span, Stop, WriteTransaction, Writer,
};
use persist_core::{Error, Key, KeyRange};
use redb::TableDefinition;
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, StorageError, Table};
use tempfile::TempDir;

/// The number of a row's space, its category and its key. redb compares the parts of a tuple one after the other, as the port
/// requires.
type RowKey = (u8, &'static [u8], &'static [u8]);
type Payload = &'static [u8];

const ROWS: TableDefinition<'_, RowKey, Payload> = TableDefinition::new("rows");

/// A directory of databases. Clones share the open databases, so several stores may open the same job.
#[derive(Clone)]
struct Redb {
    directory: PathBuf,
    /// The open databases, by the id of their job. redb opens a file only once at a time.
    open: Arc<Mutex<HashMap<String, Weak<Database>>>>,
}

impl Redb {
    fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), open: Arc::default() }
    }

    /// Returns the path of a job's database. Hexadecimal digits encode any id, and no two ids have the same name.
    fn path(&self, id: &str) -> Result<PathBuf, Error> {
        if id.is_empty() || id.len() > 100 {
            let reason = format!("a job id of {} bytes: this backend takes 1 to 100", id.len());
            return Err(Error::invalid_argument(reason));
        }
        let mut name = String::new();
        for byte in id.bytes() {
            // Writing to text can't fail.
            let _ = write!(name, "{byte:02x}");
        }
        Ok(self.directory.join(name + ".redb"))
    }

    fn place(&self, id: &str) -> Result<Place, Error> {
        Ok(Place::new(id, Some(self.path(id)?.display().to_string())))
    }
}

impl fmt::Debug for Redb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redb({})", self.directory.display())
    }
}

/// Returns the id that a file name encodes.
fn decoded(name: &str) -> Option<String> {
    let digits = name.strip_suffix(".redb")?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

/// Returns the store's error for an error of redb.
fn failure(place: &Place, error: impl Into<redb::Error>) -> Error {
    let place = place.clone();
    match error.into() {
        redb::Error::DatabaseAlreadyOpen => Error::Busy { place, source: None },
        redb::Error::DatabaseClosed => Error::Closed { what: place.to_string() },
        redb::Error::Corrupted(reason) => Error::Corrupt { place, reason, source: None },
        error => {
            let (code, message) = (String::new(), error.to_string());
            Error::Backend { place, code, message, source: Some(Arc::new(error)) }
        }
    }
}

impl Backend for Redb {
    fn identity(&self) -> String {
        format!("redb {}", self.directory.display())
    }

    fn check(&self) -> Result<(), Error> {
        if self.directory.is_file() {
            let reason = format!("{} is a file: name a directory", self.directory.display());
            return Err(Error::invalid_argument(reason));
        }
        Ok(())
    }

    fn locate(&self, id: &str) -> Result<Location, Error> {
        let identity = format!("redb {}", self.path(id)?.display());
        Ok(Location { identity, place: self.place(id)? })
    }

    fn open_job(&self, id: &str, _options: &OpenOptions) -> Result<OpenedJob, Error> {
        let (path, place) = (self.path(id)?, self.place(id)?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let database = match open.get(id).and_then(Weak::upgrade) {
            Some(database) => database,
            None => {
                let created = fs::create_dir_all(&self.directory)
                    .map_err(redb::Error::from)
                    .and_then(|()| create(&path));
                let database = Arc::new(created.map_err(|error| failure(&place, error))?);
                open.insert(id.to_owned(), Arc::downgrade(&database));
                database
            }
        };
        let reader = RedbReader {
            place: place.clone(),
            database: Mutex::new(Some(Arc::clone(&database))),
            closed: Arc::default(),
        };
        let writer = RedbWriter { place, database, logged_bytes: 0 };
        Ok(OpenedJob { writer: Box::new(writer), reader: Arc::new(reader) })
    }

    fn drop_job(&self, id: &str) -> Result<bool, Error> {
        let (path, place) = (self.path(id)?, self.place(id)?);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(id).is_some_and(|database| database.strong_count() > 0) {
            return Err(Error::Busy { place, source: None });
        }
        open.remove(id);
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failure(&place, error)),
        }
    }

    fn stored_job_ids(&self) -> Result<Vec<String>, Error> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::invalid_argument(error.to_string())),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ids: Vec<String> = names.filter_map(|name| decoded(&name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

/// Opens a database, and creates it and its table if necessary.
fn create(path: &Path) -> Result<Database, redb::Error> {
    let database = Database::create(path)?;
    let transaction = database.begin_write()?;
    transaction.open_table(ROWS)?;
    transaction.commit()?;
    Ok(database)
}

struct RedbWriter {
    place: Place,
    database: Arc<Database>,
    logged_bytes: u64,
}

impl RedbWriter {
    /// Applies a group in one transaction, and returns it before the commit, with the number of rows that each batch has removed.
    /// Returns `None` if the group has to be planned.
    fn apply(
        &self,
        group: &Group,
    ) -> Result<Option<(redb::WriteTransaction, Vec<u64>)>, redb::Error> {
        let transaction = self.database.begin_write()?;
        let mut removed = Vec::with_capacity(group.len());
        let mut rows = transaction.open_table(ROWS)?;
        if !group.is_planned() && !categories(&rows, Space::System)?.is_empty() {
            return Ok(None);
        }
        for batch in group.batches() {
            let of_each_op: Result<Vec<u64>, _> =
                batch.ops().map(|op| apply(&mut rows, &op)).collect();
            removed.push(of_each_op?.iter().sum());
        }
        drop(rows);
        Ok(Some((transaction, removed)))
    }
}

impl Writer for RedbWriter {
    fn commit(&mut self, group: &Group) -> Commit {
        let written = group.batches().flat_map(|batch| batch.ops()).map(|op| match op {
            Op::Put { category, key, payload } => category.name.len() + key.len() + payload.len(),
            _ => 0,
        });
        self.logged_bytes += written.sum::<usize>() as u64;
        Commit::Resolved(match self.apply(group) {
            Ok(None) => return Commit::Unplanned,
            Ok(Some((transaction, removed))) => match transaction.commit() {
                Ok(()) => {
                    removed.into_iter().map(|removed| Outcome::Committed { removed }).collect()
                }
                // The rows may be there when the database is opened again.
                Err(error) => vec![Outcome::Unknown(failure(&self.place, error)); group.len()],
            },
            Err(error) => vec![Outcome::NotApplied(failure(&self.place, error)); group.len()],
        })
    }

    /// Does nothing: each commit is durable.
    fn sync(&mut self) -> Commit {
        Commit::Resolved(vec![Outcome::Committed { removed: 0 }])
    }

    fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        let transaction = match self.database.begin_write() {
            Ok(transaction) => transaction,
            Err(error) => {
                return Commit::Resolved(vec![Outcome::NotApplied(failure(&self.place, error))]);
            }
        };
        let place = self.place.clone();
        let mut writing = RedbTransaction { place, transaction, failed: None };
        // A panic of `run` drops the transaction, which rolls it back.
        let result = run(&mut writing);
        let RedbTransaction { transaction, failed, .. } = writing;
        Commit::Resolved(vec![match (result, failed) {
            (Err(error), _) | (Ok(()), Some(error)) => Outcome::NotApplied(error),
            (Ok(()), None) => match transaction.commit() {
                Ok(()) => Outcome::Committed { removed: 0 },
                Err(error) => Outcome::Unknown(failure(&self.place, error)),
            },
        }])
    }

    fn logged_bytes(&self) -> u64 {
        self.logged_bytes
    }

    fn close(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// Applies an operation, and returns the number of rows that it removed.
fn apply(rows: &mut Table<'_, RowKey, Payload>, op: &Op<'_>) -> Result<u64, StorageError> {
    match *op {
        Op::Put { category, key, payload } => {
            rows.insert(row_key(category, key), payload)?;
            Ok(0)
        }
        Op::Delete { category, key } => {
            Ok(u64::from(rows.remove(row_key(category, key))?.is_some()))
        }
        Op::DeletePrefix { category, prefix } => {
            let range = KeyRange::prefix(&Key::from_bytes(prefix));
            let stop = range.stop().map(Key::as_bytes);
            remove(rows, category, Span { start: prefix, stop })
        }
        Op::DeleteRange { category, span } => remove(rows, category, span),
    }
}

fn remove(
    rows: &mut Table<'_, RowKey, Payload>,
    category: Category<'_>,
    span: Span<'_>,
) -> Result<u64, StorageError> {
    if span.is_empty() {
        return Ok(0);
    }
    let end = end_of(category.name);
    let removed = rows.extract_from_if(bounds(category, span, &end), |_, _| true)?;
    removed.map(|row| row.map(|_| 1)).sum()
}

/// Returns the key in the table.
fn row_key<'a>(category: Category<'a>, key: &'a [u8]) -> (u8, &'a [u8], &'a [u8]) {
    (number(category.space), category.name, key)
}

/// Returns the number of a space.
fn number(space: Space) -> u8 {
    match space {
        Space::User => 0,
        Space::System => 1,
    }
}

/// Returns the name of the next category that is possible after this one.
fn end_of(name: &[u8]) -> Vec<u8> {
    [name, &[0]].concat()
}

/// The bounds of a range of rows.
type Bounds<'a> = (Bound<(u8, &'a [u8], &'a [u8])>, Bound<(u8, &'a [u8], &'a [u8])>);

/// Returns the bounds of a span. A span without a stop ends before the next possible category, whose name is `end`.
fn bounds<'a>(category: Category<'a>, span: Span<'a>, end: &'a [u8]) -> Bounds<'a> {
    let Category { space, .. } = category;
    let stop = span.stop.map_or_else(
        || row_key(Category { space, name: end }, b""),
        |stop| row_key(category, stop),
    );
    (Bound::Included(row_key(category, span.start)), Bound::Excluded(stop))
}

/// A transaction of a caller. Its reads see its own writes.
struct RedbTransaction {
    place: Place,
    transaction: redb::WriteTransaction,
    /// The error of the first write that failed.
    failed: Option<Error>,
}

impl RedbTransaction {
    fn with<T>(
        &self,
        run: impl FnOnce(&mut Table<'_, RowKey, Payload>) -> Result<T, StorageError>,
    ) -> Result<T, Error> {
        let opened = self.transaction.open_table(ROWS);
        let mut rows = opened.map_err(|error| failure(&self.place, error))?;
        run(&mut rows).map_err(|error| failure(&self.place, error))
    }
}

impl WriteTransaction for RedbTransaction {
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        let applied = self.with(|rows| apply(rows, op));
        if let Err(error) = &applied {
            self.failed.get_or_insert_with(|| error.clone());
        }
        applied
    }
}

impl Snapshot for RedbTransaction {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.with(|rows| get(rows, category, key))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.with(|rows| Ok(rows.get(row_key(category, key))?.is_some()))
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        let count = self.with(|rows| count(rows, category, span, stop))?;
        count.ok_or_else(|| Error::Closed { what: self.place.to_string() })
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.with(|rows| categories(rows, space))
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.with(|rows| read_page(rows, request, page))
    }
}

fn get(
    rows: &impl ReadableTable<RowKey, Payload>,
    category: Category<'_>,
    key: &[u8],
) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(rows.get(row_key(category, key))?.map(|payload| payload.value().to_vec()))
}

/// Returns the number of rows of a span, or `None` if nobody waits for it any more.
fn count(
    rows: &impl ReadableTable<RowKey, Payload>,
    category: Category<'_>,
    span: Span<'_>,
    stop: &Stop,
) -> Result<Option<u64>, StorageError> {
    if span.is_empty() {
        return Ok(Some(0));
    }
    let end = end_of(category.name);
    let mut count = 0;
    for row in rows.range(bounds(category, span, &end))? {
        if count % 1_000 == 0 && stop.is_set() {
            return Ok(None);
        }
        row?;
        count += 1;
    }
    Ok(Some(count))
}

/// Returns the categories of a space: the category of the first row, then the category of the first row after it, and so on.
fn categories(
    rows: &impl ReadableTable<RowKey, Payload>,
    space: Space,
) -> Result<Vec<Vec<u8>>, StorageError> {
    let space = number(space);
    let mut found: Vec<Vec<u8>> = Vec::new();
    loop {
        let start = found.last().map(|last| end_of(last)).unwrap_or_default();
        let from: Bounds<'_> =
            (Bound::Included((space, &start, b"")), Bound::Excluded((space + 1, b"", b"")));
        let Some(row) = rows.range(from)?.next() else { return Ok(found) };
        let (key, _) = row?;
        let (_, category, _) = key.value();
        found.push(category.to_vec());
    }
}

fn read_page(
    rows: &impl ReadableTable<RowKey, Payload>,
    request: &PageRequest<'_>,
    page: &mut Page,
) -> Result<bool, StorageError> {
    if request.span.is_empty() {
        return Ok(false);
    }
    let end = end_of(request.category.name);
    let mut range = rows.range(bounds(request.category, request.span, &end))?;
    let (first, before) = (page.len(), page.bytes());
    while let Some(row) = if request.reverse { range.next_back() } else { range.next() } {
        let (row_key, payload) = row?;
        let (_, _, key) = row_key.value();
        page.push(key, if request.keys_only { b"" } else { payload.value() });
        if page.len() - first >= request.rows || page.bytes() - before >= request.bytes {
            return Ok(true);
        }
    }
    Ok(false)
}

struct RedbReader {
    place: Place,
    /// `None` once the reader is closed, so that the job can be dropped.
    database: Mutex<Option<Arc<Database>>>,
    /// Whether the reader is closed; shared with its snapshots.
    closed: Arc<AtomicBool>,
}

impl RedbReader {
    fn snapshot(&self) -> Result<RedbSnapshot, Error> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(database) = database else {
            return Err(Error::Closed { what: self.place.to_string() });
        };
        let begin = || -> Result<_, redb::Error> {
            // The table keeps its transaction open.
            Ok(database.begin_read()?.open_table(ROWS)?)
        };
        let rows = begin().map_err(|error| failure(&self.place, error))?;
        Ok(RedbSnapshot { place: self.place.clone(), rows, closed: Arc::clone(&self.closed) })
    }
}

impl Reader for RedbReader {
    fn get(&self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.snapshot()?.get(category, key)
    }

    fn exists(&self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.snapshot()?.exists(category, key)
    }

    fn count(&self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        self.snapshot()?.count(category, span, stop)
    }

    fn page(&self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.snapshot()?.page(request, page)
    }

    fn begin_read(&self) -> Result<Box<dyn Snapshot + Send>, Error> {
        Ok(Box::new(self.snapshot()?))
    }

    fn may_run_inline(&self) -> bool {
        true
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.database.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

struct RedbSnapshot {
    place: Place,
    rows: ReadOnlyTable<RowKey, Payload>,
    closed: Arc<AtomicBool>,
}

impl RedbSnapshot {
    fn with<T>(
        &self,
        read: impl FnOnce(&ReadOnlyTable<RowKey, Payload>) -> Result<T, StorageError>,
    ) -> Result<T, Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::Closed { what: self.place.to_string() });
        }
        read(&self.rows).map_err(|error| failure(&self.place, error))
    }
}

impl Snapshot for RedbSnapshot {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.with(|rows| get(rows, category, key))
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        self.with(|rows| Ok(rows.get(row_key(category, key))?.is_some()))
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        let count = self.with(|rows| count(rows, category, span, stop))?;
        count.ok_or_else(|| Error::Closed { what: self.place.to_string() })
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        self.with(|rows| categories(rows, space))
    }

    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        self.with(|rows| read_page(rows, request, page))
    }
}

/// A backend in a directory that is removed at the end.
struct InRedb {
    backend: Redb,
    _directory: TempDir,
}

impl InRedb {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { backend: Redb::at(directory.path().join("root")), _directory: directory }
    }
}

impl Fixture for InRedb {
    fn backend(&self) -> Arc<dyn Backend> {
        Arc::new(self.backend.clone())
    }
}

persist_conformance::conformance!(crate::InRedb::new());
