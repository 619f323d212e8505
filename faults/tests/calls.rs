//! All file calls of the standard library and of SQLite below the directory are recorded, and no others.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use persist_faults::{Device, Event, Fault, Loss, Op, Watch};
use rusqlite::Connection;

fn watched() -> (tempfile::TempDir, Watch) {
    let directory = tempfile::tempdir().unwrap();
    let watch = Watch::over(directory.path());
    (directory, watch)
}

/// Writes the state of `device` after a cut to a directory of its own.
fn after(device: &Device, loss: Loss, watched: &Path) -> tempfile::TempDir {
    let found = tempfile::tempdir().unwrap();
    device.cut(loss, &mut fastrand::Rng::with_seed(1)).write_below(watched, found.path()).unwrap();
    found
}

fn device(watch: &Watch) -> Device {
    Device::default().after(&watch.events())
}

#[test]
fn calls_of_the_standard_library_are_recorded_in_order() {
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
fn recorded_calls_of_sqlite_rebuild_its_files() {
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
fn unsynced_data_may_be_lost() {
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
fn data_of_a_failed_sync_is_missing_after_the_next_sync() {
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
fn failed_sync_may_have_written_everything_or_a_part() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    file.write_all_at(&[1; 1024], 0).unwrap();
    watch.intercept(|call| (call.op == Op::Sync).then_some(Fault::Errno(libc::EIO)));
    assert!(file.sync_all().is_err());
    watch.intercept(|_| None);
    let seen: BTreeSet<Vec<u8>> = (0..50)
        .map(|seed| {
            let device = Device::with_seed(seed).after(&watch.events());
            let found = after(&device, Loss::Everything, directory.path());
            fs::read(found.path().join("a")).unwrap()
        })
        .collect();
    for possible in [vec![], vec![1; 1024], vec![1; 512], [[0; 512], [1; 512]].concat()] {
        assert!(seen.contains(&possible), "{possible:?}");
    }
}

#[test]
fn intercepted_call_fails_with_its_fault() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    for (op, errno) in [
        (Op::Open, libc::EMFILE),
        (Op::OpenToWrite, libc::EIO),
        (Op::Create, libc::ENOSPC),
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
            Op::OpenToWrite => File::options().write(true).open(&path).map(drop),
            Op::Create => File::create(directory.path().join("b")).map(drop),
            Op::Read => {
                file.read_at(&mut [0], 0).unwrap_err();
                (&file).read(&mut [0]).map(drop)
            }
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

#[test]
fn sector_after_a_cut_has_the_state_after_one_of_its_writes() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    file.write_all_at(&[1; 1000], 0).unwrap();
    file.write_all_at(&[2; 200], 400).unwrap();
    let device = device(&watch);
    let mut random = fastrand::Rng::with_seed(1);
    // The bytes at the edges of the sectors, after each cut.
    let mut seen = |loss| {
        let cuts = (0..200).map(|_| {
            let found = tempfile::tempdir().unwrap();
            device.cut(loss, &mut random).write_below(directory.path(), found.path()).unwrap();
            let bytes = fs::read(found.path().join("a")).unwrap();
            [0, 511, 512, 999].map(|index| bytes.get(index).copied())
        });
        cuts.collect::<BTreeSet<[Option<u8>; 4]>>()
    };
    let (zero, one, two) = (Some(0), Some(1), Some(2));
    let tails = [
        [None; 4],
        // Only the length, and the length with one sector.
        [zero; 4],
        [one, one, None, None],
        [one, one, zero, zero],
        [one; 4],
        // Both writes, the second one torn or not.
        [one, two, one, one],
        [one, two, two, one],
    ];
    assert_eq!(seen(Loss::Tail), BTreeSet::from(tails));
    let sectors = seen(Loss::Sectors);
    assert!(sectors.contains(&[zero, zero, two, one]), "sectors are lost in no order: {sectors:?}");
    assert!(
        sectors.iter().all(|at| (at[1] != two || at[0] == one) && (at[2] != two || at[3] == one)),
        "the second write to a sector is never kept without the first: {sectors:?}"
    );
}

#[test]
fn unsynced_entries_are_lost_from_the_end_or_in_no_order() {
    let (directory, watch) = watched();
    for name in ["a", "b"] {
        File::create(directory.path().join(name)).unwrap();
    }
    let device = device(&watch);
    let mut random = fastrand::Rng::with_seed(1);
    let mut found = |loss| {
        let found = tempfile::tempdir().unwrap();
        device.cut(loss, &mut random).write_below(directory.path(), found.path()).unwrap();
        ["a", "b"].map(|name| found.path().join(name).exists())
    };
    let mut seen = |loss| (0..100).map(|_| found(loss)).collect::<BTreeSet<_>>();
    assert_eq!(seen(Loss::Tail).len(), 3);
    assert!(!seen(Loss::Tail).contains(&[false, true]));
    assert_eq!(seen(Loss::Sectors).len(), 4);
}

#[test]
fn new_file_under_an_old_name_is_another_file() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let first = File::create(&path).unwrap();
    first.write_all_at(b"first", 0).unwrap();
    first.sync_all().unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    fs::remove_file(&path).unwrap();
    let second = File::create(&path).unwrap();
    second.write_all_at(b"second", 0).unwrap();
    second.sync_all().unwrap();
    let read = |watch: &Watch, loss| {
        let found = after(&device(watch), loss, directory.path());
        fs::read(found.path().join("a")).unwrap()
    };
    assert_eq!(read(&watch, Loss::Everything), b"first");
    File::open(directory.path()).unwrap().sync_all().unwrap();
    assert_eq!(read(&watch, Loss::Everything), b"second");
}

#[test]
fn record_continues_after_a_kill_and_after_a_power_cut() {
    let (directory, watch) = watched();
    let path = directory.path().join("a");
    let file = File::create(&path).unwrap();
    File::open(directory.path()).unwrap().sync_all().unwrap();
    file.write_all_at(b"one", 0).unwrap();
    let events = watch.events();
    let cut = device(&watch).cut(Loss::Nothing, &mut fastrand::Rng::with_seed(1));
    drop((watch, file));

    // After a kill unsynced data may still be lost. After a power cut the files that were found are synced.
    for (events, kept) in [(events, b"".as_slice()), (cut.events(), b"one")] {
        fs::remove_file(&path).unwrap();
        let watch = Watch::after(events, directory.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let found = after(&device(&watch), Loss::Everything, directory.path());
        assert_eq!(fs::read(found.path().join("a")).unwrap(), kept);

        let file = File::options().write(true).open(&path).unwrap();
        file.write_all_at(b"two", 3).unwrap();
        file.sync_all().unwrap();
        let found = after(&device(&watch), Loss::Everything, directory.path());
        assert_eq!(fs::read(found.path().join("a")).unwrap(), b"onetwo");
    }
}
