//! The growth of the WAL, and how checkpoints shrink it.

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
/// The size to which the WAL grows if checkpoints can't keep up.
const LIMIT: u64 = 64 * MIB;

struct Place {
    root: TempDir,
    store: Persistency,
    job: Job,
}

impl Place {
    fn open(set: impl FnOnce(Sqlite) -> Sqlite) -> Self {
        let root = tempfile::tempdir().unwrap();
        // A limit on the size of a group.
        let config = Config::new().queue_limit_bytes(4 << 20);
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

    /// Writes `mebibytes` mebibytes over the same rows again and again. Returns the largest size of the WAL.
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
fn wal_of_a_long_burst_stays_within_its_limit() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        let most = place.write(300);
        assert!(most < LIMIT + 8 * MIB, "{most}");
    });
}

#[test]
fn wal_of_synced_commits_is_overwritten_before_its_limit() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend.durability(Durability::Full));
        // Each commit writes one page of 4 KiB.
        let mut commits = 0u64;
        while commits * 4_096 < 2 * place.wal_bytes() || commits < 2_500 {
            assert!(commits * 4_096 < LIMIT, "the limit must not be the reason");
            place.job.persist_put("c", commits % 16, commits.to_be_bytes()).wait().unwrap();
            commits += 1;
        }
    });
}

#[test]
fn checkpoints_run_during_slow_writes() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        place.write(8);
        let mut n = 0u64;
        while fs::metadata(place.file()).unwrap().len() < 4 * MIB {
            assert!(place.wal_bytes() < LIMIT / 2, "the limit must not be the reason");
            place.job.persist_put("small", 0u64, n.to_be_bytes()).wait().unwrap();
            n += 1;
            thread::sleep(Duration::from_millis(5));
        }
    });
}

#[test]
fn idle_wal_is_emptied_and_removed_by_the_close() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        // The second round shows that checkpoints continue.
        for mebibytes in [1, 10] {
            place.write(mebibytes);
            place.wait_until_the_wal_is_empty();
            let storage = place.job.stats().wait().unwrap().storage.unwrap();
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
fn idle_wal_of_an_exclusive_job_is_emptied() {
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
fn snapshot_holds_the_wal_back_and_no_write() {
    within_a_minute(|| {
        let place = Place::open(|backend| backend);
        place.write(1);
        let mut wal_bytes = 0;
        place
            .job
            .read(|view| {
                assert_eq!(view.count("c", ..)?, 1);
                wal_bytes = place.write(80);
                while !place.job.stats().wait()?.storage.unwrap().wal_held_back {
                    thread::yield_now();
                }
                assert_eq!(view.count("c", ..)?, 1, "the view still sees the same rows");
                Ok(())
            })
            .wait()
            .unwrap();
        assert!(wal_bytes > 80 * MIB, "{wal_bytes}");
        place.wait_until_the_wal_is_empty();
        assert!(!place.job.stats().wait().unwrap().storage.unwrap().wal_held_back);
        assert_eq!(place.job.count("c", ..).wait().unwrap(), 16);
    });
}

#[test]
fn other_connection_that_reads_or_checkpoints_fails_no_write() {
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
        // It still has the file open, so the WAL stays.
        place.job.persist_put("c", "last", b"");
        place.store.close().wait().unwrap();
        assert_eq!(place.wal_bytes(), 0);
    });
}

/// A job whose file can't grow. The limit is one of the process, since no disk is that small.
#[cfg(target_os = "linux")]
mod with_a_file_that_cannot_grow {
    use std::path::Path;
    use std::process::Command;

    use persist_core::Persistency;
    use persist_sqlite::Sqlite;
    use persist_tests::watchdog::within_a_minute;

    const MIB: u64 = 1 << 20;

    /// Runs the program `outgrows` with a limit that the file has reached, and checks that every acknowledged row is
    /// there. Returns the result of the close that the program prints.
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
            let output = String::from_utf8(output.stdout).unwrap();
            let (rows, close) = output.trim_end().split_once('\n').unwrap();

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
    fn checkpoint_of_a_file_that_cannot_grow_is_delayed() {
        for way in ["much", "little"] {
            let close = outgrow(way);
            assert!(close.contains("is full"), "{way}: {close}");
        }
    }
}
