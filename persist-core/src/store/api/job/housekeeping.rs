use std::path::Path;

use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::query::{Query, Run};
use crate::store::api::read::{Kind, Read};
use crate::store::api::request::Request;
use crate::store::api::ticket::{Ticket, Value};
use crate::store::base::blocking;
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::error::Error;
use crate::store::base::reports::{BackupProgress, CheckReport, Committed, Stats};
use crate::store::engine::pool::Cancelled;
use crate::store::engine::work::Work;
use crate::store::port::read::Stop;
use crate::store::port::write::CompactStep;

/// Housekeeping. Nothing happens until it is waited for or awaited.
impl Job {
    /// How the job is doing: its queue, its commits and failures, and what it takes of the disk. As quick as a
    /// [`get`](Self::get); it never waits for a write.
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
        let run = Run::Given(Box::new(|job: &OpenJob, _: &Query, _: &Cancelled| job.stats()));
        Read::new(self.handle(), nothing, run, Kind::Point).committed()
    }

    /// Looks for damage, in all that was submitted before and is stored. What is found is no error, but in the report.
    ///
    /// It reads the whole file, which takes about as long as copying it; writes and other reads go on meanwhile. In a
    /// file of SQLite, rows have no checksums: a payload of which the disk has changed a byte passes for sound.
    ///
    /// Awaited, it stops soon after its future is dropped.
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
        Request::of_job(&self.handle(), |job, stop| job.reader().check(stop))
    }

    /// Gives free space back to the file system, after deletes; tells how many bytes.
    ///
    /// The space of deleted rows is used again by later writes, so call it only if far more was deleted than will
    /// soon be written: [`Stats::storage`] says how much is free. It costs about a write of a page for each page that is free.
    /// It goes in small steps through the job's queue, and the writes that others submit come between them. Space
    /// inside of pages that are partly filled isn't given back.
    ///
    /// A file of SQLite gets smaller at the end, or, where a reader still needs the newest commits, with a later
    /// commit or at the close. A file that other programs have made without `auto_vacuum` gives nothing back.
    ///
    /// Awaited, it stops after a step if its future is dropped. It fails with [`Error::Unsupported`] in a store that
    /// only reads, and otherwise as a write does.
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

    /// Writes a copy of the job, as it is at one moment, to a new file at `path`. All that was submitted before is
    /// in it. [`Persistency::restore_from`](crate::Persistency::restore_from) makes a job of the file.
    ///
    /// Writes and other reads go on meanwhile; the log beside the file grows by what is written until the copy is
    /// made. It is made beside `path`, as `.backup-` and digits, and gets its name when it is whole and on the
    /// disk; a crash leaves such a file behind, to be removed. Awaited, it stops soon after its future is dropped.
    ///
    /// It fails with [`Error::InvalidArgument`] if there is something at `path` already, which is left as it is, or if
    /// its directory isn't there; with [`Error::DiskFull`] or what else the system says, and no file; and with
    /// [`Error::Unsupported`] from a backend without files, such as [`Memory`](crate::Memory).
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

    /// As [`backup_to`](Self::backup_to), telling after each step, of about a mebibyte, how far it is.
    ///
    /// The backup, and a close of the job, wait for `progress`. So a call of the store that blocks is an
    /// [`Error::WouldDeadlock`] inside. If it panics there is no file.
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
        // Now, lest the working directory is another one when it runs.
        let path = std::path::absolute(path).map_err(|error| {
            Error::invalid_argument(format!("the path of a backup can't be used: {error}"))
        });
        Request::of_job(&self.handle(), move |job, stop| {
            let mut progress = |now| blocking::awaited(|| progress(now));
            job.reader().backup(&path?, stop, &mut progress)
        })
    }
}

fn compact(job: &OpenJob, stop: &Stop) -> Result<u64, Error> {
    let take = |step| {
        let removed = Value::Of(|committed: Committed| committed.removed);
        let taken: Ticket<u64> = job.submit_alone(Work::Compact(step), removed);
        taken.wait()
    };
    // No more than is free now: who deletes all the time would keep it going for ever.
    let free = job.reader().storage()?.free_bytes;
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
