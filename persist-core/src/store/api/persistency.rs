use std::collections::HashMap;
use std::fmt;
use std::ops::Index;
use std::path::Path;
use std::sync::{Arc, Weak};

use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::request::Request;
use crate::store::api::slots::Slots;
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::process;
use crate::store::base::sync::{Mutex, MutexGuard};
use crate::store::engine::pool::Pool;
use crate::store::engine::room::{Room, TotalRoom};
use crate::store::engine::snapshots::Snapshots;
use crate::store::engine::worker;
use crate::store::engine::worker::{IdleThread, Worker};
use crate::store::port::backend::{Backend, OpenedJob};

/// A store: one backend and its jobs. A cheap clone is the same store.
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
/// Nothing submitted is lost at the end of the process: the end of `main`, `std::process::exit` and a
/// panic that unwinds `main` write what is queued, also when nothing was closed, within
/// [`Config::close_timeout`]. Closing the jobs after that gets 5 seconds. An abort (`panic = "abort"` too) and a signal end the
/// process at once: acknowledged writes are kept, others may be missing.
///
/// `std::process::exit` may also be called in any callback of the store, such as the progress callback of a backup. If it is
/// called in the closure of [`Job::transact`], or in a waker, the thread is the one that writes the job: that transaction, and
/// whatever is still queued for that job, is not written. Other jobs are.
///
/// Only [`close`](Self::close) and [`close_job`](Self::close_job) report whether everything was written.
///
/// # Forked processes
///
/// A child that is forked while its parent has jobs open has none of the threads that serve them. In it, opening, closing and
/// dropping jobs of any store, and each call that would have to wait for such a thread, fails with [`Error::OtherProcess`], and
/// the end of the child waits for nothing. So fork before the first job is opened, or after every store was closed and dropped;
/// or start a program (`std::process::Command`), to which none of this applies.
///
/// One case remains: if another thread of the parent held one of the store's locks at the moment of the fork, a call in the
/// child that needs that lock, such as a write that doesn't wait, never returns. The end of the child needs none.
pub struct Persistency {
    inner: Arc<Inner>,
    slots: Slots,
}

/// What the clones of a store share.
pub(crate) struct Inner {
    backend: Arc<dyn Backend>,
    config: Config,
    room: Arc<TotalRoom>,
    pool: Arc<Pool>,
    jobs: Mutex<Jobs>,
    /// The result of subscripts with ids that are not open.
    not_open: Job,
    /// The store itself, for errors that are not about one job.
    place: Place,
}

#[derive(Default)]
struct Jobs {
    open: HashMap<String, Arc<OpenJob>>,
    /// Who opens, closes or drops a job holds its gate. There is one only while somebody does.
    gates: HashMap<String, Arc<Mutex<()>>>,
    closed: bool,
}

impl Persistency {
    /// Opens a store with the default settings. It checks the place and creates nothing: the first job does.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the place can't be used.
    pub fn open(backend: impl Backend) -> Result<Self, Error> {
        Self::open_with(backend, Config::default())
    }

    /// Opens a store with settings of one's own.
    ///
    /// ```
    /// use persist_core::{Config, Memory, Persistency};
    ///
    /// let config = Config { queue_limit_bytes: 8 << 20, ..Config::default() };
    /// let store = Persistency::open_with(Memory::new(), config)?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the place or a setting can't be used.
    pub fn open_with(backend: impl Backend, config: Config) -> Result<Self, Error> {
        config.check()?;
        backend.check()?;
        let inner = Arc::new_cyclic(|inner| Inner {
            place: Place::store(backend.identity()),
            backend: Arc::new(backend),
            room: Arc::new(TotalRoom::new(config.total_queue_limit_bytes)),
            pool: Arc::new(Pool::new(config.reader_threads)),
            config,
            jobs: Mutex::default(),
            not_open: Job::not_open(Weak::clone(inner)),
        });
        Ok(Self { inner, slots: Slots::default() })
    }

    /// Whether both are clones of one store.
    pub fn same_instance(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Opens a job, creating it if need be. One that is open is given again.
    ///
    /// Its request fails with [`Error::InvalidArgument`] for an id that can't be kept (an empty or very
    /// long one), [`Error::Corrupt`] or [`Error::Incompatible`] for a file that isn't ours,
    /// [`Error::Busy`], [`Error::Closed`], or, if the backend was told to create nothing, [`Error::JobNotFound`].
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
        self.request(Place::new(id, None), id, |inner, id| inner.open(id))
    }

    /// Closes a job: writes what is queued and gives the first failure that no ticket has told.
    ///
    /// Every handle then gets [`Error::Closed`]. The request fails with [`Error::JobNotFound`] if the job
    /// isn't open, and with [`Error::Busy`] if another process held the lock for longer than
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
        self.request(Place::new(id, None), id, |inner, id| inner.close_job(id))
    }

    /// Removes a job and its rows, open or not: whole, or not at all.
    ///
    /// The request fails with [`Error::JobNotFound`] if there is no such job, and with [`Error::Busy`] if
    /// another process holds it: then the job is kept, but closed here.
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
        self.request(Place::new(id, None), id, |inner, id| inner.drop_job(id))
    }

    /// Replaces a job that isn't open by the job in the file `path`: a backup, or any other job file. If the job isn't stored,
    /// it is created. The file stays unchanged.
    ///
    /// The file is copied, with the commits in a WAL next to it, and the copy is checked as at an opening and by
    /// a quick look at its structure. Then it takes the place of the job. If the process ends at any point, or the power fails,
    /// the job has all of its old rows or all of its new rows at its next opening. Don't copy a file over a job by other means:
    /// the `-wal`, `-shm` and `-journal` of the job would be taken for those of the copy.
    ///
    /// The request fails with [`Error::InvalidArgument`] if the job is open in this store, or if there is no file at `path`;
    /// with [`Error::Busy`] if another store or process has the job open; with [`Error::Corrupt`] or
    /// [`Error::Incompatible`] if the file is no job, or if there is a database in the place of the job that isn't a job;
    /// and with [`Error::Unsupported`] from a backend without files, such as [`Memory`](crate::Memory), and from a store that only
    /// reads. The job is unchanged then. After another error, of the disk say, it has the old rows or the new ones.
    /// A job that is damaged is replaced too; then it can't be found out whether another process has it open.
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
        // A later change of the working directory has no effect.
        let path = std::path::absolute(path.as_ref());
        self.request(Place::new(id, None), id, move |inner, id| {
            let path = path.map_err(|error| {
                Error::invalid_argument(format!("the file to restore from can't be used: {error}"))
            })?;
            inner.restore(id, &path)
        })
    }

    /// Closes the store: all its jobs at once. Closing it again does nothing.
    ///
    /// The request fails with the first failure of a job, as [`close_job`](Self::close_job) would.
    pub fn close(&self) -> Request<()> {
        self.request(self.inner.place.clone(), "", |inner, _| inner.close())
    }

    /// The open job of an id.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`] if it isn't open; [`Error::Closed`].
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

    /// Whether a job is open.
    pub fn has_job(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// The ids of the open jobs, in ascending order.
    pub fn job_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.inner.jobs.lock().open.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// The ids of all jobs of the backend, open or not, in ascending order.
    ///
    /// The request fails if the backend can't be listed, and with [`Error::Closed`].
    pub fn stored_job_ids(&self) -> Request<Vec<String>> {
        self.request(self.inner.place.clone(), "", |inner, _| {
            drop(inner.open_jobs()?);
            inner.backend.stored_job_ids()
        })
    }

    pub(crate) fn find(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        self.inner.find(id)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed()
    }

    pub(crate) fn identity(&self) -> (String, &Config) {
        (self.inner.backend.identity(), &self.inner.config)
    }

    fn request<T: Send + 'static>(
        &self,
        place: Place,
        id: &str,
        work: impl FnOnce(&Arc<Inner>, &str) -> Result<T, Error> + Send + 'static,
    ) -> Request<T> {
        let (inner, id) = (Arc::clone(&self.inner), id.to_owned());
        Request::new(&self.inner.pool, place, move || {
            process::check(&inner.place)?;
            work(&inner, &id)
        })
    }
}

impl Clone for Persistency {
    /// The same store. Handles borrowed by subscripts are kept by each clone for itself.
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), slots: Slots::default() }
    }
}

/// `store["id"]`: the handle of an id, which looks the job up at each call. For an id that isn't open,
/// every call fails with [`Error::JobNotFound`].
///
/// Each clone of a store keeps one handle for each id that was open when it was asked for, until the clone is dropped: for ever
/// new ids use [`job`](Persistency::job), which keeps none.
impl Index<&str> for Persistency {
    type Output = Job;

    fn index(&self, id: &str) -> &Job {
        let inner = &self.inner;
        let by_id = || inner.find(id).is_ok().then(|| Job::by_id(Arc::downgrade(inner), id));
        self.slots.get(id, by_id).unwrap_or(&inner.not_open)
    }
}

impl fmt::Debug for Persistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persistency")
            .field("backend", &self.inner.backend)
            .field("jobs", &self.job_ids())
            .finish_non_exhaustive()
    }
}

impl Inner {
    pub(crate) fn find(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        let jobs = self.open_jobs()?;
        jobs.open.get(id).cloned().ok_or_else(|| Error::JobNotFound { job: id.to_owned() })
    }

    fn open(&self, id: &str) -> Result<Job, Error> {
        self.alone(id, || {
            match self.find(id) {
                Err(Error::JobNotFound { .. }) => {}
                found => return found.map(Job::open),
            }
            let job = Arc::new(self.start(id)?);
            {
                let mut jobs = self.jobs.lock();
                if !jobs.closed {
                    jobs.open.insert(id.to_owned(), Arc::clone(&job));
                }
            }
            if let Err(closed) = self.find(id) {
                job.close()?;
                return Err(closed);
            }
            Ok(Job::open(job))
        })
    }

    fn start(&self, id: &str) -> Result<OpenJob, Error> {
        let location = self.backend.locate(id)?;
        worker::join_draining(&location.identity)?;
        // First, since opening may create the job, which has to be served then.
        let thread = IdleThread::start(&location.place)?;
        let OpenedJob { writer, reader } = match self.backend.open_job(id) {
            Ok(opened) => opened,
            Err(error) => {
                thread.end();
                return Err(error);
            }
        };
        let room = Room::new(Arc::clone(&self.room), self.config.queue_limit_bytes);
        let opened = OpenedJob { writer, reader: Arc::clone(&reader) };
        let snapshots = Arc::new(Snapshots::new(location.place.clone(), &self.config));
        let timeout = self.config.close_timeout;
        let worker = Worker::start(location, room, snapshots, timeout, opened, thread);
        Ok(OpenJob::new(worker, reader, Arc::clone(&self.pool), &self.config))
    }

    fn close_job(&self, id: &str) -> Result<(), Error> {
        self.alone(id, || self.take(id)?.close())
    }

    fn drop_job(&self, id: &str) -> Result<(), Error> {
        self.alone(id, || {
            let location = self.backend.locate(id)?;
            match self.take(id) {
                // What failed to be written would be gone now in any case.
                Ok(job) => drop(job.close()),
                Err(Error::JobNotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            worker::join_draining(&location.identity)?;
            if self.backend.drop_job(id)? {
                Ok(())
            } else {
                Err(Error::JobNotFound { job: id.to_owned() })
            }
        })
    }

    fn restore(&self, id: &str, from: &Path) -> Result<(), Error> {
        self.alone(id, || {
            match self.find(id) {
                Ok(_) => {
                    return Err(Error::invalid_argument(format!(
                        "job {id:?} is open and can't be restored: close it first, with `close_job`"
                    )));
                }
                Err(Error::JobNotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            let location = self.backend.locate(id)?;
            worker::join_draining(&location.identity)?;
            self.backend.restore_job(id, from)
        })
    }

    fn close(&self) -> Result<(), Error> {
        let jobs: Vec<Arc<OpenJob>> = {
            let mut jobs = self.jobs.lock();
            jobs.closed = true;
            jobs.open.drain().map(|(_, job)| job).collect()
        };
        for job in &jobs {
            job.drain();
        }
        // All are joined, also after a failure.
        let ends: Vec<_> = jobs.iter().map(|job| job.close()).collect();
        ends.into_iter().collect()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.jobs.lock().closed
    }

    /// Takes a job out of those that are open.
    fn take(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        let taken = self.open_jobs()?.open.remove(id);
        taken.ok_or_else(|| Error::JobNotFound { job: id.to_owned() })
    }

    /// # Errors
    ///
    /// [`Error::Closed`] once the store is.
    fn open_jobs(&self) -> Result<MutexGuard<'_, Jobs>, Error> {
        let jobs = self.jobs.lock();
        if jobs.closed { Err(Error::Closed { what: "the store".into() }) } else { Ok(jobs) }
    }

    /// Runs `work` while no other thread opens, closes or drops the job of this id here.
    fn alone<T>(&self, id: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let gate = Gate::of(self, id);
        let _held = gate.mutex.lock();
        work()
    }
}

/// A gate in use. Dropping the last one of an id removes it, also after a panic.
struct Gate<'a> {
    inner: &'a Inner,
    id: &'a str,
    mutex: Arc<Mutex<()>>,
}

impl<'a> Gate<'a> {
    fn of(inner: &'a Inner, id: &'a str) -> Self {
        let mutex = Arc::clone(inner.jobs.lock().gates.entry(id.to_owned()).or_default());
        Self { inner, id, mutex }
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        let mut jobs = self.inner.jobs.lock();
        // This one and the map's. Others are made under the lock.
        if Arc::strong_count(&self.mutex) == 2 {
            jobs.gates.remove(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Persistency;
    use crate::{Error, Memory};

    /// How much is kept by id: open jobs, gates, and slots of this value.
    fn kept(store: &Persistency) -> [usize; 3] {
        let jobs = store.inner.jobs.lock();
        [jobs.open.len(), jobs.gates.len(), store.slots.len()]
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
            // Dropped rather than closed, so that memory doesn't keep their rows.
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
