use std::fmt;

use persist_core::{Durability, Error};

/// How a store opens its jobs. The docs of each are those of the method of [`Sqlite`](crate::Sqlite) that sets it.
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
    /// Whether a job that isn't stored is created.
    pub(crate) fn may_create(&self) -> bool {
        self.create && !self.read_only
    }

    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if one contradicts another; [`Error::Unsupported`] for what this platform can't do.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.read_only && self.exclusive {
            return Err(Error::invalid_argument(
                "`read_only` and `exclusive` contradict each other, since it takes the right to write to shut others \
                 out: leave one of them out",
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
            let what = "`exclusive` on this platform, but on Unix: leave it out".into();
            return Err(Error::Unsupported { what });
        }
        Ok(())
    }
}

/// What isn't as it is by default, in brackets.
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
