//! The call that fails, and how it fails.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use persist_faults::{Call, Fault, Op};

/// The way in which a call fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) errno: i32,
    /// Whether half of the bytes are written before the next call fails.
    short: bool,
    pub(crate) for_ever: bool,
}

impl Failure {
    pub(crate) const ALL: [Self; 8] = [
        Self { errno: libc::EIO, short: false, for_ever: false },
        Self { errno: libc::EIO, short: false, for_ever: true },
        Self { errno: libc::EIO, short: true, for_ever: true },
        Self { errno: libc::ENOSPC, short: false, for_ever: false },
        Self { errno: libc::ENOSPC, short: false, for_ever: true },
        Self { errno: libc::ENOSPC, short: true, for_ever: true },
        Self { errno: libc::EDQUOT, short: true, for_ever: true },
        Self { errno: libc::EFBIG, short: false, for_ever: false },
    ];

    /// Returns whether the error is one of those for missing space.
    pub(crate) fn is_missing_space(self) -> bool {
        matches!(self.errno, libc::ENOSPC | libc::EDQUOT | libc::EFBIG)
    }

    /// Returns whether the failure applies to a call: only calls that need space can lack it.
    fn concerns(self, call: &Call<'_>) -> bool {
        match call.op {
            Op::Write(bytes) => !self.short || bytes > 1,
            Op::Create | Op::MakeDirectory | Op::Rename => !self.short,
            _ => self.errno == libc::EIO && !self.short,
        }
    }

    fn fault(self, call: &Call<'_>) -> Fault {
        match call.op {
            Op::Write(bytes) if self.short && bytes > 1 => Fault::Short(bytes / 2),
            _ => Fault::Errno(self.errno),
        }
    }
}

/// Fails one call, by its number among those to which a failure applies.
#[derive(Debug)]
pub(crate) struct Faults {
    pub(crate) failure: Failure,
    pub(crate) at: u64,
    seen: AtomicU64,
    lifted: AtomicBool,
}

impl Faults {
    pub(crate) fn new(failure: Failure, at: u64) -> Self {
        Self { failure, at, seen: AtomicU64::new(0), lifted: AtomicBool::new(false) }
    }

    pub(crate) fn decide(&self, call: &Call<'_>) -> Option<Fault> {
        if self.lifted.load(Relaxed) || !self.failure.concerns(call) {
            return None;
        }
        let number = self.seen.fetch_add(1, Relaxed);
        let fails = if self.failure.for_ever { number >= self.at } else { number == self.at };
        if !fails {
            return None;
        }
        // After a short write the write of the rest fails.
        let failure = Failure { short: self.failure.short && number == self.at, ..self.failure };
        Some(failure.fault(call))
    }

    /// With `true`, no call fails until this is called with `false`.
    pub(crate) fn lift(&self, lifted: bool) {
        self.lifted.store(lifted, Relaxed);
    }

    /// Returns the number of calls so far to which the failure applies.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Relaxed)
    }

    pub(crate) fn has_happened(&self) -> bool {
        self.seen() > self.at
    }
}
