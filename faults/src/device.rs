//! The disk as the system sees it: what is surely on it, and what is still on its way.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::watch::{Event, FileId};

/// What a disk writes whole.
const SECTOR: usize = 512;

/// What a power cut takes of that which wasn't synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing: as if only the process had died.
    Nothing,
    /// All of it.
    Everything,
    /// In each file all from a random place on; the last write may be torn.
    Tail,
    /// In each file random sectors of random writes.
    Sectors,
}

impl Loss {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Everything, Self::Tail, Self::Sectors];
}

/// A disk to which what was recorded is done, event by event.
#[derive(Clone, Debug, Default)]
pub struct Device {
    files: BTreeMap<FileId, File>,
    synced: Entries,
    /// Changes of entries that no sync of their directory has followed, in order.
    unsynced: Vec<Event>,
}

/// The names of a disk: a file each, or none for a directory.
type Entries = BTreeMap<PathBuf, Option<FileId>>;

#[derive(Clone, Debug, Default)]
struct File {
    synced: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

impl Device {
    /// Does what was recorded.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Wrote { file, at, bytes } => {
                let change = Change::Write { at: index(*at), bytes: bytes.clone() };
                self.files.entry(*file).or_default().unsynced.push(change);
            }
            Event::Truncated { file, length } => {
                let change = Change::Length(index(*length));
                self.files.entry(*file).or_default().unsynced.push(change);
            }
            Event::Synced { file } => {
                let file = self.files.entry(*file).or_default();
                for change in std::mem::take(&mut file.unsynced) {
                    change.apply(&mut file.synced);
                }
            }
            Event::SyncFailed { file } => {
                // The system takes what it couldn't write for written.
                self.files.entry(*file).or_default().unsynced.clear();
            }
            Event::SyncedDirectory { path } => {
                let (synced, unsynced) = std::mem::take(&mut self.unsynced)
                    .into_iter()
                    .partition(|event| directory_of(event) == Some(path));
                self.unsynced = unsynced;
                let synced: Vec<Event> = synced;
                for event in &synced {
                    change_entries(&mut self.synced, event);
                }
            }
            Event::Created { .. }
            | Event::MadeDirectory { .. }
            | Event::Renamed { .. }
            | Event::Linked { .. }
            | Event::Removed { .. } => self.unsynced.push(event.clone()),
            Event::Marked(_) => {}
        }
    }

    /// What is found after a power cut.
    ///
    /// Entries of a directory are lost from a random place on, as a file system with a journal loses them; that a file
    /// was synced says nothing of its entry.
    #[must_use]
    pub fn cut(&self, loss: Loss, random: &mut Rng) -> Image {
        let kept = match loss {
            Loss::Nothing => self.unsynced.len(),
            Loss::Everything => 0,
            Loss::Tail | Loss::Sectors => random.usize(..=self.unsynced.len()),
        };
        let mut entries = self.synced.clone();
        for event in &self.unsynced[..kept] {
            change_entries(&mut entries, event);
        }
        let mut contents =
            |file| self.files.get(&file).map_or_else(Vec::new, |file| file.cut(loss, random));
        Image(entries.into_iter().map(|(path, file)| (path, file.map(&mut contents))).collect())
    }
}

impl File {
    fn cut(&self, loss: Loss, random: &mut Rng) -> Vec<u8> {
        let mut found = self.synced.clone();
        match loss {
            Loss::Nothing => self.unsynced.iter().for_each(|change| change.apply(&mut found)),
            Loss::Everything => {}
            Loss::Tail => {
                let kept = random.usize(..=self.unsynced.len());
                self.unsynced[..kept].iter().for_each(|change| change.apply(&mut found));
                if let Some(Change::Write { at, bytes }) = self.unsynced.get(kept) {
                    let whole = random.usize(..=bytes.len() / SECTOR) * SECTOR;
                    write(&mut found, *at, &bytes[..whole]);
                }
            }
            Loss::Sectors => {
                for change in &self.unsynced {
                    change.apply_some(&mut found, random);
                }
            }
        }
        found
    }
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => write(to, *at, bytes),
            Self::Length(length) => to.resize(*length, 0),
        }
    }

    /// Applies random sectors of it. Sectors are the disk's, so that two small writes may share one.
    fn apply_some(&self, to: &mut Vec<u8>, random: &mut Rng) {
        match self {
            Self::Write { at, bytes } => {
                let mut from = 0;
                while from < bytes.len() {
                    let next = ((at + from) / SECTOR + 1) * SECTOR - at;
                    let end = next.min(bytes.len());
                    if random.bool() {
                        write(to, at + from, &bytes[from..end]);
                    }
                    from = end;
                }
            }
            Self::Length(_) => {
                if random.bool() {
                    self.apply(to);
                }
            }
        }
    }
}

/// A disk's files, by their paths; none for a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image(BTreeMap<PathBuf, Option<Vec<u8>>>);

impl Image {
    /// Writes those below `from` below `to`, which has to be there. What lies in a directory that was lost is lost.
    ///
    /// # Errors
    ///
    /// If a file can't be written.
    pub fn write_below(&self, from: &Path, to: &Path) -> io::Result<()> {
        for (path, contents) in &self.0 {
            let Ok(below) = path.strip_prefix(from) else { continue };
            let target = to.join(below);
            match contents {
                Some(contents) if target.parent().is_some_and(Path::is_dir) => {
                    fs::write(target, contents)?;
                }
                None if target.parent().is_some_and(Path::is_dir) => fs::create_dir(target)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn write(to: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let end = at + bytes.len();
    if to.len() < end {
        to.resize(end, 0);
    }
    to[at..end].copy_from_slice(bytes);
}

fn change_entries(entries: &mut Entries, event: &Event) {
    match event {
        Event::Created { path, file } => {
            entries.insert(path.clone(), Some(*file));
        }
        Event::MadeDirectory { path } => {
            entries.insert(path.clone(), None);
        }
        Event::Renamed { from, to } => {
            if let Some(file) = entries.remove(from) {
                entries.insert(to.clone(), file);
            }
        }
        Event::Linked { from, to } => {
            if let Some(file) = entries.get(from).copied() {
                entries.insert(to.clone(), file);
            }
        }
        Event::Removed { path } => {
            entries.remove(path);
        }
        _ => unreachable!("only these change entries"),
    }
}

/// The directory whose sync makes a change of entries durable.
fn directory_of(event: &Event) -> Option<&Path> {
    match event {
        Event::Created { path, .. }
        | Event::MadeDirectory { path }
        | Event::Removed { path }
        | Event::Renamed { to: path, .. }
        | Event::Linked { to: path, .. } => path.parent(),
        _ => None,
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a file under test fits memory")
}
