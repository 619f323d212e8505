use std::sync::Arc;

use persist_core::port::Backend;
use persist_core::{Config, Error, Job, Persistency};

/// A place of a backend, over which any number of stores can be opened. It is empty at first, and is removed when it is dropped.
pub trait Fixture: Sync {
    /// Returns the backend of the place.
    fn backend(&self) -> Arc<dyn Backend>;

    /// Opens another store over the same place.
    ///
    /// # Errors
    ///
    /// As for [`Persistency::open_with`].
    fn open_with(&self, config: Config) -> Result<Persistency, Error> {
        Persistency::open_with(self.backend(), config)
    }

    /// Opens a store with the default settings.
    ///
    /// # Panics
    ///
    /// If the store can't be opened.
    fn open(&self) -> Persistency {
        self.open_with(Config::default()).expect("the store opens")
    }

    /// Opens a store with one open job, `"job"`.
    ///
    /// # Panics
    ///
    /// If the store or the job can't be opened.
    fn open_job(&self) -> (Persistency, Job) {
        self.open_job_with(Config::default())
    }

    /// Opens a store with these settings and one open job, `"job"`.
    ///
    /// # Panics
    ///
    /// If the store or the job can't be opened.
    fn open_job_with(&self, config: Config) -> (Persistency, Job) {
        let store = self.open_with(config).expect("the store opens");
        let job = store.open_job("job").wait().expect("the job opens");
        (store, job)
    }
}
