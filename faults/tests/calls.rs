//! All calls about files that the standard library and SQLite make are seen, and none that isn't below the directory.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use persist_faults::{Device, Event, Fault, Loss, Op, Watch};
use rusqlite::Connection;

fn watched() -> (tempfile::TempDir, Watch) {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    (directory, watch)
}

/// What `device` holds after a cut, written to a directory of its own.
fn after(device: &Device, loss: Loss, watched: &Path) -> tempfile::TempDir {
    let found = tempfile::tempdir().unwrap();
    device.cut(loss, &mut fastrand::Rng::with_seed(1)).write_below(watched, found.path()).unwrap();
    found
}

fn device(watch: &Watch) -> Device {
    let mut device = Device::default();
    watch.events().iter().for_each(|event| device.apply(event));
    device
}

#[test]
fn what_the_standard_library_does_is_recorded_in_order() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let mut file = File::create(&path).unwrap();
    file.write_all(b"one").unwrap();
    file.write_all(b"two").unwrap();
    file.write_all_at(b"X", 1).unwrap();
    file.set_len(4).unwrap();
    file.sync_data().unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    watch.mark(7);
    let other = directory.path().join("b");
    fs::rename(&path, &other).unwrap();
    fs::hard_link(&other, &path).unwrap();
    fs::remove_file(&other).unwrap();
    fs::create_dir(directory.path().join("c")).unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("a"), "not seen").unwrap();

    assert_eq!(
        watch.events(),
        [
            Event::Created { path: path.clone(), file: 0 },
            Event::Wrote { file: 0, at: 0, bytes: b"one".to_vec() },
            Event::Wrote { file: 0, at: 3, bytes: b"two".to_vec() },
            Event::Wrote { file: 0, at: 1, bytes: b"X".to_vec() },
            Event::Truncated { file: 0, length: 4 },
            Event::Synced { file: 0 },
            Event::SyncedDirectory { path: directory.path().to_owned() },
            Event::Marked(7),
            Event::Renamed { from: path.clone(), to: other.clone() },
            Event::Linked { from: other.clone(), to: path },
            Event::Removed { path: other },
            Event::MadeDirectory { path: directory.path().join("c") },
        ]
    );
}

#[test]
fn what_sqlite_does_makes_its_files() {
    let (directory, watch) = watched();
    let path = directory.path().join("a.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (v); INSERT INTO t VALUES (1), (2);",
        )
        .unwrap();
    let found = after(&device(&watch), Loss::Nothing, directory.path());
    for name in ["a.db", "a.db-wal"] {
        assert_eq!(
            fs::read(found.path().join(name)).unwrap(),
            fs::read(directory.path().join(name)).unwrap(),
            "{name}"
        );
    }
    drop(connection);
}

#[test]
fn what_was_not_synced_may_be_lost() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    file.write_all_at(&[1; 2048], 0).unwrap();
    file.sync_all().unwrap();
    assert!(!after(&device(&watch), Loss::Everything, directory.path()).path().join("a").exists());
    File::open(directory.path()).unwrap().sync_all().unwrap();
    file.write_all_at(&[2; 2048], 1024).unwrap();

    let device = device(&watch);
    let read = |loss| fs::read(after(&device, loss, directory.path()).path().join("a")).unwrap();
    assert_eq!(read(Loss::Everything), [1; 2048]);
    assert_eq!(read(Loss::Nothing), [[1; 1024].as_slice(), &[2; 2048]].concat());

    let mut torn = 0;
    let mut mixed = 0;
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..100 {
        for loss in [Loss::Tail, Loss::Sectors] {
            let found = tempfile::tempdir().unwrap();
            device.cut(loss, &mut random).write_below(directory.path(), found.path()).unwrap();
            let bytes = fs::read(found.path().join("a")).unwrap();
            assert!(bytes[..1024].iter().all(|&byte| byte == 1));
            let sectors: Vec<u8> = bytes[1024..].chunks(512).map(|sector| sector[0]).collect();
            assert!(bytes[1024..].chunks(512).all(|s| s.iter().all(|&byte| byte == s[0])));
            torn += usize::from(sectors == [2, 1]);
            mixed += usize::from(sectors.starts_with(&[1, 2]));
        }
    }
    assert!(torn > 0 && mixed > 0, "{torn} {mixed}");
}

#[test]
fn what_a_sync_failed_for_is_not_there_after_the_next_one_either() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    file.write_all_at(b"one", 0).unwrap();
    watch.intercept(|call| (call.op == Op::Sync).then_some(Fault::Errno(libc::EIO)));
    assert!(file.sync_all().is_err());
    watch.intercept(|_| None);
    file.write_all_at(b"two", 3).unwrap();
    file.sync_all().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"onetwo");
    let found = after(&device(&watch), Loss::Everything, directory.path());
    assert_eq!(fs::read(found.path().join("a")).unwrap(), b"\0\0\0two");
}

#[test]
fn a_call_fails_as_it_was_told_to() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    for (op, errno) in [
        (Op::Open, libc::EMFILE),
        (Op::Read, libc::EIO),
        (Op::Write(3), libc::ENOSPC),
        (Op::Truncate, libc::EIO),
        (Op::Sync, libc::EIO),
        (Op::Rename, libc::EACCES),
        (Op::Remove, libc::EROFS),
        (Op::MakeDirectory, libc::ENOSPC),
    ] {
        watch.intercept(move |call| (call.op == op).then_some(Fault::Errno(errno)));
        let failed = match op {
            Op::Open => File::open(&path).map(drop),
            Op::Read => file.read_at(&mut [0], 0).map(drop),
            Op::Write(_) => file.write_at(b"abc", 0).map(drop),
            Op::Truncate => file.set_len(0),
            Op::Sync => file.sync_all(),
            Op::Rename => fs::rename(&path, directory.path().join("b")),
            Op::Remove => fs::remove_file(&path),
            Op::MakeDirectory => fs::create_dir(directory.path().join("c")),
        };
        assert_eq!(failed.unwrap_err().raw_os_error(), Some(errno), "{op:?}");
    }
    watch.intercept(|call| matches!(call.op, Op::Write(_)).then_some(Fault::Short(2)));
    assert_eq!(file.write_at(b"abc", 0).unwrap(), 2);
    watch.intercept(|_| None);
    assert_eq!(fs::read(&path).unwrap(), b"ab");
}
