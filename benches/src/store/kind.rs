//! The kinds of engines, and their programs.

#[cfg(feature = "peers")]
mod other_sqlite;

use std::path::Path;

use measure::child::{Entry, Request};
use measure::engine::{Commits, Engine, Outcome, With};
use measure::samples::Samples;
use measure::tasks::Tasks;
use measure::work::Work;

#[cfg(feature = "peers")]
use super::engine::{fjall, heed, redb, sled};
use super::engine::{persist, rusqlite};

#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    package: &'static str,
    /// The works of `compare` that it is measured at.
    pub(crate) takes_part: fn(Work) -> bool,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Here(Entry),
    /// In a program of its own, since each program can have one SQLite only.
    #[cfg(feature = "peers")]
    OtherSqlite,
}

impl Kind {
    pub(crate) const PERSIST: Self = Self::here(
        "persist",
        "persist-sqlite",
        Entry { with: persist::with, tasks: Some(Tasks::measure::<persist::AwaitedPersist>) },
    );
    /// The engine that all others are compared with.
    pub(crate) const BARE: Self = Self::here(
        "rusqlite",
        "rusqlite",
        Entry { with: rusqlite::with, tasks: Some(Tasks::measure::<rusqlite::AwaitedBare>) },
    );

    pub(crate) fn all() -> Vec<Self> {
        vec![
            Self::PERSIST,
            Self::variant("persist-mmap", persist::with_mmap),
            Self::variant("persist-exclusive", persist::with_exclusive),
            Self::variant("persist-exclusive-mmap", persist::with_exclusive_mmap),
            Self::BARE,
            #[cfg(feature = "peers")]
            Self::new("redb", "redb", redb::with),
            #[cfg(feature = "peers")]
            Self::new("fjall", "fjall", fjall::with),
            #[cfg(feature = "peers")]
            Self::new("heed", "heed", heed::with),
            // On Linux it calls sync_file_range, which leaves out the file's length and the disk's own cache.
            #[cfg(feature = "peers")]
            Self { takes_part: |work| !work.is_durable(), ..Self::new("sled", "sled", sled::with) },
            #[cfg(feature = "peers")]
            Self::elsewhere("tokio-rusqlite", "tokio-rusqlite"),
            #[cfg(feature = "peers")]
            Self::elsewhere("denokv", "denokv_sqlite"),
        ]
    }

    /// Returns the engines in this program.
    pub(crate) fn all_here() -> Vec<Self> {
        let mut kinds = Self::all();
        kinds.retain(|kind| matches!(kind.place, Place::Here(_)));
        kinds
    }

    /// Returns the engines of `async`.
    pub(crate) fn all_awaited() -> Vec<Self> {
        let mut kinds = Self::all();
        kinds.retain(|kind| !matches!(kind.place, Place::Here(Entry { tasks: None, .. })));
        kinds
    }

    /// Returns the first wrong result as an error, or that its program can't be built.
    pub(crate) fn check(self) -> Outcome<()> {
        #[cfg(feature = "peers")]
        if let Place::OtherSqlite = self.place {
            other_sqlite::build()?;
        }
        self.serve(&Request::Answers).map(drop)
    }

    /// Serves a request.
    pub(crate) fn serve(self, request: &Request) -> Outcome<Samples> {
        match self.place {
            Place::Here(entry) => entry.serve(request),
            #[cfg(feature = "peers")]
            Place::OtherSqlite => other_sqlite::ask(self.name, request),
        }
    }

    /// Opens or creates a store in `directory`, and closes it after the visit.
    pub(crate) fn with(
        self,
        directory: &Path,
        commits: Commits,
        mut visit: impl FnMut(&dyn Engine) -> Outcome<()>,
    ) -> Outcome<()> {
        match self.place {
            Place::Here(entry) => (entry.with)(directory, commits, &mut visit),
            #[cfg(feature = "peers")]
            Place::OtherSqlite => Err("it is in another program".into()),
        }
    }

    /// Returns the version in the lock file of its program.
    pub(crate) fn version(self) -> &'static str {
        let lock = match self.place {
            Place::Here(_) => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")),
            #[cfg(feature = "peers")]
            Place::OtherSqlite => other_sqlite::LOCK,
        };
        let entry = format!("name = \"{}\"\nversion = \"", self.package);
        let after = lock.split_once(&entry).map_or("", |(_, after)| after);
        after.split('"').next().unwrap_or_default()
    }

    const fn here(name: &'static str, package: &'static str, entry: Entry) -> Self {
        Self { name, package, takes_part: |_| true, place: Place::Here(entry) }
    }

    const fn new(name: &'static str, package: &'static str, with: With) -> Self {
        Self::here(name, package, Entry { with, tasks: None })
    }

    /// An engine that is only awaited: a get on the caller's thread is not one of its works.
    #[cfg(feature = "peers")]
    const fn elsewhere(name: &'static str, package: &'static str) -> Self {
        let takes_part = |work| !matches!(work, Work::Get | Work::GetsTogether);
        Self { name, package, takes_part, place: Place::OtherSqlite }
    }

    /// persist with settings for faster reads.
    const fn variant(name: &'static str, with: With) -> Self {
        Self { takes_part: Work::is_read, ..Self::new(name, "persist-sqlite", with) }
    }
}
