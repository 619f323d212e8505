//! The files of an open job are removed, moved or replaced by another process.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::thread;

use persist_core::{Error, Job, Persistency};
use persist_reliability::{assert_sound, child_argument, child_in_shell, run, sqlite};
use persist_tests::watchdog::within_a_minute;
use tempfile::TempDir;

const SETTINGS: [&str; 4] = ["normal", "full", "exclusive", "normal+mmap"];
const ROWS: u64 = 20;

/// An open job: half of its rows are in the file, and half in the WAL.
struct Place {
    directory: TempDir,
    store: Persistency,
    job: Job,
}

impl Place {
    fn new(settings: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Persistency::open(sqlite(directory.path().join("root"), settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for n in 0..ROWS / 2 {
            job.persist_put("c", n, vec![1; 2_000]).wait().unwrap();
        }
        job.compact().wait().unwrap();
        for n in ROWS / 2..ROWS {
            job.persist_put("c", n, vec![1; 2_000]).wait().unwrap();
        }
        // A read, so that a connection is kept for reads.
        assert_eq!(job.count("c", ..).wait().unwrap(), ROWS);
        Self { directory, store, job }
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// A path outside of the root.
    fn elsewhere(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Backs the job up, and returns the number of rows in the backup.
    fn rows_of_backup(&self) -> u64 {
        let directory = self.elsewhere("backups");
        fs::create_dir_all(&directory).unwrap();
        self.job.backup_to(directory.join("copy.db")).wait().unwrap();
        let copies = Persistency::open(sqlite(&directory, "normal")).unwrap();
        let copy = copies.open_job("copy").wait().unwrap();
        assert!(copy.check().wait().unwrap().is_sound());
        let rows = copy.count("c", ..).wait().unwrap();
        drop(copy);
        copies.drop_job("copy").wait().unwrap();
        rows
    }

    /// Closes the job, opens it again, and checks that it has all rows and can be written.
    fn close_and_check(self, context: &str) {
        let Self { directory, store, job } = self;
        drop(job);
        store.close_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        let job = store.open_job("job").wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        assert_eq!(job.count("c", ..).wait().unwrap(), ROWS, "{context}");
        job.persist_put("c", ROWS, b"1").wait().unwrap();
        job.sync().wait().unwrap_or_else(|error| panic!("{context}: {error}"));
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&directory.path().join("root/job.db"));
    }
}

/// A change to the files of a job.
type Event = (&'static str, fn(&Place));

/// Events after which the connections hold an inode that has another name or none.
const FILE_LOST: [Event; 6] = [
    ("removed", |place| fs::remove_file(place.file("job.db")).unwrap()),
    ("replaced by a copy", |place| {
        fs::copy(place.file("job.db"), place.file("copy")).unwrap();
        fs::rename(place.file("copy"), place.file("job.db")).unwrap();
    }),
    ("replaced by text", |place| {
        fs::remove_file(place.file("job.db")).unwrap();
        fs::write(place.file("job.db"), "text").unwrap();
    }),
    ("moved", |place| fs::rename(place.file("job.db"), place.file("moved.db")).unwrap()),
    ("root removed", |place| fs::remove_dir_all(place.root()).unwrap()),
    ("root moved", |place| fs::rename(place.root(), place.elsewhere("moved")).unwrap()),
];

const WAL_LOST: [Event; 5] = [
    ("removed", |place| fs::remove_file(place.file("job.db-wal")).unwrap()),
    ("moved", |place| {
        fs::rename(place.file("job.db-wal"), place.file("moved")).unwrap();
    }),
    ("replaced by nothing", |place| {
        fs::remove_file(place.file("job.db-wal")).unwrap();
        fs::write(place.file("job.db-wal"), "").unwrap();
    }),
    ("replaced by text", |place| {
        fs::write(place.file("text"), "text").unwrap();
        fs::rename(place.file("text"), place.file("job.db-wal")).unwrap();
    }),
    ("replaced by a part", |place| {
        let wal = fs::read(place.file("job.db-wal")).unwrap();
        fs::write(place.file("part"), &wal[..wal.len() / 2]).unwrap();
        fs::rename(place.file("part"), place.file("job.db-wal")).unwrap();
    }),
];

/// A call. Writes and reads use the category `c`.
type Call = (&'static str, fn(&Job) -> Result<(), Error>);

const CALLS: [Call; 9] = [
    ("put", |job| job.persist_put("c", 0_u64, b"1").wait().map(drop)),
    ("transact", |job| job.transact(|tx| tx.persist_put("c", 0_u64, b"1")).wait()),
    ("sync", |job| job.sync().wait()),
    ("compact", |job| job.compact().wait().map(drop)),
    ("get", |job| job.get("c", 0_u64).wait().map(drop)),
    ("scan", |job| job.scan("c", ..).wait().map(drop)),
    ("read", |job| job.read(|view| view.count("c", ..)).wait().map(drop)),
    ("check", |job| job.check().wait().map(drop)),
    ("stats", |job| job.stats().wait().map(drop)),
];

/// Asserts that each call returns an error that names the remedy.
fn assert_reported_by_all(job: &Job, remedy: &str, context: &str) {
    for (name, call) in CALLS {
        let error = call(job).expect_err(&format!("{context}: {name}"));
        assert!(matches!(error, Error::Incompatible { .. }), "{context}: {name}: {error:?}");
        let message = error.to_string();
        assert!(message.contains("job.db") && message.contains(remedy), "{context}: {message}");
    }
}

#[test]
fn lost_file_is_reported_by_all_calls_and_can_be_backed_up() {
    for (event, happen) in FILE_LOST {
        for settings in SETTINGS {
            let context = format!("{event} {settings}");
            let place = Place::new(settings);
            happen(&place);
            place.job.sync().wait().expect_err(&context);
            assert_reported_by_all(&place.job, "`backup_to`", &context);
            assert_eq!(place.rows_of_backup(), ROWS, "{context}");
            assert_eq!(place.rows_of_backup(), ROWS, "{context}, again");
            drop(place.job);
            let closed = place.store.close_job("job").wait();
            assert!(matches!(closed, Err(Error::Incompatible { .. })), "{context}: {closed:?}");
        }
    }
}

#[test]
fn lost_wal_stops_writes_and_the_close_keeps_the_rows() {
    for (event, happen) in WAL_LOST {
        for settings in SETTINGS {
            let context = format!("{event} {settings}");
            let place = Place::new(settings);
            happen(&place);
            place.job.sync().wait().expect_err(&context);
            assert_reported_by_all(&place.job, "close the job", &context);
            assert_eq!(place.rows_of_backup(), ROWS, "{context}");
            place.close_and_check(&context);
        }
    }
}

/// No call finds the loss before the close does.
#[test]
fn lost_wal_found_only_by_the_close_loses_no_rows() {
    for (event, happen) in WAL_LOST {
        for settings in SETTINGS {
            let place = Place::new(settings);
            happen(&place);
            place.close_and_check(&format!("{event} {settings}"));
        }
    }
}

#[test]
fn loss_found_by_a_reader_stops_writes() {
    for settings in SETTINGS {
        for (event, happen) in FILE_LOST.into_iter().chain(WAL_LOST) {
            let context = format!("{event} {settings}");
            let place = Place::new(settings);
            happen(&place);
            // It opens a new connection.
            place.job.check().wait().expect_err(&context);
            assert_reported_by_all(&place.job, "", &context);
            assert_eq!(place.rows_of_backup(), ROWS, "{context}");
        }
    }
}

#[test]
fn loss_found_by_a_checkpoint_is_reported() {
    within_a_minute(|| {
        thread::scope(|scope| {
            for settings in SETTINGS {
                for (event, happen) in [FILE_LOST[0], WAL_LOST[0], WAL_LOST[3]] {
                    scope.spawn(move || {
                        let place = Place::new(settings);
                        happen(&place);
                        place.job.persist_put("c", 0_u64, b"1").wait().unwrap();
                        while place.job.get("c", 0_u64).wait().is_ok() {
                            thread::yield_now();
                        }
                        assert_reported_by_all(&place.job, "", &format!("{event} {settings}"));
                        assert_eq!(place.rows_of_backup(), ROWS);
                    });
                }
            }
        });
    });
}

#[test]
fn read_only_job_whose_file_is_lost_reports_it_and_can_be_backed_up() {
    for (event, happen) in FILE_LOST {
        let place = Place::new("normal");
        let reading = Persistency::open(sqlite(place.root(), "normal").read_only(true)).unwrap();
        let job = reading.open_job("job").wait().unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), ROWS);
        happen(&place);
        job.check().wait().expect_err(event);
        let read = job.exists("c", 0_u64).wait();
        assert!(matches!(read, Err(Error::Incompatible { .. })), "{event}: {read:?}");
        let place = Place { job, ..place };
        assert_eq!(place.rows_of_backup(), ROWS, "{event}");
    }
}

#[test]
fn files_that_were_moved_away_and_back_are_not_lost() {
    for settings in SETTINGS {
        for name in ["job.db", "job.db-wal"] {
            let context = format!("{settings} {name}");
            let place = Place::new(settings);
            let moved = place.elsewhere("moved");
            fs::rename(place.file(name), &moved).unwrap();
            place.job.persist_put("c", 0_u64, b"1").wait().unwrap();
            fs::rename(&moved, place.file(name)).unwrap();
            for (call, run) in CALLS {
                run(&place.job).unwrap_or_else(|error| panic!("{context}: {call}: {error}"));
            }
            place.close_and_check(&context);
        }
        let place = Place::new(settings);
        fs::rename(place.root(), place.elsewhere("moved")).unwrap();
        place.job.persist_put("c", 0_u64, b"1").wait().unwrap();
        fs::rename(place.elsewhere("moved"), place.root()).unwrap();
        place.job.sync().wait().unwrap();
        place.close_and_check(settings);
    }
}

/// The connections share the index in memory, and the next process that opens the job builds the index from the WAL.
#[test]
fn lost_wal_index_loses_no_rows() {
    for settings in ["normal", "full", "normal+mmap"] {
        let place = Place::new(settings);
        fs::remove_file(place.file("job.db-shm")).unwrap();
        for (call, run) in CALLS {
            run(&place.job).unwrap_or_else(|error| panic!("{settings}: {call}: {error}"));
        }
        assert_eq!(place.rows_of_backup(), ROWS);
        place.close_and_check(settings);
    }
}

/// The job counts as lost only if its file is certainly missing or replaced, since other errors may be temporary.
#[test]
fn files_that_cannot_be_looked_at_are_not_lost() {
    let place = Place::new("normal");
    let (root, moved) = (place.root(), place.elsewhere("moved"));
    fs::rename(&root, &moved).unwrap();
    // A link to itself: the system reports neither that the file exists nor that it is missing.
    symlink(&root, &root).unwrap();
    assert!(fs::metadata(place.file("job.db")).is_err());
    place.job.sync().wait().unwrap();
    place.job.persist_put("c", 0_u64, b"1").wait().unwrap();
    fs::remove_file(&root).unwrap();
    fs::rename(&moved, &root).unwrap();
    place.close_and_check("a loop");
}

/// With few descriptors the connections of idle jobs are closed, except for a job whose WAL is missing.
#[test]
fn idle_job_without_its_wal_keeps_its_rows() {
    run(child_in_shell("ulimit -S -n 60; exec \"$@\"", "lost::child_opens_many_jobs", ""));
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_opens_many_jobs() {
    let Some(_) = child_argument() else { return };
    for (event, happen) in WAL_LOST {
        let place = Place::new("normal");
        happen(&place);
        let others: Vec<Job> = (0..15)
            .map(|n| {
                let other = place.store.open_job(&format!("other {n}")).wait().unwrap();
                other.persist_put("c", 0_u64, b"1").wait().unwrap();
                other
            })
            .collect();
        drop(others);
        place.close_and_check(event);
    }
}
