use std::cell::Cell;
use std::sync::Arc;
use std::time::Instant;

use persist_core::error::Place;
use persist_core::port::{Batch, Commit, CompactStep, Group, Op, Outcome, Span, WriteTransaction};
use persist_core::{Durability, Error, Key, KeyRange};
use rusqlite::{Connection, params};

use crate::checkpointer::Attended;
use crate::claim::Claimed;
use crate::connection::{self, COMMIT_PATIENCE, PATIENCE};
use crate::presence::WatchedWal;
use crate::schema::Versions;
use crate::transaction::SqliteTransaction;
use crate::wal::Wal;
use crate::{compaction, errors, foreign_wal, runs, schema};

pub(crate) const PUT: &str = "INSERT INTO kv (category, key, payload) VALUES (?, ?, ?)
    ON CONFLICT (category, key) DO UPDATE SET payload = excluded.payload";
/// Before and behind the rows of a [`PUT`] of several.
pub(crate) const PUT_START: &str = "INSERT INTO kv (category, key, payload) VALUES";
pub(crate) const PUT_END: &str =
    "ON CONFLICT (category, key) DO UPDATE SET payload = excluded.payload";
const DELETE: &str = "DELETE FROM kv WHERE category = ?1 AND key = ?2";
const DELETE_FROM: &str = "DELETE FROM kv WHERE category = ?1 AND key >= ?2";
const DELETE_BETWEEN: &str = "DELETE FROM kv WHERE category = ?1 AND key >= ?2 AND key < ?3";

/// The one connection of a job that writes, while it is open.
pub(crate) struct Writing {
    // It ends before the connection is closed: then other processes may remove the WAL.
    _wal_is_open: WatchedWal,
    connection: Claimed,
    wal: Arc<Wal>,
    place: Place,
    durability: Durability,
    /// The schema as it was last inspected.
    schema: Cell<Versions>,
}

/// How a transaction that wasn't committed ended.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Another process holds the lock; nothing was applied.
    Busy(Error),
    /// The disk is full; nothing was applied.
    Full(Error),
    /// Nothing was applied.
    NotApplied(Error),
    /// It may be there after a reopen.
    Unknown(Error),
}

impl Failure {
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Busy(error)
            | Self::Full(error)
            | Self::NotApplied(error)
            | Self::Unknown(error) => error,
        }
    }

    fn into_outcome(self) -> Outcome {
        match self {
            Self::Unknown(error) => Outcome::Unknown(error),
            other => Outcome::NotApplied(other.into_error()),
        }
    }
}

impl Writing {
    /// Of a connection that was prepared for this durability, and whose schema was found to be a job's.
    pub(crate) fn new(
        mut connection: Claimed,
        versions: Versions,
        wal: &Attended,
        durability: Durability,
    ) -> Result<Self, Error> {
        let place = wal.place().clone();
        connection
            .busy_timeout(COMMIT_PATIENCE)
            .and_then(|()| connection::checkpoint_on_close(&connection, false))
            .and_then(|()| wal.follow(&mut connection))
            .map_err(|error| errors::from_sqlite(&place, error))?;
        // The WAL may have begun again while no connection was open.
        wal.want_first_page();
        let wal_is_open = connection.claim().presence().watch_wal();
        Ok(Self {
            _wal_is_open: wal_is_open,
            connection,
            wal: wal.shared(),
            place,
            durability,
            schema: Cell::new(versions),
        })
    }

    /// Runs `run` in a transaction of its own, and commits it if it gives `Ok`.
    pub(crate) fn in_transaction<T>(
        &self,
        run: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.execute("BEGIN IMMEDIATE").map_err(|error| {
            let busy = errors::is_busy(&error);
            let error = errors::from_sqlite(&self.place, error);
            if busy { Failure::Busy(error) } else { Failure::NotApplied(error) }
        })?;
        let changes = self.connection.total_changes();
        let given =
            self.check_schema().and_then(|()| run()).map_err(|failure| self.roll_back(failure))?;
        let has_changed_rows = self.connection.total_changes() != changes;
        let has_first_page = has_changed_rows
            && self.write_first_page().map_err(|failure| self.roll_back(failure))?;
        let (pages, written) = (self.wal.pages(), self.wal.written());
        let committed = self.execute("COMMIT");
        // A commit adds pages to the WAL, unless all rows keep their payloads. If the WAL has no more pages than before all the
        // same, another process has emptied it, and this commit has begun it again.
        let has_begun_again = self.wal.written() != written && self.wal.pages() <= pages;
        let is_missing = if has_first_page { committed.is_err() } else { has_begun_again };
        if is_missing {
            self.wal.want_first_page();
        }
        match committed {
            Ok(()) => Ok(given),
            // Not begun to be written, or not wholly.
            Err(error) if errors::is_busy(&error) => {
                Err(self.roll_back(Failure::Busy(errors::from_sqlite(&self.place, error))))
            }
            Err(error) if errors::is_full(&error) => {
                Err(self.roll_back(Failure::Full(errors::from_sqlite(&self.place, error))))
            }
            // The commit may stand in the WAL, though it was not acknowledged by the disk.
            Err(error) => Err(self.fail(Arc::new(error))),
        }
    }

    /// Refuses a sync if the files were removed, moved or replaced, since no later opening would find what it makes durable.
    pub(crate) fn check_files(&self) -> Result<(), Failure> {
        self.connection.claim().presence().check().map_err(Failure::NotApplied)
    }

    /// In a transaction that has begun: refuses a file of which another process has made something else.
    fn check_schema(&self) -> Result<(), Failure> {
        schema::expect_same(&self.connection, &self.place, &self.schema).map_err(|error| {
            Failure::NotApplied(match error {
                Error::Incompatible { .. } | Error::Corrupt { .. } => self.wal.refuse(error),
                error => error,
            })
        })
    }

    /// Writes page 1 if that is due. Returns whether it did.
    fn write_first_page(&self) -> Result<bool, Failure> {
        if !self.wal.take_first_page() {
            return Ok(false);
        }
        foreign_wal::write_first_page(&self.connection).map(|()| true).map_err(|error| {
            self.wal.want_first_page();
            self.failure(error)
        })
    }

    /// Commits batches in one transaction; gives how many rows the deletes of each removed.
    fn commit_together<'a>(
        &self,
        batches: impl Iterator<Item = Batch<'a>>,
    ) -> Result<Vec<u64>, Failure> {
        self.in_transaction(|| runs::apply(self, batches))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn wal(&self) -> &Wal {
        &self.wal
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(drop).map_err(errors::recognize_full)
    }

    /// Applies an operation; gives how many rows it removed.
    pub(crate) fn apply(&self, op: &Op<'_>) -> Result<u64, Failure> {
        match *op {
            Op::Put { category, key, payload } => {
                self.run(PUT, params![category, key, payload]).map(|_| 0)
            }
            Op::Delete { category, key } => self.run(DELETE, params![category, key]),
            Op::DeletePrefix { category, prefix } => {
                let range = KeyRange::prefix(&Key::from_bytes(prefix));
                let stop = range.stop().map(Key::as_bytes);
                self.delete(category, Span { start: prefix, stop })
            }
            Op::DeleteRange { category, span } => self.delete(category, span),
            ref other => {
                let what = format!("{other:?} in this version of the SQLite backend");
                Err(Failure::NotApplied(Error::Unsupported { what }))
            }
        }
    }

    /// What is wrong where nothing was committed.
    pub(crate) fn failure(&self, error: rusqlite::Error) -> Failure {
        let error = errors::recognize_full(error);
        let full = errors::is_full(&error);
        let error = errors::from_sqlite(&self.place, error);
        if full { Failure::Full(error) } else { Failure::NotApplied(error) }
    }

    fn delete(&self, category: &[u8], span: Span<'_>) -> Result<u64, Failure> {
        match span.stop {
            None => self.run(DELETE_FROM, params![category, span.start]),
            Some(stop) => self.run(DELETE_BETWEEN, params![category, span.start, stop]),
        }
    }

    /// Runs a statement; gives how many rows it changed.
    pub(crate) fn run(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<u64, Failure> {
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        run().map(|rows| rows as u64).map_err(|error| self.failure(error))
    }

    /// Ends a transaction without a trace. After some errors SQLite has done so itself.
    fn roll_back(&self, failure: Failure) -> Failure {
        if self.connection.is_autocommit() {
            return failure;
        }
        match self.execute("ROLLBACK") {
            Ok(()) => failure,
            Err(error) => self.fail(Arc::new(error)),
        }
    }

    /// Nothing more may be written, not even at the close: what is in the WAL may not be what the disk holds of it.
    pub(crate) fn fail(&self, error: Arc<rusqlite::Error>) -> Failure {
        self.wal.fail(Arc::clone(&error) as _);
        Failure::Unknown(Error::Unknown { place: self.place.clone(), source: Some(error) })
    }

    /// Each batch in a transaction of its own, so that only those fail for which there is no room.
    fn commit_one_by_one(&self, group: &Group) -> Vec<Outcome> {
        group.batches().map(|batch| self.commit_alone(batch)).collect()
    }

    /// Those before it may be committed, so the engine can't be asked to try again: this does.
    fn commit_alone(&self, batch: Batch<'_>) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            return match self.commit_together(std::iter::once(batch)) {
                Ok(removed) => committed(removed.iter().sum()),
                Err(Failure::Busy(_)) if Instant::now() < deadline => continue,
                Err(failure) => failure.into_outcome(),
            };
        }
    }

    pub(crate) fn commit(&mut self, group: &Group) -> Commit {
        let outcomes = match self.commit_together(group.batches()) {
            Ok(removed) => removed.into_iter().map(committed).collect(),
            Err(Failure::Busy(error)) => return Commit::Busy(error),
            // One batch's failure, or the lack of room for all, is not the others'.
            Err(Failure::Full(_) | Failure::NotApplied(_)) if group.len() > 1 => {
                self.commit_one_by_one(group)
            }
            Err(failure) => vec![failure.into_outcome(); group.len()],
        };
        Commit::Resolved(outcomes)
    }

    pub(crate) fn sync(&mut self) -> Commit {
        if let Err(failure) = self.check_files() {
            return Commit::Resolved(vec![failure.into_outcome()]);
        }
        if self.durability == Durability::Full {
            // Each commit has been.
            return Commit::Resolved(vec![committed(0)]);
        }
        let connection = &self.connection;
        let synced = connection::set_durability(connection, Durability::Full)
            .map_err(|error| self.failure(error))
            .and_then(|()| {
                // An empty transaction would sync nothing, so this one writes the version that it has found.
                self.in_transaction(|| {
                    schema::write_version(connection, self.schema.get().user)
                        .map_err(|error| self.failure(error))
                })
            });
        if let Err(error) = connection::set_durability(connection, self.durability) {
            tracing::warn!(place = %self.place, %error, "commits go on being synced, which is slower");
        }
        Commit::Resolved(vec![match synced {
            Ok(()) => committed(0),
            Err(Failure::Busy(error)) => return Commit::Busy(error),
            Err(failure) => failure.into_outcome(),
        }])
    }

    pub(crate) fn transact(
        &mut self,
        run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
    ) -> Commit {
        let mut has_run = false;
        let ended = self.in_transaction(|| {
            has_run = true;
            let mut transaction = SqliteTransaction::new(self);
            let given = run(&mut transaction);
            transaction.end(given)
        });
        Commit::Resolved(vec![match ended {
            Ok(()) => committed(0),
            Err(Failure::Busy(error)) if !has_run => return Commit::Busy(error),
            Err(failure) => failure.into_outcome(),
        }])
    }

    pub(crate) fn compact(&mut self, step: CompactStep) -> Commit {
        Commit::Resolved(vec![match compaction::take(step, self) {
            Ok(given_back) => committed(given_back),
            Err(Failure::Busy(error)) => return Commit::Busy(error),
            Err(failure) => failure.into_outcome(),
        }])
    }

    /// Brings the WAL into the file, if all is well, and closes the connection: the last one, unless others have the file
    /// open.
    pub(crate) fn close(self) -> Result<(), Error> {
        let finished = self.wal.finish(&self.connection);
        self.connection.flush_prepared_statement_cache();
        // A failed job's WAL is left for the next opening, whoever was told of the failure.
        let all_well = finished.is_ok() && self.wal.failure().is_none();
        let closed = connection::checkpoint_on_close(&self.connection, all_well)
            .and_then(|()| self.connection.close())
            .map_err(|error| errors::from_sqlite(&self.place, error));
        finished.and(closed)
    }
}

fn committed(removed: u64) -> Outcome {
    Outcome::Committed { removed }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use persist_core::port::{Backend, Commit, Group, Op, Outcome};
    use persist_core::{Durability, Error};
    use rusqlite::Connection;

    use super::Writing;
    use crate::Sqlite;
    use crate::budget::{Permit, Purpose};
    use crate::checkpointer::{Attended, Checkpointer};
    use crate::claim::{Claim, Claimed};
    use crate::job_file::JobFile;
    use crate::schema::Versions;
    use crate::settings::Settings;
    use crate::wal::Wal;
    use crate::{connection, schema};

    fn put<'a>(key: &'a [u8], payload: &'a [u8]) -> Op<'a> {
        Op::Put { category: b"c", key, payload }
    }

    fn group(batches: &[&[Op<'_>]]) -> Group {
        let mut group = Group::default();
        for batch in batches {
            group.push(batch);
        }
        group
    }

    fn open(file: &JobFile, durability: Durability) -> (Writing, Attended) {
        let settings = Settings { durability, ..Settings::default() };
        let claim = Arc::new(Claim::shared(file).unwrap());
        let (writing, versions) = connect(file, &claim, settings);
        let wal = Arc::new(Wal::new(file.clone(), settings, &claim, &writing).unwrap());
        let seat = Arc::new(Checkpointer::default()).seat(&file.place).unwrap();
        let wal = seat.attend(wal);
        (Writing::new(writing, versions, &wal, durability).unwrap(), wal)
    }

    fn connect(file: &JobFile, claim: &Arc<Claim>, settings: Settings) -> (Claimed, Versions) {
        let writing = connection::for_writing(file, settings).unwrap();
        let permit = Permit::acquire(&file.place, Purpose::Other).unwrap();
        let mut writing = Claimed::new(writing, Arc::clone(claim), permit);
        let versions = schema::prepare(&mut writing, file, settings.durability).unwrap();
        (writing, versions)
    }

    #[test]
    fn wal_that_begins_after_a_pause_has_page_1() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let keys: Vec<[u8; 1]> = (0..40).map(|n| [n]).collect();
        let puts: Vec<Op<'_>> = keys.iter().map(|key| put(key, &[7; 1_000])).collect();
        let others: Vec<Op<'_>> = keys.iter().map(|key| put(key, &[8; 1_000])).collect();
        let commit = |writer: &mut Writing, puts: &[Op<'_>]| {
            let Commit::Resolved(outcomes) = writer.commit(&group(&[puts])) else { panic!("busy") };
            assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{outcomes:?}");
        };
        let (mut writer, wal) = open(&file, Durability::Normal);
        commit(&mut writer, &puts);
        writer.close().unwrap();
        drop(wal);

        let (mut writer, wal) = open(&file, Durability::Normal);
        // No checkpoint by this process.
        wal.end();
        commit(&mut writer, &others[..1]);
        // As the connection of an idle job is closed; another process removes the WAL then.
        drop(writer);
        Connection::open(&file.path)
            .unwrap()
            .pragma_query(None, "user_version", |_| Ok(()))
            .unwrap();
        assert!(!file.wal().exists());
        let claim = Arc::new(Claim::shared(&file).unwrap());
        let (writing, versions) = connect(&file, &claim, Settings::default());
        let mut writer = Writing::new(writing, versions, &wal, Durability::Normal).unwrap();
        // Of more pages than the WAL had before, but not page 1.
        commit(&mut writer, &others);
        let frames = fs::read(file.wal()).unwrap();
        let pages: Vec<&[u8]> = frames[32..].chunks(24 + 4096).map(|frame| &frame[..4]).collect();
        assert!(pages.len() > 5 && pages.contains(&&[0, 0, 0, 1][..]), "{pages:?}");
        writer.close().unwrap();
    }

    #[test]
    fn commits_wait_for_the_disk_only_when_told() {
        for (durability, synchronous) in [(Durability::Normal, 1), (Durability::Full, 2)] {
            let root = tempfile::tempdir().unwrap();
            let file = JobFile::new(root.path(), "job").unwrap();
            let (mut writer, _wal) = open(&file, durability);
            let pragma = |writer: &Writing, name| {
                writer.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            };
            let is_as_told = |writer: &Writing| {
                assert_eq!(pragma(writer, "synchronous"), Ok(synchronous));
                assert_eq!(pragma(writer, "fullfsync"), Ok(synchronous - 1));
            };
            is_as_told(&writer);
            // A sync leaves the commits after it as they were.
            let Commit::Resolved(outcomes) = writer.sync() else { panic!("nobody holds a lock") };
            assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{outcomes:?}");
            is_as_told(&writer);
        }
    }

    #[test]
    fn on_a_full_disk_only_the_batches_without_room_fail() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let (mut writer, _wal) = open(&file, Durability::Normal);
        // SQLite then answers as if the disk were full.
        writer.connection.pragma_update_and_check(None, "max_page_count", 20, |_| Ok(())).unwrap();

        let large = vec![0; 200_000];
        let commit = writer.commit(&group(&[
            &[put(b"a", b"1")],
            &[put(b"b", b"2"), put(b"large", &large)],
            &[put(b"c", b"3")],
        ]));
        let Commit::Resolved(outcomes) = commit else { panic!("{commit:?}") };
        assert!(
            matches!(
                outcomes[..],
                [
                    Outcome::Committed { .. },
                    Outcome::NotApplied(Error::DiskFull { .. }),
                    Outcome::Committed { .. }
                ]
            ),
            "{outcomes:?}"
        );
        writer.close().unwrap();

        let keys = "SELECT group_concat(CAST(key AS TEXT), ' ') FROM kv";
        let reading = Connection::open(&file.path).unwrap();
        let found: String = reading.query_row(keys, [], |row| row.get(0)).unwrap();
        assert_eq!(found, "a c");
        drop(reading);
        // And the job is as good as before.
        assert!(Sqlite::at(root.path()).open_job("job").is_ok());
    }
}
