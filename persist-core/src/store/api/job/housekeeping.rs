use std::path::Path;

use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::query::Query;
use crate::store::api::read::{Kind, Read};
use crate::store::api::request::Request;
use crate::store::api::run::Run;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::base::blocking;
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::error::Error;
use crate::store::base::reports::{BackupProgress, CheckReport, Committed, Stats};
use crate::store::engine::work::Work;
use crate::store::port::stop::Stop;
use crate::store::port::write::CompactStep;

/// Housekeeping. Each call returns a request, which runs when it is waited for or awaited.
impl Job {
    /// Returns statistics of the job: its queue, its commits and failures, and its storage.
    ///
    /// The call is as quick as a [`get`](Self::get), and never waits for a write.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1").wait()?;
    /// let stats = job.stats().wait()?;
    /// assert_eq!((stats.commits, stats.failures), (1, 0));
    /// assert!(stats.queue_bytes <= stats.queue_limit_bytes);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn stats(&self) -> Read<'_, Stats> {
        let nothing = Query::span(b"", SpanBuf::all());
        let run = Run::Given(Box::new(|job: &OpenJob, _: &Query, _: &Stop| job.stats()));
        Read::new(self.handle(), nothing, run, Kind::Point).committed()
    }

    /// Looks for damage in everything that is stored, including all writes submitted before. Damage is not an error, but
    /// is listed in the report.
    ///
    /// The check reads the whole file, which takes about as long as copying it. Writes and other reads continue
    /// meanwhile. Rows in a SQLite file have no checksums, so a byte of a payload that was changed on the disk is not
    /// detected.
    ///
    /// If the future of an awaited check is dropped, the check stops soon after.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let report = job.check().wait()?;
    /// assert!(report.is_sound(), "{:?}", report.problems);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn check(&self) -> Request<CheckReport> {
        Request::of_job(&self.handle(), |job, stop| job.maintenance()?.check(stop))
    }

    /// Releases free space to the file system, and returns the number of released bytes.
    ///
    /// Later writes reuse the space of deleted rows, so call this only if far more was deleted than will soon be
    /// written: [`Stats::storage`] reports how much is free. The cost is about one page write for each free page. The
    /// compaction runs in small steps through the job's queue, and other writes are committed between them. Free space
    /// inside partly filled pages is not released.
    ///
    /// A SQLite file shrinks at the end of the compaction or, if a reader still needs the newest commits, at a later
    /// commit or at the close. A file that another program created without `auto_vacuum` does not shrink.
    ///
    /// If the future of an awaited compaction is dropped, the compaction stops after the current step. The request
    /// fails with [`Error::Unsupported`] in a read-only store, and otherwise with the errors of a write.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", vec![0; 1 << 20]);
    /// job.persist_delete("raw", "a");
    /// let bytes: u64 = job.compact().wait()?;
    /// assert_eq!(bytes, 0); // in memory nothing free is kept
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn compact(&self) -> Request<u64> {
        Request::of_job(&self.handle(), compact)
    }

    /// Writes a copy of the job to a new file at `path`. The copy contains the rows of one moment, including everything
    /// that was submitted before. [`Persistency::restore_from`](crate::Persistency::restore_from) makes a job from such
    /// a file.
    ///
    /// Writes and other reads continue meanwhile. Until the copy is complete, the log next to the job's file grows by
    /// everything that is written. The copy is made next to `path`, in a file named `.backup-` and digits, and is
    /// renamed to `path` once it is complete and on the disk. After a crash, such a file may be left behind and can be
    /// removed. If the future of an awaited backup is dropped, the backup stops soon after.
    ///
    /// The request fails with [`Error::InvalidArgument`] if `path` exists already, in which case it is left unchanged,
    /// or if its directory does not exist; with [`Error::DiskFull`] or another error of the system, in which case there is no
    /// file; and with [`Error::Unsupported`] from a backend without files, such as [`Memory`](crate::Memory).
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// match job.backup_to("alpha.backup.db").wait() {
    ///     Ok(()) => println!("done"),
    ///     Err(Error::Unsupported { what }) => println!("{what}"), // with `Sqlite` there would be a file
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn backup_to(&self, path: impl AsRef<Path>) -> Request<()> {
        self.backup_to_with(path, |_| ())
    }

    /// Writes a copy as [`backup_to`](Self::backup_to) does, and calls `progress` after each step of about one
    /// mebibyte.
    ///
    /// The backup, and a close of the job, wait for `progress`. Blocking calls of the store inside it therefore fail
    /// with [`Error::WouldDeadlock`]. If `progress` panics, there is no file.
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let backup = job.backup_to_with("alpha.backup.db", |progress| {
    ///     println!("{} of {} bytes", progress.copied_bytes, progress.total_bytes);
    /// });
    /// assert!(matches!(backup.wait(), Err(Error::Unsupported { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn backup_to_with(
        &self,
        path: impl AsRef<Path>,
        mut progress: impl FnMut(BackupProgress) + Send + 'static,
    ) -> Request<()> {
        // Resolved now, since the working directory may change before the request runs.
        let path = std::path::absolute(path).map_err(|error| {
            Error::invalid_argument(format!("the path of a backup can't be used: {error}"))
        });
        Request::of_job(&self.handle(), move |job, stop| {
            let mut progress = |now| blocking::awaited(|| progress(now));
            job.maintenance()?.backup(&path?, stop, &mut progress)
        })
    }
}

fn compact(job: &OpenJob, stop: &Stop) -> Result<u64, Error> {
    let take = |step| {
        let removed = Value::Of(|committed: Committed| committed.removed);
        let taken: Ticket<u64> = job.submit_alone(Work::Compact(step), removed);
        taken.wait()
    };
    // Releases no more than is free now. Otherwise a caller that keeps deleting could keep the compaction running
    // forever.
    let free = job.maintenance()?.storage()?.free_bytes;
    let mut given_back = 0;
    while given_back < free && !stop.is_set() {
        match take(CompactStep::GiveBack)? {
            0 => break,
            bytes => given_back = bytes.saturating_add(given_back),
        }
    }
    take(CompactStep::Finish)?;
    Ok(given_back)
}
