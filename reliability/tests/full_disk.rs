//! Small file systems in memory, so that a disk is really full or read-only. Mounting one needs root; without it
//! nothing is tried, and the test prints so.

use std::fs;
use std::io::{Write, stderr};
use std::path::Path;
use std::process::Command;

use persist_core::{Committed, Error, Job, Persistency};
use persist_reliability::{assert_sound, sqlite};
use persist_tests::watchdog::alive;

/// A file system of a few mebibytes.
struct Mount(tempfile::TempDir);

impl Mount {
    /// Returns none if nothing may be mounted.
    fn new() -> Option<Self> {
        Self::with("size=3m")
    }

    fn with(options: &str) -> Option<Self> {
        alive();
        let directory = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(directory.path())
            .output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(directory)),
            reason => {
                // Not with `eprintln!`, whose output the harness captures.
                let _ = writeln!(
                    stderr(),
                    "NOT TRIED, since no file system can be mounted: {reason:?}"
                );
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let output =
            Command::new("mount").args(["-o", &options]).arg(self.path()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    /// Leaves only a few bytes free, and returns the file that takes the space.
    fn fill(&self) -> std::path::PathBuf {
        let path = self.path().join("ballast");
        let _ = fs::write(&path, vec![1; 4 << 20]);
        path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

fn put(job: &Job, n: u64, bytes: usize) -> Result<Committed, Error> {
    job.persist_put("c", n, vec![n.to_be_bytes()[7]; bytes]).wait()
}

fn is_full(error: &Error) -> bool {
    matches!(error, Error::DiskFull { .. })
}

#[test]
fn full_disk_refuses_writes_and_serves_reads() {
    for settings in ["normal", "full", "exclusive"] {
        let Some(mount) = Mount::new() else { return };
        let root = mount.path().join("root");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        let mut kept = Vec::new();
        let mut refused = 0;
        for n in 0..400 {
            match put(&job, n, 20_000) {
                Ok(_) => kept.push(n),
                Err(error) => {
                    assert!(is_full(&error), "{error:?}");
                    refused += 1;
                }
            }
        }
        assert!(kept.len() > 20 && refused > 100, "{} kept, {refused} refused", kept.len());
        // Writes that no caller waits for don't fail silently either.
        job.persist_put("c", 1000_u64, vec![0; 20_000]);
        let count = job.count("c", ..).wait().unwrap();
        assert_eq!(count, u64::try_from(kept.len()).unwrap());
        assert!(job.last_error().is_some_and(|error| is_full(&error)));
        for &n in &kept {
            assert_eq!(job.get("c", n).wait().unwrap().unwrap(), vec![n.to_be_bytes()[7]; 20_000]);
        }
        for refused in [
            store.open_job("another").wait().map(drop),
            job.backup_to(mount.path().join("backup.db")).wait(),
        ] {
            let error = refused.unwrap_err();
            assert!(is_full(&error), "{error:?}");
        }
        assert!(!mount.path().join("backup.db").exists());
        assert!(job.check().wait().unwrap().is_sound());
        // The close reports the failure that no ticket has reported, and there is no space to move the WAL into the
        // file.
        let close = store.close_job("job").wait();
        assert!(close.as_ref().is_err_and(is_full), "{close:?}");
        // Opening needs some space for the index of the WAL.
        let opened = store.open_job("job").wait();
        assert!(opened.as_ref().map_or_else(is_full, |_| true), "{opened:?}");
        mount.remount("size=16m");
        let job = opened.or_else(|_| store.open_job("job").wait()).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), count);
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&root.join("job.db"));
    }
}

#[test]
fn open_job_writes_again_once_the_disk_has_space() {
    for settings in ["normal", "full", "exclusive"] {
        let Some(mount) = Mount::new() else { return };
        let root = mount.path().join("root");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        put(&job, 0, 20_000).unwrap();
        let ballast = mount.fill();
        let refused = put(&job, 1, 20_000).unwrap_err();
        assert!(is_full(&refused), "{refused:?}");
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
        // There is no space to move the WAL into the file: the job closes, and the WAL stays.
        let close = store.close_job("job").wait();
        assert!(close.as_ref().map_or_else(is_full, |()| true), "{close:?}");
        let job = store.open_job("job").wait();
        // There may be no space for the index of the WAL either.
        let job = job.unwrap_or_else(|error| {
            assert!(is_full(&error), "{error:?}");
            fs::write(&ballast, vec![1; 2 << 20]).unwrap();
            store.open_job("job").wait().unwrap()
        });
        assert_eq!(job.count("c", ..).wait().unwrap(), 1);
        fs::remove_file(&ballast).unwrap();
        put(&job, 1, 20_000).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2);
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&root.join("job.db"));
    }
}

#[test]
fn disk_without_free_inodes_refuses_new_jobs_and_open_jobs_go_on() {
    for settings in ["normal", "full", "exclusive"] {
        let Some(mount) = Mount::with("size=3m,nr_inodes=20") else { return };
        let root = mount.path().join("root");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        put(&job, 0, 1000).unwrap();
        let mut files = 0;
        while fs::File::create(mount.path().join(files.to_string())).is_ok() {
            files += 1;
        }
        let nowhere = Persistency::open(sqlite(mount.path().join("new"), settings)).unwrap();
        let error = nowhere.open_job("job").wait().unwrap_err();
        assert!(is_full(&error), "{settings}: {error:?}");
        // With no file to spare, and with too few for all the files of a job.
        for free in 0..4 {
            match store.open_job("another").wait() {
                Ok(another) => put(&another, 0, 1000).map(drop).unwrap(),
                Err(error) => assert!(is_full(&error), "{settings}, {free} free: {error:?}"),
            }
            put(&job, 1 + free, 1000).unwrap();
            files -= 1;
            fs::remove_file(mount.path().join(files.to_string())).unwrap();
        }
        put(&store.open_job("another").wait().unwrap(), 1, 1000).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 5);
        drop(job);
        store.close().wait().unwrap();
        assert_sound(&root.join("job.db"));
        assert_sound(&root.join("another.db"));
    }
}

#[test]
fn read_only_disk_refuses_writes_and_serves_reads() {
    for settings in ["normal", "full", "exclusive"] {
        let Some(mount) = Mount::new() else { return };
        let root = mount.path().join("root");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        put(&job, 0, 1000).unwrap();
        drop(job);
        store.close().wait().unwrap();

        mount.remount("ro");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        assert_eq!(store.stored_job_ids().wait().unwrap(), ["job"]);
        for refused in [
            store.open_job("job").wait().map(drop),
            store.open_job("new").wait().map(drop),
            store.drop_job("job").wait(),
        ] {
            let error = refused.unwrap_err();
            let message = error.to_string();
            assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
            assert!(
                message.contains("Read-only file system") && message.contains("`read_only`"),
                "{message}"
            );
        }
        drop(store);

        let reading = Persistency::open(sqlite(&root, "normal").read_only(true)).unwrap();
        let job = reading.open_job("job").wait().unwrap();
        assert_eq!(job.get("c", 0_u64).wait().unwrap().unwrap(), [0; 1000]);
        drop(job);
        reading.close().wait().unwrap();

        mount.remount("rw");
        let store = Persistency::open(sqlite(&root, settings)).unwrap();
        let job = store.open_job("job").wait().unwrap();
        put(&job, 1, 1000).unwrap();
        assert_eq!(job.count("c", ..).wait().unwrap(), 2);
    }
}
