use std::fmt;
use std::process;

use super::Error;

/// A process, by its id. After a `fork` the child has a copy of its parent's memory but none of its threads, so it must not
/// wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process(u32);

impl Process {
    /// The process that runs this. A system call: compare processes before a wait, not in each write.
    pub(super) fn current() -> Self {
        Self(process::id())
    }

    pub(super) fn id(self) -> u32 {
        self.0
    }

    pub(super) fn is_current(self) -> bool {
        self == Self::current()
    }

    /// # Errors
    ///
    /// [`Error::OtherProcess`] in a process that was forked from this one.
    pub(super) fn check(self, what: &dyn fmt::Display) -> Result<(), Error> {
        if self.is_current() { Ok(()) } else { Err(Error::OtherProcess { what: what.to_string() }) }
    }
}
