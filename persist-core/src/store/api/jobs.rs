use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::store::api::limits::Limits;
use crate::store::api::open_job::OpenJob;
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::sync::{Mutex, MutexGuard};
use crate::store::engine::capacity::{Capacity, TotalCapacity};
use crate::store::engine::catalog::Tables;
use crate::store::engine::pool::Pool;
use crate::store::engine::snapshots::Snapshots;
use crate::store::engine::worker::{self, IdleThread, Parts, Worker};
use crate::store::port::backend::{Backend, OpenOptions, OpenedJob};
use crate::store::port::closing::Closing;

/// The jobs of a store, by id. Opens, closes, drops and restores them. Shared by the clones of the store.
///
/// Two kinds of locks guard the jobs. A thread that opens, closes, drops or restores a job holds the gate of its id
/// throughout, so these calls never overlap for one id. The lock of [`State`] is held only to look up and change
/// entries, never while the backend works. So a slow open does not delay the open of another job.
pub(crate) struct Jobs {
    backend: Arc<dyn Backend>,
    config: Config,
    capacity: Arc<TotalCapacity>,
    pool: Arc<Pool>,
    state: Mutex<State>,
    /// The store itself, for errors that are not about one job.
    place: Place,
}

#[derive(Default)]
struct State {
    open: HashMap<String, Arc<OpenJob>>,
    /// The gates by id. A gate exists only while a thread holds it or waits for it.
    gates: HashMap<String, Arc<Mutex<()>>>,
    closed: bool,
}

impl Jobs {
    pub(crate) fn new(backend: Arc<dyn Backend>, config: Config) -> Self {
        Self {
            place: Place::store(backend.identity()),
            backend,
            capacity: Arc::new(TotalCapacity::new(config.total_queue_limit_bytes)),
            pool: Arc::new(Pool::new(config.reader_threads)),
            config,
            state: Mutex::default(),
        }
    }

    pub(crate) fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Returns the ids of the open jobs, in ascending order.
    pub(crate) fn open_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.state.lock().open.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    /// Returns the ids of all jobs of the backend, in ascending order.
    ///
    /// # Errors
    ///
    /// As for [`Backend::stored_job_ids`]; [`Error::Closed`].
    pub(crate) fn stored_ids(&self) -> Result<Vec<String>, Error> {
        drop(self.lock_open()?);
        self.backend.stored_job_ids()
    }

    /// Returns the numbers of open jobs and of gates.
    #[cfg(test)]
    pub(crate) fn kept(&self) -> [usize; 2] {
        let state = self.state.lock();
        [state.open.len(), state.gates.len()]
    }

    /// Returns an open job.
    ///
    /// # Errors
    ///
    /// [`Error::JobNotFound`], [`Error::Closed`].
    pub(crate) fn find(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        let state = self.lock_open()?;
        state.open.get(id).cloned().ok_or_else(|| Error::JobNotFound { job: id.to_owned() })
    }

    /// Opens a job, unless it is open.
    ///
    /// # Errors
    ///
    /// As for the calls of the backend; [`Error::Closed`].
    pub(crate) fn open(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        self.alone(id, || {
            match self.find(id) {
                Err(Error::JobNotFound { .. }) => {}
                found => return found,
            }
            let job = Arc::new(self.start(id)?);
            {
                let mut state = self.state.lock();
                if !state.closed {
                    state.open.insert(id.to_owned(), Arc::clone(&job));
                }
            }
            // The store may have been closed while the job was being opened. Then the job was not entered above, and is
            // closed here.
            if let Err(closed) = self.find(id) {
                job.close()?;
                return Err(closed);
            }
            Ok(job)
        })
    }

    fn start(&self, id: &str) -> Result<OpenJob, Error> {
        let location = self.backend.locate(id)?;
        let sizes = self.backend.limits();
        let limits = Limits::new(location.place.clone(), &self.config, sizes);
        // The worker of an earlier handle may still be writing the job.
        worker::join_draining(&location.identity)?;
        // The thread is started before the job is opened: opening may create the job, and no job is created if the
        // system has no thread for it.
        let thread = IdleThread::start(&location.place)?;
        let closing = Closing::default();
        let options =
            OpenOptions { call_timeout: self.config.call_timeout, closing: closing.clone() };
        let OpenedJob { writer, reader } = match self.backend.open_job(id, &options) {
            Ok(opened) => opened,
            Err(error) => {
                thread.end();
                return Err(error);
            }
        };
        let capacity = Capacity::new(Arc::clone(&self.capacity), self.config.queue_limit_bytes);
        let opened = OpenedJob { writer, reader: Arc::clone(&reader) };
        let snapshots = Arc::new(Snapshots::new(location.place.clone(), &self.config));
        let close_timeout = self.config.close_timeout;
        let batch_limit = sizes.batch_bytes;
        let tables = Tables::default();
        let parts = Parts {
            location,
            capacity,
            snapshots,
            close_timeout,
            closing,
            batch_limit,
            tables: tables.clone(),
        };
        let worker = Worker::start(parts, opened, thread);
        Ok(OpenJob::new(worker, reader, Arc::clone(&self.pool), limits, tables))
    }

    /// Closes a job, and returns its first failure that no ticket has reported.
    ///
    /// # Errors
    ///
    /// That failure, or an error of the close; [`Error::JobNotFound`], [`Error::Closed`].
    pub(crate) fn close_job(&self, id: &str) -> Result<(), Error> {
        self.alone(id, || self.take(id)?.close())
    }

    /// Removes a job and its rows.
    ///
    /// # Errors
    ///
    /// As for [`Backend::drop_job`]; [`Error::JobNotFound`], [`Error::Closed`].
    pub(crate) fn drop_job(&self, id: &str) -> Result<(), Error> {
        self.alone(id, || {
            let location = self.backend.locate(id)?;
            match self.take(id) {
                // A failed write makes no difference: its rows would be removed now anyway.
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

    /// Replaces a job that is not open with the job in the file `from`.
    ///
    /// # Errors
    ///
    /// As for [`Backend::restore_job`]; [`Error::InvalidArgument`] if the job is open; [`Error::Closed`].
    pub(crate) fn restore(&self, id: &str, from: &Path) -> Result<(), Error> {
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

    /// Closes the store and all its jobs.
    ///
    /// # Errors
    ///
    /// The first failure of a job.
    pub(crate) fn close(&self) -> Result<(), Error> {
        let jobs: Vec<Arc<OpenJob>> = {
            let mut state = self.state.lock();
            state.closed = true;
            state.open.drain().map(|(_, job)| job).collect()
        };
        // All workers drain at the same time.
        for job in &jobs {
            job.drain();
        }
        // Every job is closed, even if closing another one failed.
        let ends: Vec<_> = jobs.iter().map(|job| job.close()).collect();
        ends.into_iter().collect()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Removes a job from the open jobs and returns it.
    fn take(&self, id: &str) -> Result<Arc<OpenJob>, Error> {
        let taken = self.lock_open()?.open.remove(id);
        taken.ok_or_else(|| Error::JobNotFound { job: id.to_owned() })
    }

    /// Locks the state of a store that is open.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] if the store is closed.
    fn lock_open(&self) -> Result<MutexGuard<'_, State>, Error> {
        let state = self.state.lock();
        if state.closed { Err(Error::Closed { what: "the store".into() }) } else { Ok(state) }
    }

    /// Runs `work` while no other thread opens, closes, drops or restores the job of this id in this store.
    fn alone<T>(&self, id: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let gate = Gate::of(self, id);
        let _held = gate.mutex.lock();
        work()
    }
}

/// A gate in use. Dropping the last one of an id removes the gate from the map, even after a panic.
struct Gate<'a> {
    jobs: &'a Jobs,
    id: &'a str,
    mutex: Arc<Mutex<()>>,
}

impl<'a> Gate<'a> {
    fn of(jobs: &'a Jobs, id: &'a str) -> Self {
        let mutex = Arc::clone(jobs.state.lock().gates.entry(id.to_owned()).or_default());
        Self { jobs, id, mutex }
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        let mut state = self.jobs.state.lock();
        // Two references are left: this one and the one in the map. New ones are made only under the lock.
        if Arc::strong_count(&self.mutex) == 2 {
            state.gates.remove(self.id);
        }
    }
}
