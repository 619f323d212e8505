use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::request::Request;
use crate::store::api::transaction::Transaction;
use crate::store::base::bounds::Span;
use crate::store::base::category::{Category, Space};
use crate::store::base::error::Error;
use crate::store::base::op::Op;
use crate::store::base::reports::CopyProgress;
use crate::store::engine::catalog::TABLES;
use crate::store::port::page::{PAGE_BYTES, PAGE_ROWS, Page};
use crate::store::port::read::{PageRequest, Snapshot};
use crate::store::port::stop::Stop;

/// Copies to another job.
impl Job {
    /// Copies all rows to another job, of this or another store and of any backend. Returns the number of copied rows.
    ///
    /// The target must be open and have no rows. The copy contains the rows of one moment, including everything that was
    /// submitted to this job before. It is one transaction of the target: after an error or a crash, the target has no
    /// rows. Writes to this job continue meanwhile, and its log grows by everything that is written. Writes to the
    /// target wait. If the future of an awaited copy is dropped, the copy stops soon after.
    ///
    /// The request fails with [`Error::InvalidArgument`] if the target has rows or is this job, or if a row is larger
    /// than the target allows; and with the errors of a read of this job and of a transaction of the target.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// let other = Persistency::open(Memory::new())?.open_job("copy of alpha").wait()?;
    /// assert_eq!(job.copy_to(&other).wait()?, 1);
    /// assert_eq!(other.get("raw", "a").wait()?, Some(b"1".to_vec()));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn copy_to(&self, target: &Job) -> Request<u64> {
        self.copy_to_with(target, |_| ())
    }

    /// Copies all rows as [`copy_to`](Self::copy_to) does, and calls `progress` after each step of at most about a
    /// mebibyte.
    ///
    /// `progress` runs on the worker of the target. Blocking calls of the store inside it fail with
    /// [`Error::WouldDeadlock`]. If it panics, the request fails with [`Error::Panicked`], and nothing is copied.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// let other = Persistency::open(Memory::new())?.open_job("copy of alpha").wait()?;
    /// let copy = job.copy_to_with(&other, |progress| {
    ///     println!("{} of {} rows", progress.copied_rows, progress.total_rows);
    /// });
    /// assert_eq!(copy.wait()?, 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn copy_to_with(
        &self,
        target: &Job,
        progress: impl FnMut(CopyProgress) + Send + 'static,
    ) -> Request<u64> {
        let (target, is_itself) = (target.clone(), self.same_job(target));
        Request::of_job(&self.handle(), move |job, stop| {
            if is_itself {
                let reason = format!("{} can't be copied to itself: name another job", job.place());
                return Err(Error::invalid_argument(reason));
            }
            copy(job, &target, stop.clone(), progress)
        })
    }
}

fn copy(
    source: &OpenJob,
    target: &Job,
    stop: Stop,
    progress: impl FnMut(CopyProgress) + Send + 'static,
) -> Result<u64, Error> {
    // Without a lease, so that it doesn't expire: a long copy would otherwise never succeed.
    let mut snapshot = source.reader().begin_read()?;
    let source = source.place().to_string();
    target
        .transact(move |tx| {
            if !tx.categories()?.is_empty() {
                return Err(Error::invalid_argument(format!(
                    "the target of a copy of {source} has rows: copy to a new job"
                )));
            }
            copy_rows(&mut *snapshot, tx, &stop, progress)
        })
        .wait()
}

/// Copies the shapes of the tables, so that they open with the same types.
fn copy_catalog(
    snapshot: &mut dyn Snapshot,
    tx: &Transaction<'_>,
    stop: &Stop,
) -> Result<(), Error> {
    let mut start = Vec::new();
    loop {
        let span = Span { start: &start, stop: None };
        let (rows, bytes, reverse, keys_only) = (PAGE_ROWS, PAGE_BYTES, false, false);
        let category = TABLES;
        let request = PageRequest { category, span, reverse, keys_only, rows, bytes, stop };
        let mut page = Page::default();
        let more = snapshot.page(&request, &mut page)?;
        for (key, payload) in page.rows() {
            tx.apply(&Op::Put { category, key, payload })?;
        }
        let Some(last) = page.last_key().filter(|_| more) else { return Ok(()) };
        start = [last, &[0]].concat();
    }
}

/// Copies all rows of a snapshot in a transaction. Returns their number.
fn copy_rows(
    snapshot: &mut dyn Snapshot,
    tx: &Transaction<'_>,
    stop: &Stop,
    mut progress: impl FnMut(CopyProgress),
) -> Result<u64, Error> {
    let categories = snapshot.categories(Space::User)?;
    let mut done = CopyProgress::default();
    for category in &categories {
        let all = Span { start: b"", stop: None };
        done.total_rows += snapshot.count(Category::user(category), all, stop)?;
    }
    for name in &categories {
        let category = Category::user(name);
        let mut start = Vec::new();
        loop {
            let span = Span { start: &start, stop: None };
            let (rows, bytes) = (PAGE_ROWS, PAGE_BYTES);
            let (reverse, keys_only) = (false, false);
            let request = PageRequest { category, span, reverse, keys_only, rows, bytes, stop };
            let mut page = Page::default();
            let more = snapshot.page(&request, &mut page)?;
            for (key, payload) in page.rows() {
                tx.apply(&Op::Put { category, key, payload })?;
                done.copied_rows += 1;
                done.copied_bytes += (name.len() + key.len() + payload.len()) as u64;
            }
            progress(done);
            if stop.is_set() {
                // No caller waits for the result any more.
                return Err(Error::RolledBack { place: tx.place().clone() });
            }
            let Some(last) = page.last_key().filter(|_| more) else { break };
            // The next key after `last` is `last` and a zero byte.
            start = [last, &[0]].concat();
        }
    }
    copy_catalog(snapshot, tx, stop)?;
    Ok(done.copied_rows)
}
