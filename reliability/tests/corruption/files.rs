use std::fs;
use std::path::Path;
use std::process::Command;

use fastrand::Rng;
use persist_core::{Key, Persistency, TxOp};
use persist_reliability::{Rows, rows_of, sqlite};

const PAGE: usize = 4_096;
const WAL_HEADER: usize = 32;
const FRAME: usize = 24 + PAGE;

/// The files of a job, as a process that was killed left them.
#[derive(Clone)]
pub(crate) struct Files {
    pub(crate) main: Vec<u8>,
    pub(crate) wal: Vec<u8>,
    /// The index of the WAL, which SQLite builds again: here garbage, or empty if there is none.
    index: Vec<u8>,
    journal: Vec<u8>,
}

impl Files {
    /// Creates files with long keys and payloads, free pages, and a WAL that isn't checkpointed yet. Also returns the
    /// rows after each commit in the WAL.
    pub(crate) fn make() -> (Self, Vec<Rows>) {
        let root = tempfile::tempdir().unwrap();
        let open = || {
            let store = Persistency::open(sqlite(root.path(), "normal")).unwrap();
            let job = store.open_job("job").wait().unwrap();
            (store, job)
        };
        let (store, job) = open();
        for category in ["a", "b", "c"] {
            let puts = (0..100).map(|n| {
                // Some long keys, so that these rows are on pages of their own.
                let key = key(n, if n % 20 == 0 { 3_000 } else { 8 });
                TxOp::put(category, key, vec![7; if n % 15 == 0 { 9_000 } else { 120 }])
            });
            job.persist(puts).wait().unwrap();
        }
        job.persist_delete_range("b", key(20, 0)..key(90, 0)).wait().unwrap();
        store.close().wait().unwrap();

        let (_store, job) = open();
        let mut states = vec![rows_of(&job).unwrap()];
        for n in 0..12 {
            let ops = [
                TxOp::put("a", key(n, 8), n.to_be_bytes()),
                TxOp::put("d", key(n, 100), vec![n.to_be_bytes()[7]; 2_000]),
                TxOp::delete("c", key(n, 8)),
            ];
            job.persist(ops).wait().unwrap();
            states.push(rows_of(&job).unwrap());
        }
        // The files of an open job may be read by another process only.
        let copies = tempfile::tempdir().unwrap();
        let mut copying = Command::new("cp")
            .args(["job.db", "job.db-wal"].map(|name| root.path().join(name)))
            .arg(copies.path())
            .spawn()
            .unwrap();
        assert!(copying.wait().unwrap().success());
        let read = |name| fs::read(copies.path().join(name)).unwrap();
        let (main, wal) = (read("job.db"), read("job.db-wal"));
        let files = Self { main, wal, index: Vec::new(), journal: Vec::new() };
        assert_eq!(files.commits_within(usize::MAX), states.len() - 1, "each commit is in the WAL");
        (files, states)
    }

    pub(crate) fn write(&self, root: &Path) {
        fs::create_dir_all(root).unwrap();
        fs::write(root.join("job.db"), &self.main).unwrap();
        let auxiliary = [("wal", &self.wal), ("shm", &self.index), ("journal", &self.journal)];
        for (suffix, bytes) in auxiliary.iter().filter(|(_, bytes)| !bytes.is_empty()) {
            fs::write(root.join(format!("job.db-{suffix}")), bytes).unwrap();
        }
    }

    /// Returns how many commits are whole in the first `bytes` bytes of the WAL, by its format alone: the last frame of
    /// each commit contains the size of the database.
    pub(crate) fn commits_within(&self, bytes: usize) -> usize {
        let wal = &self.wal[..bytes.min(self.wal.len())];
        let frames = wal.get(WAL_HEADER..).unwrap_or_default().chunks_exact(FRAME);
        frames.filter(|frame| frame[4..8] != [0; 4]).count()
    }

    /// Returns the offset of each frame of the WAL, and the end of the WAL.
    pub(crate) fn frames(&self) -> impl Iterator<Item = usize> {
        (WAL_HEADER..=self.wal.len()).step_by(FRAME)
    }

    /// Damages the files in a random way, and returns a description of the damage.
    pub(crate) fn damage(&mut self, random: &mut Rng) -> String {
        if random.u8(..4) == 0 {
            self.wal.clear();
        }
        let mut how = if self.wal.is_empty() || random.bool() {
            let how = match random.u8(..8) {
                0 => damage_header(&mut self.main, random),
                _ => damage(&mut self.main, 0, PAGE, random),
            };
            format!("file: {how}")
        } else {
            format!("WAL: {}", damage(&mut self.wal, WAL_HEADER, FRAME, random))
        };
        if random.u8(..10) == 0 {
            how += ", with a garbage index";
            self.index = garbage(32 << 10, random);
        }
        if random.u8(..20) == 0 {
            how += ", with a garbage journal";
            self.journal = garbage(2_000, random);
        }
        how
    }
}

fn key(n: u64, bytes: usize) -> Key {
    Key::from_bytes([n.to_be_bytes().as_slice(), &vec![b'k'; bytes]].concat())
}

fn garbage(bytes: usize, random: &mut Rng) -> Vec<u8> {
    let mut garbage = vec![0; bytes];
    random.fill(&mut garbage);
    garbage
}

/// Replaces a field in a database's header, most of which SQLite doesn't check.
fn damage_header(file: &mut [u8], random: &mut Rng) -> String {
    let at = 16 + 4 * random.usize(..21);
    let numbers = [0, 1, 5, 0xffff, u32::MAX >> 1, u32::MAX, random.u32(..)];
    let number = numbers[random.usize(..numbers.len())];
    file[at..at + 4].copy_from_slice(&number.to_be_bytes());
    format!("{number} at {at}")
}

/// Damages a file that has pages of `page` bytes after `header` bytes.
fn damage(bytes: &mut Vec<u8>, header: usize, page: usize, random: &mut Rng) -> String {
    let at = random.usize(..bytes.len());
    let pages = (bytes.len() - header) / page;
    let begin = |number: usize| header + number * page;
    match random.u8(..12) {
        0..5 => {
            let bits = [1, 1, 3, 20][random.usize(..4)];
            for _ in 0..bits {
                let at = random.usize(..bytes.len());
                bytes[at] ^= 1 << random.u8(..8);
            }
            format!("{bits} bits flipped")
        }
        5..7 => {
            // The beginning of a page, which holds its structure.
            let at = begin(random.usize(..pages)) + random.usize(..200);
            bytes[at] = random.u8(..);
            format!("byte {at} replaced")
        }
        7 => {
            bytes.truncate(at);
            format!("cut at {at}")
        }
        8 => {
            let at = if random.u8(..4) == 0 { 0 } else { begin(random.usize(..=pages)) };
            bytes.truncate(at);
            format!("cut at {at}, between two pages")
        }
        9 => {
            let (at, size) =
                if random.bool() { (at, 512) } else { (begin(random.usize(..pages)), page) };
            let end = (at + size).min(bytes.len());
            bytes[at..end].fill(0);
            format!("zeros from {at} to {end}")
        }
        10 => {
            let (one, other) = (random.usize(..pages), random.usize(..pages));
            for offset in 0..page {
                bytes.swap(begin(one) + offset, begin(other) + offset);
            }
            format!("pages {one} and {other} swapped")
        }
        _ => {
            let end = (at + random.usize(..5_000)).min(bytes.len());
            random.fill(&mut bytes[at..end]);
            format!("garbage from {at} to {end}")
        }
    }
}
