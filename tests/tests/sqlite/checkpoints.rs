//! How far the WAL grows, and how it gets smaller again.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use persist_core::{Config, Durability, Job, Persistency};
use persist_sqlite::Sqlite;
use persist_tests::watchdog::within_a_minute;
use rusqlite::Connection;
use tempfile::TempDir;

const MIB: u64 = 1 << 20;
/// What the WAL grows to if checkpoints can't keep up.
const LIMIT: u64 = 64 * MIB;

struct Place {
    root: TempDir,
    store: Persistency,
    job: Job,
}

impl Place {
    fn open(set: impl FnOnce(Sqlite) -> Sqlite) -> Self {
        let root = tempfile::tempdir().unwrap();
        // So that a group has at most that much.
        let config = Config { queue_limit_bytes: 4 << 20, ..Config::default() };
        let store = Persistency::open_with(set(Sqlite::at(root.path())), config).unwrap();
        let job = store.open_job("job").wait().unwrap();
        Self { root, store, job }
    }

    fn file(&self) -> PathBuf {
        self.root.path().join("job.db")
    }

    fn wal(&self) -> PathBuf {
        self.root.path().join("job.db-wal")
    }

    fn wal_bytes(&self) -> u64 {
        fs::metadata(self.wal()).unwrap().len()
    }

    /// Writes so many mebibytes, over and over to the same rows; gives the most that the WAL had.
    fn write(&self, mebibytes: u64) -> u64 {
        let mut most = 0;
        for n in 0..mebibytes {
            self.job.persist_put("c", n % 16, vec![n.to_be_bytes()[7]; 1 << 20]);
            most = most.max(self.wal_bytes());
        }
        self.job.sync().wait().unwrap();
        most.max(self.wal_bytes())
    }

    fn wait_until_the_wal_is_empty(&self) {
        while self.wal_bytes() > 0 {
            thread::yield_now();
        }
    }
}

#[test]
fn a_long_burst_keeps_the_wal_to_its_limit() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        let most = place.write(300);
        assert!(most < LIMIT + 8 * MIB, "{most}");
    });
}

#[test]
fn where_commits_wait_for_the_disk_the_wal_is_overwritten_soon() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend.durability(Durability::Full));
        // A page of 4 KiB each.
        let mut commits = 0u64;
        while commits * 4_096 < 2 * place.wal_bytes() || commits < 2_500 {
            assert!(commits * 4_096 < LIMIT, "the limit is not what made it");
            place.job.persist_put("c", commits % 16, commits.to_be_bytes()).wait().unwrap();
            commits += 1;
        }
    });
}

#[test]
fn rows_get_into_the_file_while_others_are_written() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        place.write(8);
        let mut n = 0u64;
        while fs::metadata(place.file()).unwrap().len() < 4 * MIB {
            assert!(place.wal_bytes() < LIMIT / 2, "the limit is not what made it");
            place.job.persist_put("small", 0u64, n.to_be_bytes()).wait().unwrap();
            n += 1;
            thread::sleep(Duration::from_millis(5));
        }
    });
}

#[test]
fn a_wal_is_emptied_when_nothing_is_written_and_gone_after_the_close() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        // The second time shows that it is looked after again.
        for mebibytes in [1, 10] {
            place.write(mebibytes);
            place.wait_until_the_wal_is_empty();
            let storage = place.job.stats().wait().unwrap().storage;
            assert_eq!((storage.wal_bytes, storage.wal_held_back), (0, false));
        }
        assert_eq!(place.job.count("c", ..).wait().unwrap(), 10);
        place.job.persist_put("c", "last", b"");
        place.store.close().wait().unwrap();
        assert!(!place.wal().exists());
    });
}

#[cfg(unix)]
#[test]
fn the_wal_of_an_exclusive_job_is_emptied_too() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend.exclusive(true));
        place.write(10);
        place.wait_until_the_wal_is_empty();
        place.job.persist_put("c", "last", b"");
        place.store.close().wait().unwrap();
        assert!(!place.wal().exists());
    });
}

#[test]
fn a_snapshot_holds_the_wal_back_but_no_write() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        place.write(1);
        let mut wal_bytes = 0;
        place
            .job
            .read(|view| {
                assert_eq!(view.count("c", ..)?, 1);
                wal_bytes = place.write(80);
                while !place.job.stats().wait()?.storage.wal_held_back {
                    thread::yield_now();
                }
                assert_eq!(view.count("c", ..)?, 1, "it still sees what it saw");
                Ok(())
            })
            .wait()
            .unwrap();
        assert!(wal_bytes > 80 * MIB, "{wal_bytes}");
        place.wait_until_the_wal_is_empty();
        assert!(!place.job.stats().wait().unwrap().storage.wal_held_back);
        assert_eq!(place.job.count("c", ..).wait().unwrap(), 16);
    });
}

#[test]
fn another_connection_that_reads_or_checkpoints_fails_no_write() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        place.write(1);
        let other = Connection::open(place.file()).unwrap();
        other.execute_batch("BEGIN; SELECT count(*) FROM kv").unwrap();
        place.write(20);
        other.execute_batch("COMMIT").unwrap();
        for _ in 0..20 {
            place.write(1);
            other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        }
        place.wait_until_the_wal_is_empty();
        assert_eq!(place.job.count("c", ..).wait().unwrap(), 16);
        // It still has the file open, and so keeps the WAL.
        place.job.persist_put("c", "last", b"");
        place.store.close().wait().unwrap();
        assert_eq!(place.wal_bytes(), 0);
    });
}

/// What becomes of a job whose file can't grow: no disk that anybody has is that small, but a limit of the process is.
#[cfg(target_os = "linux")]
mod of_a_file_that_cannot_grow {
    use std::path::Path;
    use std::process::Command;

    use persist_core::Persistency;
    use persist_sqlite::Sqlite;
    use persist_tests::watchdog::within_a_minute;

    const MIB: u64 = 1 << 20;

    /// Runs the program `outgrows` with a limit that the file has reached; gives what it says of the close, after
    /// looking whether all that was acknowledged is there.
    fn outgrow(way: &'static str) -> String {
        within_a_minute(move || {
            let root = tempfile::tempdir().unwrap();
            write_32_mebibytes(root.path());
            // In blocks of 512 bytes. Without the trap the signal would end the process.
            let script = "trap '' XFSZ; ulimit -f 67584; exec \"$@\"";
            let output = Command::new("sh")
                .args(["-c", script, "sh", env!("CARGO_BIN_EXE_outgrows")])
                .arg(root.path())
                .arg(way)
                .output()
                .unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{errors}");
            let words = String::from_utf8(output.stdout).unwrap();
            let (rows, close) = words.trim_end().split_once('\n').unwrap();

            let store = Persistency::open(Sqlite::at(root.path())).unwrap();
            let job = store.open_job("job").wait().unwrap();
            assert!(job.check().wait().unwrap().is_sound());
            assert_eq!(job.count("new", ..).wait().unwrap(), rows.parse::<u64>().unwrap());
            job.persist_put("new", "after", b"1").wait().unwrap();
            store.close().wait().unwrap();
            close.to_owned()
        })
    }

    fn write_32_mebibytes(root: &Path) {
        let store = Persistency::open(Sqlite::at(root)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        for n in 0..32u64 {
            job.persist_put("old", n, vec![0; 1 << 20]);
        }
        store.close().wait().unwrap();
        assert!(std::fs::metadata(root.join("job.db")).unwrap().len() > 32 * MIB);
    }

    #[test]
    fn checkpoint_of_a_file_that_cannot_grow_is_put_off() {
        for way in ["much", "little"] {
            let close = outgrow(way);
            assert!(close.contains("is full"), "{way}: {close}");
        }
    }
}
