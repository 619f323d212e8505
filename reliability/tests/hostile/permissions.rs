//! Files and directories without read or write permission, and the permissions of files that are created.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use persist_core::{Error, Persistency};
use persist_reliability::{child_argument, child_in_shell, child_of_program, names, run, sqlite};

use crate::{has_row, open, open_with_row};

const NOBODY: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Creates roots with a job each. The name of a root says which permission is missing in it.
fn make_roots(directory: &Path) {
    let make = |name: &str, of_root: u32, file: &str, of_file: u32| {
        let root = directory.join(name);
        open_with_row(&root, "job").0.close().wait().unwrap();
        fs::write(root.join("job.db-wal"), "").unwrap();
        set_mode(&root.join(file), of_file);
        set_mode(&root, of_root);
    };
    make("listing the root", 0, "job.db", 0o666);
    make("writing the root", 0o555, "job.db", 0o666);
    make("reading the file", 0o777, "job.db", 0);
    make("writing the file", 0o777, "job.db", 0o444);
    make("writing the WAL", 0o777, "job.db-wal", 0o444);
    fs::remove_file(directory.join("writing the root/job.db-wal")).unwrap_or_default();
}

#[test]
fn missing_permission_is_named_by_the_error() {
    let directory = tempfile::tempdir().unwrap();
    make_roots(directory.path());
    set_mode(directory.path(), 0o755);
    // Another user may not be able to read the directory of this program.
    let elsewhere = tempfile::tempdir().unwrap();
    set_mode(elsewhere.path(), 0o755);
    let program = elsewhere.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut child =
        child_of_program(&program, "permissions::child_without_permissions", directory.path());
    child.current_dir(elsewhere.path());
    if fs::metadata(directory.path()).unwrap().uid() == 0 {
        // Root may do everything, so the child runs as another user.
        child.uid(NOBODY).gid(NOBODY);
    }
    run(child);
    // No row is lost.
    for name in names(directory.path()) {
        let root = directory.path().join(name);
        set_mode(&root, 0o755);
        for file in names(&root) {
            set_mode(&root.join(file), 0o600);
        }
        assert!(has_row(&open(&root).open_job("job").wait().unwrap()));
    }
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_without_permissions() {
    let Some(directory) = child_argument().map(PathBuf::from) else { return };
    for (name, to_write, to_read) in [
        ("listing the root", "can't be l", Some("can't be l")),
        ("writing the root", "right to write the root", Some("write next to the file")),
        ("reading the file", "right to write the root and the files", Some("right to read")),
        ("writing the file", "right to write the root and the files", None),
        ("writing the WAL", "right to write the root and the files", None),
    ] {
        let root = directory.join(name);
        let is_refused = |error: &Error, word: &str| {
            let message = error.to_string();
            assert!(message.contains(word) && message.contains(name), "{name}: {error:?}");
            let is_typed =
                matches!(error, Error::Unsupported { .. } | Error::InvalidArgument { .. });
            assert!(is_typed, "{name}: {error:?}");
        };
        let store = open(&root);
        is_refused(&store.open_job("job").wait().unwrap_err(), to_write);
        is_refused(&store.drop_job("job").wait().unwrap_err(), to_write);
        store.close().wait().unwrap();

        let reading = Persistency::open(sqlite(&root, "normal").read_only(true)).unwrap();
        match (reading.open_job("job").wait(), to_read) {
            (Err(error), Some(word)) => is_refused(&error, word),
            (Ok(job), None) => assert!(has_row(&job), "{name}"),
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
    let below = open(&directory.join("writing the root/below"));
    let error = below.open_job("job").wait().unwrap_err();
    assert!(matches!(error, Error::InvalidArgument { .. }), "{error:?}");
    assert!(error.to_string().contains("Permission denied"), "{error}");
}

#[test]
fn created_files_respect_the_umask() {
    for mask in ["077", "022", "002"] {
        let directory = tempfile::tempdir().unwrap();
        let shell = format!("umask {mask}; \"$@\"");
        let argument = directory.path().join(mask);
        run(child_in_shell(&shell, "permissions::child_creates_files", &argument));
    }
}

#[test]
#[ignore = "run by another test in a process of its own"]
fn child_creates_files() {
    let Some(directory) = child_argument().map(PathBuf::from) else { return };
    let mask = u32::from_str_radix(directory.file_name().unwrap().to_str().unwrap(), 8).unwrap();
    let root = directory.join("root");
    let (_store, job) = open_with_row(&root, "job");
    job.backup_to(root.join("copy.db")).wait().unwrap();
    let names = names(&root);
    assert_eq!(names, ["copy.db", "job.db", "job.db-shm", "job.db-wal"]);
    for name in names {
        // Only the owner may write, whatever the mask is.
        assert_eq!(mode(&root.join(&name)), 0o644 & !mask, "{name}");
    }
    assert_eq!(mode(&root), 0o777 & !mask);
}

#[test]
fn backup_is_readable_only_by_readers_of_the_job() {
    let root = tempfile::tempdir().unwrap();
    let (_store, job) = open_with_row(root.path(), "job");
    set_mode(&root.path().join("job.db"), 0o600);
    let copy = root.path().join("copy.db");
    job.backup_to(&copy).wait().unwrap();
    assert_eq!(mode(&copy), 0o600);
}
