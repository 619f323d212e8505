//! Files of released versions are read forever, row by row, and the same rows are written with the same bytes today.
//!
//! `tests/data/job-<version>.db` never changes. A version that adds something to keep adds a file of its own:
//! `PERSIST_WRITE_KEPT_FILE=1 cargo test -p persist-tests --test sqlite -- kept_files::` writes it if it doesn't exist.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use persist_core::{
    Fixed, Job, Key, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, Persistency, key,
};
use persist_sqlite::Sqlite;

/// A key with a part of each kind.
#[derive(KeyEncode, KeyDecode, Clone, Debug, PartialEq)]
struct Place {
    channel: String,
    #[key(lex)]
    name: String,
    epoch: i64,
    small: u8,
    level: Option<Level>,
    newest: Reverse<u32>,
    id: Fixed<[u8; 4]>,
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Clone, Debug, PartialEq)]
enum Level {
    Low,
    High { above: i16 },
}

#[derive(PayloadEncode, PayloadDecode, Clone, Debug, PartialEq)]
struct Message {
    sender: String,
    body: Vec<u8>,
    numbers: (u64, i32, f64),
    tags: Vec<Option<Level>>,
    sorted: std::collections::BTreeMap<String, u128>,
    read: bool,
}

/// The rows of the file, which follow from this function alone.
fn rows() -> Vec<(Place, Message)> {
    let levels = [None, Some(Level::Low), Some(Level::High { above: -3 })];
    let channels = ["", "a", "general", "zürich", "日本語"];
    let mut rows = Vec::new();
    for (n, channel) in (0_u32..).zip(channels) {
        for level in &levels {
            for epoch in [i64::MIN, -1, 0, 1_764_000_000, i64::MAX] {
                let place = Place {
                    channel: channel.to_owned(),
                    name: format!("{channel}\0{n}"),
                    epoch,
                    small: u8::try_from(n).unwrap(),
                    level: level.clone(),
                    newest: Reverse(n * 1000),
                    id: Fixed(n.to_be_bytes()),
                };
                let message = Message {
                    sender: format!("sender of {channel}"),
                    body: vec![0xA5; usize::try_from(n).unwrap() * 1500],
                    numbers: (u64::from(n) << 40, -5, -0.5),
                    tags: levels.to_vec(),
                    sorted: [("one".to_owned(), 1), (channel.to_owned(), u128::MAX)].into(),
                    read: n % 2 == 0,
                };
                rows.push((place, message));
            }
        }
    }
    rows
}

fn kept(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(format!("job-{version}.db"))
}

fn put(job: &Job) {
    for (place, message) in &rows() {
        job.persist_encoded("messages", place, message);
    }
    job.persist_put("raw", key!("a key", 7_u64), b"bytes as they are");
    job.persist_put("", Key::new(), b"").wait().unwrap();
}

/// Returns all rows as bytes.
fn stored(job: &Job) -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let categories = job.categories().wait().unwrap();
    let rows_of = |category: &Vec<u8>| {
        let rows = job.scan(category, ..).wait().unwrap();
        let row = |row: persist_core::Row<'_>| {
            (category.clone(), row.key().as_bytes().to_vec(), row.payload().to_vec())
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    categories.iter().flat_map(rows_of).collect()
}

#[test]
fn file_of_0_1_is_read_and_its_rows_have_the_same_bytes() {
    let root = tempfile::tempdir().unwrap();
    let store = Persistency::open(Sqlite::at(root.path())).unwrap();

    let today = store.open_job("today").wait().unwrap();
    put(&today);
    let written = stored(&today);
    assert_eq!(written.len(), rows().len() + 2);

    let kept = kept("0.1");
    if !kept.exists() && env::var_os("PERSIST_WRITE_KEPT_FILE").is_some() {
        today.backup_to(&kept).wait().unwrap();
    }
    fs::copy(&kept, root.path().join("kept.db")).unwrap();
    let job = store.open_job("kept").wait().unwrap();
    assert_eq!(stored(&job), written);
    for (place, message) in rows() {
        let found: Option<Message> = job.get_as("messages", &place).wait().unwrap();
        assert_eq!(found, Some(message));
    }
    let decoded = job.scan("messages", ..).wait().unwrap();
    let mut decoded: Vec<(Place, Message)> =
        decoded.iter().map(|row| (row.key().decode().unwrap(), row.decode().unwrap())).collect();
    let mut expected = rows();
    let in_order = |(place, _): &(Place, Message)| place.to_key();
    decoded.sort_by_key(in_order);
    expected.sort_by_key(in_order);
    assert_eq!(decoded, expected);
    assert!(job.check().wait().unwrap().is_sound());

    // The file still works as a job.
    job.persist_put("raw", "new", b"row").wait().unwrap();
    assert_eq!(job.get("raw", "new").wait().unwrap(), Some(b"row".to_vec()));
    store.close().wait().unwrap();
}
