//! The settings: limits of a store, and the durability of its writes.

use std::time::Duration;

use crate::store::base::error::Error;

/// Limits of a [`Persistency`](crate::Persistency).
///
/// ```
/// use persist_core::Config;
///
/// let config = Config { queue_limit_bytes: 8 << 20, ..Config::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The capacity of one job's queue, in bytes. The default is 16 MiB.
    ///
    /// An operation costs 128 bytes plus the bytes of its category, key and payload; see [`TxOp`](crate::TxOp). A batch costs the sum of
    /// its operations; a transaction and a [`sync`](crate::Job::sync) cost 128 bytes. A write keeps its capacity until it is
    /// committed or has failed. A batch that costs more than the limit is admitted when the queue is empty.
    pub queue_limit_bytes: usize,
    /// The capacity of the queues of all jobs together, in bytes. A write is admitted while they hold less. The default is 256 MiB.
    pub total_queue_limit_bytes: usize,
    /// The longest key and category, in bytes. 16 MiB unless set, and at most.
    pub key_limit_bytes: usize,
    /// The longest payload, in bytes. 512 MiB unless set, and at most.
    pub payload_limit_bytes: usize,
    /// How long a close keeps trying to write queued operations while another process holds the lock, and how long the end of
    /// the process waits until every job has written its queue. `Duration::MAX`, or any duration that the clock can't be advanced
    /// by, waits without limit. 30 seconds unless set.
    pub close_timeout: Duration,
    /// How old the snapshot of a scan or of [`Job::read`](crate::Job::read) may be. An older one ends with
    /// [`Error::SnapshotExpired`], at the next page or call; none is cut off under way. If nobody turns pages, its hold on the database is
    /// given up by the job's next commit after that, or by whoever begins the next view or longer scan of the job.
    /// 60 seconds unless set.
    pub snapshot_timeout: Duration,
    /// How much may be written, in bytes of the database's log, while a snapshot is held. One that was begun before that ends
    /// as one that is too old. 1 GiB unless set.
    pub snapshot_limit_bytes: u64,
    /// How many threads serve awaited scans, counts and the opening and closing of jobs. They start when
    /// first needed. 2 unless set.
    pub reader_threads: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            queue_limit_bytes: 16 << 20,
            total_queue_limit_bytes: 256 << 20,
            key_limit_bytes: KEY_LIMIT_BYTES,
            payload_limit_bytes: PAYLOAD_LIMIT_BYTES,
            close_timeout: Duration::from_secs(30),
            snapshot_timeout: Duration::from_secs(60),
            snapshot_limit_bytes: 1 << 30,
            reader_threads: 2,
        }
    }
}

const KEY_LIMIT_BYTES: usize = 16 << 20;
const PAYLOAD_LIMIT_BYTES: usize = 512 << 20;

impl Config {
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the first setting that can't be.
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

/// What an acknowledged write survives: a setting of the backends that keep their rows on a disk.
///
/// ```
/// use persist_core::Durability;
///
/// assert_eq!(Durability::default(), Durability::Normal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// The death of the process, in whatever way. The operating system writes to the disk in its own time;
    /// [`Job::sync`](crate::Job::sync) waits until it has.
    #[default]
    Normal,
    /// A power cut too: each group of writes is on the disk before it is acknowledged. The more callers write at
    /// the same time, the more of them share that wait.
    Full,
}
