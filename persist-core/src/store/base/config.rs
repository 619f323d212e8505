//! The settings of a store: its limits, and the durability of its writes.

use std::time::Duration;

use crate::store::base::error::Error;

/// The limits of a [`Persistency`](crate::Persistency), which are passed to
/// [`Persistency::open_with`](crate::Persistency::open_with). Each setting is a method.
///
/// ```
/// use std::time::Duration;
///
/// use persist_core::Config;
///
/// let config = Config::new().queue_limit_bytes(8 << 20).close_timeout(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Config {
    pub(crate) queue_limit_bytes: usize,
    pub(crate) total_queue_limit_bytes: usize,
    pub(crate) key_limit_bytes: usize,
    pub(crate) payload_limit_bytes: usize,
    pub(crate) close_timeout: Duration,
    pub(crate) call_timeout: Duration,
    pub(crate) snapshot_timeout: Duration,
    pub(crate) snapshot_limit_bytes: u64,
    pub(crate) reader_threads: usize,
}

const KEY_LIMIT_BYTES: usize = 16 << 20;
const PAYLOAD_LIMIT_BYTES: usize = 512 << 20;

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// The settings. [`Persistency::open_with`](crate::Persistency::open_with) checks them.
impl Config {
    /// Returns the default settings.
    pub const fn new() -> Self {
        Self {
            queue_limit_bytes: 16 << 20,
            total_queue_limit_bytes: 256 << 20,
            key_limit_bytes: KEY_LIMIT_BYTES,
            payload_limit_bytes: PAYLOAD_LIMIT_BYTES,
            close_timeout: Duration::from_secs(30),
            call_timeout: Duration::from_secs(30),
            snapshot_timeout: Duration::from_secs(60),
            snapshot_limit_bytes: 1 << 30,
            reader_threads: 2,
        }
    }

    /// Sets the capacity of one job's queue, in bytes. The default is 16 MiB. 0 is not allowed.
    ///
    /// An operation costs 128 bytes plus the bytes of its category, key and payload; see [`TxOp`](crate::TxOp). A batch costs the sum of
    /// its operations; a transaction and a [`sync`](crate::Job::sync) cost 128 bytes each. A write holds its capacity until it is
    /// committed or has failed. A batch that costs more than the limit is admitted when the queue is empty.
    pub const fn queue_limit_bytes(mut self, bytes: usize) -> Self {
        self.queue_limit_bytes = bytes;
        self
    }

    /// Sets the capacity of the queues of all jobs together, in bytes. A write is admitted while the queues hold less than this. The
    /// default is 256 MiB. 0 is not allowed.
    pub const fn total_queue_limit_bytes(mut self, bytes: usize) -> Self {
        self.total_queue_limit_bytes = bytes;
        self
    }

    /// Sets the maximum length of a key and of a category, in bytes. The default is 16 MiB, and no greater value is allowed.
    pub const fn key_limit_bytes(mut self, bytes: usize) -> Self {
        self.key_limit_bytes = bytes;
        self
    }

    /// Sets the maximum length of a payload, in bytes. The default is 512 MiB, and no greater value is allowed.
    pub const fn payload_limit_bytes(mut self, bytes: usize) -> Self {
        self.payload_limit_bytes = bytes;
        self
    }

    /// Sets the time for which a close keeps trying to write queued operations while another process holds the lock, and for which
    /// the end of the process waits until every job has written its queue. With `Duration::MAX`, and any duration by which the clock
    /// can't be advanced, there is no limit. The default is 30 seconds.
    pub const fn close_timeout(mut self, timeout: Duration) -> Self {
        self.close_timeout = timeout;
        self
    }

    /// Sets the maximum time for which one call of a backend waits for a server, reads included. The default is 30 seconds. 0 is not
    /// allowed, and with `Duration::MAX` there is no limit.
    ///
    /// A read that takes longer ends with [`Error::TimedOut`]. A write is tried again until its outcome is known, or until
    /// [`close_timeout`](Self::close_timeout) has passed during a close. A backend that waits for no server, such as SQLite's, ignores
    /// this.
    pub const fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Sets the maximum age of the snapshot of a scan or of [`Job::read`](crate::Job::read). The default is 60 seconds. 0 is not
    /// allowed.
    ///
    /// An older snapshot ends with [`Error::SnapshotExpired`] at the next page or call; a page or call that has already begun is
    /// completed. An expired snapshot that is idle is released by the job's next commit, or when the next view or longer scan of the
    /// job begins.
    pub const fn snapshot_timeout(mut self, timeout: Duration) -> Self {
        self.snapshot_timeout = timeout;
        self
    }

    /// Sets the maximum amount that may be written while a snapshot is held, in bytes of the database's log. If more is written after
    /// a snapshot began, the snapshot expires like one that is too old. The default is 1 GiB.
    pub const fn snapshot_limit_bytes(mut self, bytes: u64) -> Self {
        self.snapshot_limit_bytes = bytes;
        self
    }

    /// Sets the number of threads that serve awaited scans, counts and the opening and closing of jobs. They start when first needed.
    /// The default is 2. 0 is not allowed.
    pub const fn reader_threads(mut self, threads: usize) -> Self {
        self.reader_threads = threads;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the first invalid setting.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let at_least_one = [
            ("queue_limit_bytes", self.queue_limit_bytes),
            ("total_queue_limit_bytes", self.total_queue_limit_bytes),
            ("reader_threads", self.reader_threads),
        ];
        for (name, value) in at_least_one {
            if value == 0 {
                return Err(Error::invalid_argument(format!(
                    "Config::{name} is 0: it must be at least 1"
                )));
            }
        }
        if self.call_timeout.is_zero() {
            return Err(Error::invalid_argument(
                "Config::call_timeout is 0: no call of a server would ever end in time",
            ));
        }
        if self.snapshot_timeout.is_zero() {
            return Err(Error::invalid_argument(
                "Config::snapshot_timeout is 0: every scan of several pages would end with it",
            ));
        }
        let at_most = [
            ("key_limit_bytes", self.key_limit_bytes, KEY_LIMIT_BYTES),
            ("payload_limit_bytes", self.payload_limit_bytes, PAYLOAD_LIMIT_BYTES),
        ];
        for (name, value, most) in at_most {
            if value > most {
                return Err(Error::invalid_argument(format!(
                    "Config::{name} is {value}: it must be at most {most}"
                )));
            }
        }
        Ok(())
    }
}

/// The failures that an acknowledged write survives: a setting of the backends that keep their rows on a disk.
///
/// ```
/// use persist_core::Durability;
///
/// assert_eq!(Durability::default(), Durability::Normal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// An acknowledged write survives the end of the process, however it ends. The operating system writes to the disk later;
    /// [`Job::sync`](crate::Job::sync) waits until it has.
    #[default]
    Normal,
    /// An acknowledged write also survives a power cut: each group of writes is on the disk before it is acknowledged. The more
    /// callers write at the same time, the more of them share the wait for the disk.
    Full,
}
