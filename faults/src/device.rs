//! The disk as the system sees it: the data that is certainly on it, and the data that may still be in memory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use crate::watch::{Event, FileId};

/// The unit that a disk writes whole.
const SECTOR: usize = 512;

/// The part of the unsynced data that a power cut loses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// Nothing, as if only the process had ended.
    Nothing,
    /// All of it.
    Everything,
    /// In each file everything from a random place on, and the same for directory entries; the last write may be torn.
    Tail,
    /// In each file some sectors: each has the state after one of the writes to it. Some of the entries, in no order.
    Sectors,
}

impl Loss {
    /// All kinds of loss.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Everything, Self::Tail, Self::Sectors];
}

/// A disk to which recorded events are applied, one by one.
#[derive(Clone, Debug, Default)]
pub struct Device {
    files: BTreeMap<FileId, File>,
    synced: Entries,
    /// The changes of entries since the last sync of their directory, in order.
    unsynced: Vec<Event>,
    /// Decides how much of a file a failed sync has written; nothing if it is `None`.
    random: Option<Rng>,
}

/// The names on a disk: a file for each, or `None` for a directory.
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
    /// Returns a disk on which a failed sync may have written everything, a part, or nothing. On the disk of
    /// [`Default`] it has written nothing.
    #[must_use]
    pub fn with_seed(seed: u64) -> Self {
        Self { random: Some(Rng::with_seed(seed)), ..Self::default() }
    }

    /// Applies all events.
    #[must_use]
    pub fn after(mut self, events: &[Event]) -> Self {
        for event in events {
            self.apply(event);
        }
        self
    }

    /// Applies one event.
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
                // The system takes the data that it couldn't write for written.
                let file = self.files.entry(*file).or_default();
                if let Some(random) = &mut self.random {
                    let loss = [Loss::Nothing, Loss::Sectors, Loss::Everything][random.usize(..3)];
                    file.synced = file.cut(loss, random);
                }
                file.unsynced.clear();
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

    /// Returns the files after a power cut.
    ///
    /// The sync of a file does not sync its directory entry.
    #[must_use]
    pub fn cut(&self, loss: Loss, random: &mut Rng) -> Image {
        let entries = self.entries(loss, random);
        let mut contents =
            |file| self.files.get(&file).map_or_else(Vec::new, |file| file.cut(loss, random));
        Image(entries.into_iter().map(|(path, file)| (path, file.map(&mut contents))).collect())
    }

    fn entries(&self, loss: Loss, random: &mut Rng) -> Entries {
        let mut entries = self.synced.clone();
        let from = match loss {
            Loss::Nothing | Loss::Sectors => self.unsynced.len(),
            Loss::Everything => 0,
            Loss::Tail => random.usize(..=self.unsynced.len()),
        };
        for event in &self.unsynced[..from] {
            if loss != Loss::Sectors || random.bool() {
                change_entries(&mut entries, event);
            }
        }
        entries
    }

    /// Returns the names of files as the system has them, without any loss.
    pub(crate) fn names(&self) -> impl Iterator<Item = (PathBuf, FileId)> {
        let entries = self.entries(Loss::Nothing, &mut Rng::with_seed(0));
        entries.into_iter().filter_map(|(path, file)| Some((path, file?)))
    }
}

impl File {
    fn cut(&self, loss: Loss, random: &mut Rng) -> Vec<u8> {
        let mut found = self.synced.clone();
        match loss {
            Loss::Nothing => self.unsynced.iter().for_each(|change| change.apply(&mut found)),
            Loss::Everything => {}
            Loss::Tail => self.keep_first(&mut found, random),
            Loss::Sectors => self.keep_sectors(&mut found, random),
        }
        if matches!(loss, Loss::Tail | Loss::Sectors) && random.bool() {
            // The new length, without the data.
            found.resize(found.len().max(self.length()), 0);
        }
        found
    }

    /// Returns the length of the file without any loss.
    fn length(&self) -> usize {
        self.unsynced.iter().fold(self.synced.len(), |length, change| match change {
            Change::Write { at, bytes } => length.max(at + bytes.len()),
            Change::Length(length) => *length,
        })
    }

    fn keep_first(&self, found: &mut Vec<u8>, random: &mut Rng) {
        let kept = random.usize(..=self.unsynced.len());
        self.unsynced[..kept].iter().for_each(|change| change.apply(found));
        if let Some(torn @ Change::Write { at, bytes }) = self.unsynced.get(kept) {
            let sectors = random.usize(..=torn.sectors().count());
            for range in torn.sectors().take(sectors) {
                write(found, range.start, &bytes[range.start - at..range.end - at]);
            }
        }
    }

    /// Keeps some sectors. The system gathers the writes to a sector in memory, so a number of the first ones is kept,
    /// another number for each sector. A change of the length is kept or not.
    fn keep_sectors(&self, found: &mut Vec<u8>, random: &mut Rng) {
        let mut writes: BTreeMap<usize, usize> = BTreeMap::new();
        for change in &self.unsynced {
            for range in change.sectors() {
                *writes.entry(range.start / SECTOR).or_default() += 1;
            }
        }
        let mut left: BTreeMap<usize, usize> =
            writes.into_iter().map(|(sector, writes)| (sector, random.usize(..=writes))).collect();
        for change in &self.unsynced {
            match change {
                Change::Write { at, bytes } => {
                    for range in change.sectors() {
                        let left = left.entry(range.start / SECTOR).or_default();
                        if *left > 0 {
                            *left -= 1;
                            write(found, range.start, &bytes[range.start - at..range.end - at]);
                        }
                    }
                }
                Change::Length(_) if random.bool() => change.apply(found),
                Change::Length(_) => {}
            }
        }
    }
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => write(to, *at, bytes),
            Self::Length(length) => to.resize(*length, 0),
        }
    }

    /// Returns the parts of a write, each within one sector. Two small writes may share a sector.
    fn sectors(&self) -> impl Iterator<Item = Range<usize>> {
        let (start, end) = match self {
            Self::Write { at, bytes } => (*at, at + bytes.len()),
            Self::Length(_) => (0, 0),
        };
        (start / SECTOR..end.div_ceil(SECTOR))
            .map(move |sector| (sector * SECTOR).max(start)..((sector + 1) * SECTOR).min(end))
    }
}

/// The files of a disk by their paths; `None` for a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image(BTreeMap<PathBuf, Option<Vec<u8>>>);

impl Image {
    /// Returns the events that create this disk from an empty one, all of it synced: the record for a process that
    /// continues after the power cut.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for (file, (path, contents)) in self.0.iter().enumerate() {
            let path = path.clone();
            let parent = path.parent().map(Path::to_owned);
            match contents {
                None => events.push(Event::MadeDirectory { path }),
                Some(bytes) => events.extend([
                    Event::Created { path, file },
                    Event::Wrote { file, at: 0, bytes: bytes.clone() },
                    Event::Synced { file },
                ]),
            }
            events.extend(parent.map(|path| Event::SyncedDirectory { path }));
        }
        events
    }

    /// Writes the files below `from` to `to`; both directories must exist. A file in a directory that was lost is lost.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can't be written.
    pub fn write_below(&self, from: &Path, to: &Path) -> io::Result<()> {
        let from = fs::canonicalize(from)?;
        for (path, contents) in &self.0 {
            let Ok(below) = path.strip_prefix(&from) else { continue };
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

/// Returns the directory whose sync makes a change of entries durable.
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
    usize::try_from(number).expect("a file under test fits into memory")
}
