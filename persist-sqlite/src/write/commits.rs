//! The commits of a job: groups, syncs, transactions of callers, and steps of a compaction. Each is one transaction of the database,
//! except that a group that fails is committed batch by batch.

use std::time::Instant;

use persist_core::port::{Batch, Commit, CompactStep, Group, Outcome, Retry, WriteTransaction};
use persist_core::{Durability, Error};

use crate::connection::setup::{self, PATIENCE};
use crate::file::schema;
use crate::pool::write_connection::{Failure, WriteConnection};
use crate::write::transaction::SqliteTransaction;
use crate::write::{apply, compaction};

/// Commits a group: in one transaction, or batch by batch if that fails.
pub(crate) fn commit(writer: &WriteConnection, group: &Group) -> Commit {
    let is_planned = group.is_planned();
    let outcomes = match commit_together(writer, group.batches(), is_planned) {
        Ok(None) => return Commit::Unplanned,
        Ok(Some(removed)) => removed.into_iter().map(committed).collect(),
        Err(Failure::Busy(error)) => return Commit::Busy(Retry::at_once(error)),
        // If one batch fails, or the disk has no space for all of them, the other batches can still be committed.
        Err(Failure::Full(_) | Failure::NotApplied(_)) if group.len() > 1 => {
            group.batches().map(|batch| commit_alone(writer, batch, is_planned)).collect()
        }
        Err(failure) => vec![failure.into_outcome(); group.len()],
    };
    Commit::Resolved(outcomes)
}

/// Commits batches in one transaction. Returns the number of rows that the deletes of each batch removed, or `None` if nothing was
/// applied because the batches are not planned and the job has system rows.
fn commit_together<'a>(
    writer: &WriteConnection,
    batches: impl Iterator<Item = Batch<'a>>,
    is_planned: bool,
) -> Result<Option<Vec<u64>>, Failure> {
    writer.in_transaction(|| {
        if !is_planned && writer.has_system_rows() {
            return Ok(None);
        }
        apply::apply_group(writer, batches).map(Some)
    })
}

/// Commits a batch in a transaction of its own. While another process holds the lock, this tries again by itself: earlier batches of
/// the group may be committed, so the engine can't repeat the group.
fn commit_alone(writer: &WriteConnection, batch: Batch<'_>, is_planned: bool) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    loop {
        return match commit_together(writer, std::iter::once(batch), is_planned) {
            Ok(Some(removed)) => committed(removed.iter().sum()),
            // Another process has added the first system row since the group began.
            Ok(None) => {
                let place = writer.place().clone();
                Outcome::NotApplied(Error::Busy { place, source: None })
            }
            Err(Failure::Busy(_)) if Instant::now() < deadline => continue,
            Err(failure) => failure.into_outcome(),
        };
    }
}

/// Makes all earlier commits durable: a transaction with [`Durability::Full`] syncs the WAL, with all that is in it.
pub(crate) fn sync(writer: &WriteConnection) -> Commit {
    if let Err(failure) = writer.check_files() {
        return Commit::Resolved(vec![failure.into_outcome()]);
    }
    if writer.durability() == Durability::Full {
        // Each commit was synced.
        return Commit::Resolved(vec![committed(0)]);
    }
    let connection = writer.connection();
    let synced = setup::set_durability(connection, Durability::Full)
        .map_err(|error| writer.failure(error))
        .and_then(|()| {
            // An empty transaction would sync nothing, so this one writes the version that the file has.
            writer.in_transaction(|| {
                schema::write_version(connection, writer.schema().user)
                    .map_err(|error| writer.failure(error))
            })
        });
    if let Err(error) = setup::set_durability(connection, writer.durability()) {
        tracing::warn!(place = %writer.place(), %error, "commits go on being synced, which is slower");
    }
    Commit::Resolved(vec![match synced {
        Ok(()) => committed(0),
        Err(Failure::Busy(error)) => return Commit::Busy(Retry::at_once(error)),
        Err(failure) => failure.into_outcome(),
    }])
}

/// Runs a caller's closure in a transaction.
pub(crate) fn transact(
    writer: &WriteConnection,
    run: &mut dyn FnMut(&mut dyn WriteTransaction) -> Result<(), Error>,
) -> Commit {
    let mut has_run = false;
    let ended = writer.in_transaction(|| {
        has_run = true;
        let mut transaction = SqliteTransaction::new(writer);
        let result = run(&mut transaction);
        transaction.end(result)
    });
    Commit::Resolved(vec![match ended {
        Ok(()) => committed(0),
        // The engine may try again only if the closure has not run.
        Err(Failure::Busy(error)) if !has_run => return Commit::Busy(Retry::at_once(error)),
        Err(failure) => failure.into_outcome(),
    }])
}

/// Takes a step of a compaction.
pub(crate) fn compact(writer: &WriteConnection, step: CompactStep) -> Commit {
    Commit::Resolved(vec![match compaction::take(step, writer) {
        Ok(freed) => committed(freed),
        Err(Failure::Busy(error)) => return Commit::Busy(Retry::at_once(error)),
        Err(failure) => failure.into_outcome(),
    }])
}

fn committed(removed: u64) -> Outcome {
    Outcome::Committed { removed }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use persist_core::port::{Backend, Category, Commit, Group, Op, OpenOptions, Outcome};
    use persist_core::{Durability, Error};
    use rusqlite::Connection;

    use super::{commit, sync};
    use crate::Sqlite;
    use crate::connection::budget::{Permit, Purpose};
    use crate::connection::job_connection::JobConnection;
    use crate::connection::settings::Settings;
    use crate::connection::{open, prepare};
    use crate::file::claim::Claim;
    use crate::file::job_file::JobFile;
    use crate::file::schema::Versions;
    use crate::pool::write_connection::WriteConnection;
    use crate::wal::checkpointer::{Attended, Checkpointer};
    use crate::wal::checkpoints::Wal;

    fn put<'a>(key: &'a [u8], payload: &'a [u8]) -> Op<'a> {
        Op::Put { category: Category::user(b"c"), key, payload }
    }

    fn group(batches: &[&[Op<'_>]]) -> Group {
        let mut group = Group::default();
        for batch in batches {
            group.push(batch);
        }
        group
    }

    fn open(file: &JobFile, durability: Durability) -> (WriteConnection, Attended) {
        let settings = Settings { durability, ..Settings::default() };
        let claim = Arc::new(Claim::shared(file).unwrap());
        let (writing, versions) = connect(file, &claim, settings);
        let wal = Arc::new(Wal::new(file.clone(), settings, &claim, &writing).unwrap());
        let seat = Arc::new(Checkpointer::default()).seat(&file.place).unwrap();
        let wal = seat.attend(wal);
        (WriteConnection::new(writing, versions, &wal, durability).unwrap(), wal)
    }

    fn connect(
        file: &JobFile,
        claim: &Arc<Claim>,
        settings: Settings,
    ) -> (JobConnection, Versions) {
        let writing = open::for_writing(file, settings).unwrap();
        let permit = Permit::acquire(&file.place, Purpose::Other).unwrap();
        let mut writing = JobConnection::new(writing, Arc::clone(claim), permit);
        let versions = prepare::prepare(&mut writing, file, settings.durability).unwrap();
        (writing, versions)
    }

    #[test]
    fn connection_for_checkpoints_is_closed_if_it_is_idle() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let claim = Arc::new(Claim::shared(&file).unwrap());
        let (writing, _) = connect(&file, &claim, Settings::default());
        let wal = Wal::new(file.clone(), Settings::default(), &claim, &writing).unwrap();
        assert_eq!(wal.close_idle(), 0);
        writing.execute_batch("INSERT INTO kv VALUES (x'63', x'6b', x'')").unwrap();
        wal.checkpoint_now();
        assert_eq!(wal.close_idle(), 1);
        assert_eq!(wal.close_idle(), 0);
    }

    #[test]
    fn wal_that_begins_after_a_pause_has_page_1() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let keys: Vec<[u8; 1]> = (0..40).map(|n| [n]).collect();
        let puts: Vec<Op<'_>> = keys.iter().map(|key| put(key, &[7; 1_000])).collect();
        let others: Vec<Op<'_>> = keys.iter().map(|key| put(key, &[8; 1_000])).collect();
        let commit = |writer: &WriteConnection, puts: &[Op<'_>]| {
            let Commit::Resolved(outcomes) = commit(writer, &group(&[puts])) else {
                panic!("busy")
            };
            assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{outcomes:?}");
        };
        let (writer, wal) = open(&file, Durability::Normal);
        commit(&writer, &puts);
        writer.close().unwrap();
        drop(wal);

        let (writer, wal) = open(&file, Durability::Normal);
        // This process makes no checkpoint from here on.
        wal.end();
        commit(&writer, &others[..1]);
        // The connection is closed, as for an idle job. Then another process removes the WAL.
        drop(writer);
        Connection::open(&file.path)
            .unwrap()
            .pragma_query(None, "user_version", |_| Ok(()))
            .unwrap();
        assert!(!file.wal().exists());
        let claim = Arc::new(Claim::shared(&file).unwrap());
        let (writing, versions) = connect(&file, &claim, Settings::default());
        let writer = WriteConnection::new(writing, versions, &wal, Durability::Normal).unwrap();
        // This writes more pages than the WAL had before, but none of them needs page 1.
        commit(&writer, &others);
        let frames = fs::read(file.wal()).unwrap();
        let pages: Vec<&[u8]> = frames[32..].chunks(24 + 4096).map(|frame| &frame[..4]).collect();
        assert!(pages.len() > 5 && pages.contains(&&[0, 0, 0, 1][..]), "{pages:?}");
        writer.close().unwrap();
    }

    #[test]
    fn commits_wait_for_the_disk_only_with_full_durability() {
        for (durability, synchronous) in [(Durability::Normal, 1), (Durability::Full, 2)] {
            let root = tempfile::tempdir().unwrap();
            let file = JobFile::new(root.path(), "job").unwrap();
            let (writer, _wal) = open(&file, durability);
            let pragma = |writer: &WriteConnection, name| {
                writer.connection().pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            };
            let is_as_set = |writer: &WriteConnection| {
                assert_eq!(pragma(writer, "synchronous"), Ok(synchronous));
                assert_eq!(pragma(writer, "fullfsync"), Ok(synchronous - 1));
            };
            is_as_set(&writer);
            // A sync does not change the durability of later commits.
            let Commit::Resolved(outcomes) = sync(&writer) else { panic!("nobody holds a lock") };
            assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{outcomes:?}");
            is_as_set(&writer);
        }
    }

    #[test]
    fn full_disk_fails_only_the_batches_without_space() {
        let root = tempfile::tempdir().unwrap();
        let file = JobFile::new(root.path(), "job").unwrap();
        let (writer, _wal) = open(&file, Durability::Normal);
        // At this limit SQLite returns the error of a full disk.
        writer
            .connection()
            .pragma_update_and_check(None, "max_page_count", 20, |_| Ok(()))
            .unwrap();

        let large = vec![0; 200_000];
        let commit = commit(
            &writer,
            &group(&[
                &[put(b"a", b"1")],
                &[put(b"b", b"2"), put(b"large", &large)],
                &[put(b"c", b"3")],
            ]),
        );
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
        // The job can be opened again.
        assert!(Sqlite::at(root.path()).open_job("job", &OpenOptions::default()).is_ok());
    }
}
