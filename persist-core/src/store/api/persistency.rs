use std::fmt;
use std::ops::Index;
use std::path::Path;
use std::sync::Arc;

use crate::store::api::job::Job;
use crate::store::api::jobs::Jobs;
use crate::store::api::open_job::OpenJob;
use crate::store::api::request::Request;
use crate::store::api::slots::Slots;
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::process;
use crate::store::port::backend::Backend;

/// A store: one backend and its jobs. Clones are cheap and share the store.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let store = Persistency::open(Memory::new())?;
/// let job = store.open_job("alpha").wait()?;
/// job.persist_put("raw", key!("general", 7i64), b"bytes as they are");
/// assert_eq!(job.count("raw", ..).wait()?, 1);
/// store.close().wait()?;
/// # Ok::<(), persist_core::Error>(())
/// ```
///
/// # Shutdown
///
/// No submitted write is lost when the process ends regularly. The end of `main`, `std::process::exit` and a panic that
/// unwinds `main` write everything that is queued, even if nothing was closed, within [`Config::close_timeout`]. In the
/// rest of that time, but in no more than 5 seconds, the jobs are closed. An abort (including `panic = "abort"`) and a
/// signal end the process at once: acknowledged writes are kept, others may be missing.
///
/// `std::process::exit` may also be called in any callback of the store, such as the progress callback of a backup. The
/// closure of [`Job::transact`] and a waker run on the thread that writes the job. If `exit` is called there, that
/// transaction and the writes that are still queued for that job are not written. Other jobs are written.
///
/// Only [`close`](Self::close) and [`close_job`](Self::close_job) report whether everything was written.
///
/// # Forked processes
///
/// A child process that is forked while its parent has jobs open has none of the threads that serve them. In the child,
/// opening, closing and dropping jobs of any store, and each call that would have to wait for such a thread, fails with
/// [`Error::OtherProcess`]. The end of the child waits for nothing. So fork before the first job is opened, or after
/// every store was closed and dropped; or start a program (`std::process::Command`), to which none of this applies.
///
/// One case remains. If another thread of the parent held one of the store's locks at the moment of the fork, a call in
/// the child that needs that lock, such as a write that does not wait, never returns. The end of the child needs none
/// of the locks.
pub struct Persistency {
    /// Shared by the clones of the store.
    jobs: Arc<Jobs>,
    slots: Slots,
    /// The result of subscripts with ids that are not open.
    not_open: Job,
}

impl Persistency {
    /// Opens a store with the default settings. Checks the location of the backend but creates nothing; opening the
    /// first job does.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the location can't be used.
    pub fn open(backend: impl Backend) -> Result<Self, Error> {
        Self::open_with(backend, Config::default())
    }

    /// Opens a store with the given settings.
    ///
    /// ```
    /// use persist_core::{Config, Memory, Persistency};
    ///
    /// let config = Config::new().queue_limit_bytes(8 << 20);
    /// let store = Persistency::open_with(Memory::new(), config)?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the location or a setting can't be used.
    pub fn open_with(backend: impl Backend, config: Config) -> Result<Self, Error> {
        config.check()?;
        backend.check()?;
        Ok(Self::of(Arc::new(Jobs::new(Arc::new(backend), config))))
    }

    fn of(jobs: Arc<Jobs>) -> Self {
        let not_open = Job::not_open(Arc::downgrade(&jobs));
        Self { jobs, slots: Slots::default(), not_open }
    }

    /// Returns whether both are clones of the same store.
    pub fn same_instance(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.jobs, &other.jobs)
    }

    /// Opens a job, and creates it if necessary. If the job is open already, returns another handle to it.
    ///
    /// The request fails with [`Error::InvalidArgument`] for an id that can't be stored (an empty or very long one),
    /// with [`Error::Corrupt`] or [`Error::Incompatible`] for a file that persist did not create, with [`Error::Busy`]
    /// or [`Error::Closed`], or with [`Error::JobNotFound`] if the backend is configured to create nothing.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let store = Persistency::open(Memory::new())?;
    /// let job = store.open_job("tenant/42").wait()?;
    /// assert!(store.open_job("tenant/42").wait()?.same_job(&job));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn open_job(&self, id: &str) -> Request<Job> {
        self.request(Place::new(id, None), id, |jobs, id| jobs.open(id).map(Job::open))
    }

    /// Closes a job: writes everything that is queued, and returns the first failure that no ticket has reported.
    ///
    /// Afterwards, calls on every handle fail with [`Error::Closed`]. The request fails with [`Error::JobNotFound`] if
    /// the job is not open, and with [`Error::Busy`] if another process held the lock for longer than
    /// [`Config::close_timeout`].
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let store = Persistency::open(Memory::new())?;
    /// let job = store.open_job("alpha").wait()?;
    /// job.persist_put("raw", "a", b"1");
    /// store.close_job("alpha").wait()?; // it is written now, and nothing failed
    /// assert!(matches!(job.get("raw", "a").wait(), Err(Error::Closed { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn close_job(&self, id: &str) -> Request<()> {
        self.request(Place::new(id, None), id, Jobs::close_job)
    }

    /// Removes a job and its rows, open or not: completely, or not at all.
    ///
    /// The request fails with [`Error::JobNotFound`] if there is no such job, and with [`Error::Busy`] if another
    /// process holds it. In that case the job is kept, but closed in this store.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let store = Persistency::open(Memory::new())?;
    /// store.open_job("old tenant/42").wait()?;
    /// store.drop_job("old tenant/42").wait()?;
    /// assert!(store.stored_job_ids().wait()?.is_empty());
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn drop_job(&self, id: &str) -> Request<()> {
        self.request(Place::new(id, None), id, Jobs::drop_job)
    }

    /// Replaces a job that is not open with the job in the file `path`: a backup, or any other job file. If the job is
    /// not stored, it is created. The file is not changed.
    ///
    /// The file is copied, along with the commits in a WAL next to it. The copy gets the same checks as a job that is
    /// opened, and a quick check of its structure. Then it replaces the job. If the process ends at any point, or the
    /// power fails, the job has either all of its old rows or all of its new rows when it is next opened. Do not copy a
    /// file over a job by other means: the `-wal`, `-shm` and `-journal` files of the job would be taken for those
    /// belonging to the copy.
    ///
    /// The request fails with [`Error::InvalidArgument`] if the job is open in this store, or if there is no file at
    /// `path`; with [`Error::Busy`] if another store or process has the job open; with [`Error::Corrupt`] or
    /// [`Error::Incompatible`] if the file is not a job, or if there is a database in the place of the job that is not
    /// a job; and with [`Error::Unsupported`] from a backend without files, such as [`Memory`](crate::Memory), and from
    /// a read-only store. In these cases the job is unchanged. After any other error, such as one of the disk, the job
    /// has the old rows or the new ones. A damaged job is replaced too, but then it can't be detected whether another
    /// process has it open.
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let store = Persistency::open(Memory::new())?;
    /// match store.restore_from("alpha", "alpha.backup.db").wait() {
    ///     Ok(()) => println!("{} rows", store.open_job("alpha").wait()?.count("raw", ..).wait()?),
    ///     Err(Error::Unsupported { what }) => println!("{what}"), // with `Sqlite` the rows of the backup would be there
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn restore_from(&self, id: &str, path: impl AsRef<Path>) -> Request<()> {
        // Resolved now, since the working directory may change before the request runs.
        let path = std::path::absolute(path.as_ref());
        self.request(Place::new(id, None), id, move |jobs, id| {
            let path = path.map_err(|error| {
                Error::invalid_argument(format!("the file to restore from can't be used: {error}"))
            })?;
            jobs.restore(id, &path)
        })
    }

    /// Closes the store and all its jobs at once. Closing it again does nothing.
    ///
    /// The request fails with the first failure of a job, as [`close_job`](Self::close_job) would.
    pub fn close(&self) -> Request<()> {
        self.request(self.jobs.place().clone(), "", |jobs, _| jobs.close())
    }

    /// Returns a handle to the open job of an id.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`] if the job is not open; [`Error::Closed`].
    ///
    /// ```
    /// use persist_core::{Error, Memory, Persistency};
    ///
    /// let store = Persistency::open(Memory::new())?;
    /// assert!(matches!(store.job("alpha"), Err(Error::JobNotFound { .. })));
    /// store.open_job("alpha").wait()?;
    /// assert!(store.has_job("alpha") && store.job("alpha")?.is_open());
    /// assert_eq!(store.job_ids(), ["alpha"]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn job(&self, id: &str) -> Result<Job, Error> {
        self.find(id).map(Job::open)
    }

    /// Returns whether a job is open.
    pub fn has_job(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// Returns the ids of the open jobs, in ascending order.
    pub fn job_ids(&self) -> Vec<String> {
        self.jobs.open_ids()
    }

    /// Lists the ids of all jobs of the backend, open or not, in ascending order.
    ///
    /// The request fails if the backend can't be listed, and with [`Error::Closed`].
    pub fn stored_job_ids(&self) -> Request<Vec<String>> {
        self.request(self.jobs.place().clone(), "", |jobs, _| jobs.stored_ids())
    }

    pub(crate) fn find(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        self.jobs.find(id)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.jobs.is_closed()
    }

    pub(crate) fn identity(&self) -> (String, &Config) {
        (self.jobs.backend().identity(), self.jobs.config())
    }

    fn request<T: Send + 'static>(
        &self,
        place: Place,
        id: &str,
        work: impl FnOnce(&Jobs, &str) -> Result<T, Error> + Send + 'static,
    ) -> Request<T> {
        let (jobs, id) = (Arc::clone(&self.jobs), id.to_owned());
        Request::new(self.jobs.pool(), place, move || {
            process::check(jobs.place())?;
            work(&jobs, &id)
        })
    }
}

impl Clone for Persistency {
    /// Returns the same store. Each clone keeps its own handles for subscripts.
    fn clone(&self) -> Self {
        Self::of(Arc::clone(&self.jobs))
    }
}

/// The handle of an id: `store["id"]`. It looks the job up at each call. For an id that is not open, every call fails
/// with [`Error::JobNotFound`].
///
/// Each clone of a store keeps one handle for each id that was open at the time of a subscript, until the clone is
/// dropped. For an unbounded number of ids, use [`job`](Persistency::job), which keeps none.
impl Index<&str> for Persistency {
    type Output = Job;

    fn index(&self, id: &str) -> &Job {
        let jobs = &self.jobs;
        let by_id = || jobs.find(id).is_ok().then(|| Job::by_id(Arc::downgrade(jobs), id));
        self.slots.get(id, by_id).unwrap_or(&self.not_open)
    }
}

impl fmt::Debug for Persistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persistency")
            .field("backend", self.jobs.backend())
            .field("jobs", &self.job_ids())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Persistency;
    use crate::{Error, Memory};

    /// Returns the numbers of entries that are kept by id: open jobs, gates, and slots of this value.
    fn kept(store: &Persistency) -> [usize; 3] {
        let [open, gates] = store.jobs.kept();
        [open, gates, store.slots.len()]
    }

    fn open() -> Persistency {
        Persistency::open(Memory::new()).unwrap()
    }

    #[test]
    fn ids_that_were_opened_and_closed_leave_nothing() {
        let store = open();
        for n in 0..20_000 {
            let id = n.to_string();
            store.open_job(&id).wait().unwrap();
            // Dropped rather than closed, so that the memory backend doesn't keep their rows.
            store.drop_job(&id).wait().unwrap();
        }
        assert_eq!(kept(&store), [0, 0, 0]);
    }

    #[test]
    fn ids_that_were_used_without_a_subscript_leave_nothing() {
        let store = open();
        for n in 0..100 {
            let id = n.to_string();
            let job = store.open_job(&id).wait().unwrap();
            job.persist_put("c", 1u64, b"").wait().unwrap();
            store.get(&id, "c", 1u64).wait().unwrap();
            assert!(store.job(&id).is_ok() && store.has_job(&id));
            store.close_job(&id).wait().unwrap();
        }
        assert_eq!(kept(&store), [0, 0, 0]);
    }

    #[test]
    fn subscripts_with_ids_that_are_not_open_leave_nothing() {
        let store = open();
        store.open_job("a").wait().unwrap();
        store.close_job("a").wait().unwrap();
        for id in ["a", "b", ""] {
            assert!(!store[id].is_open());
        }
        assert_eq!(kept(&store), [0, 0, 0]);
    }

    #[test]
    fn subscripts_leave_one_slot_per_id_in_their_clone_only() {
        let store = open();
        let clone = store.clone();
        for id in ["a", "b", "c"] {
            store.open_job(id).wait().unwrap();
            for _ in 0..3 {
                assert!(clone[id].is_open());
            }
        }
        assert_eq!((store.slots.len(), clone.slots.len()), (0, 3));
        assert_eq!(clone.clone().slots.len(), 0);
    }

    #[test]
    fn requests_that_fail_leave_no_gate() {
        let store = open();
        for n in 0..100 {
            let id = n.to_string();
            assert!(matches!(store.close_job(&id).wait(), Err(Error::JobNotFound { .. })));
            assert!(matches!(store.drop_job(&id).wait(), Err(Error::JobNotFound { .. })));
        }
        assert_eq!(kept(&store), [0, 0, 0]);
    }
}
