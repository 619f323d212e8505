//! The settings of a store.

use std::fmt;

use persist_core::{Durability, Error};

/// The settings of a store. Each field is described at the method of [`Sqlite`](crate::Sqlite) that sets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) durability: Durability,
    pub(crate) exclusive: bool,
    pub(crate) read_only: bool,
    pub(crate) create: bool,
    pub(crate) mmap_bytes: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            durability: Durability::Normal,
            exclusive: false,
            read_only: false,
            create: true,
            mmap_bytes: 0,
        }
    }
}

impl Settings {
    /// Returns whether opening a job that isn't stored creates it.
    pub(crate) fn may_create(&self) -> bool {
        self.create && !self.read_only
    }

    /// Checks that the settings can be used together and on this platform.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if two settings contradict each other; [`Error::Unsupported`] if this platform doesn't have one.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.read_only && self.exclusive {
            return Err(Error::invalid_argument(
                "`read_only` and `exclusive` contradict each other, since keeping out other processes needs the right to \
                 write: leave one of them out",
            ));
        }
        if self.read_only && self.durability != Durability::Normal {
            return Err(Error::invalid_argument(format!(
                "`read_only` and `Durability::{:?}` contradict each other, since nothing is written: leave one of \
                 them out",
                self.durability
            )));
        }
        if self.exclusive && cfg!(not(unix)) {
            let what = "`exclusive` on this platform, which only Unix has: leave it out".into();
            return Err(Error::Unsupported { what });
        }
        Ok(())
    }
}

/// Writes the settings that differ from the defaults, in parentheses.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { durability, exclusive, read_only, create, mmap_bytes } = *self;
        let set = [
            (durability != Durability::Normal).then(|| format!("Durability::{durability:?}")),
            exclusive.then(|| "exclusive".into()),
            read_only.then(|| "read_only".into()),
            (!create).then(|| "create(false)".into()),
            (mmap_bytes > 0).then(|| format!("mmap({mmap_bytes})")),
        ];
        let set: Vec<String> = set.into_iter().flatten().collect();
        if set.is_empty() { Ok(()) } else { write!(f, " ({})", set.join(", ")) }
    }
}
