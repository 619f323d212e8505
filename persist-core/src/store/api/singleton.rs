//! The process-wide store.

use parking_lot::Mutex;

use crate::store::api::persistency::Persistency;
use crate::store::base::config::Config;
use crate::store::base::error::Error;
use crate::store::port::backend::Backend;

static INSTANCE: Mutex<Option<Persistency>> = Mutex::new(None);

impl Persistency {
    /// Returns the process-wide store. The first call opens it, and later calls for the same backend return it again.
    ///
    /// ```
    /// use persist_core::{Memory, Persistency};
    ///
    /// let backend = Memory::new();
    /// let store = Persistency::instance(backend.clone())?;
    /// assert!(Persistency::current()?.same_instance(&store));
    /// assert!(Persistency::instance(Memory::new()).is_err());
    /// Persistency::reset()?;
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the location of the backend can't be used, or if the process-wide store is already
    /// open with another backend or other settings.
    pub fn instance(backend: impl Backend) -> Result<Self, Error> {
        Self::instance_with(backend, Config::default())
    }

    /// Returns the process-wide store, opened with the given settings.
    ///
    /// # Errors
    ///
    /// As for [`instance`](Self::instance).
    pub fn instance_with(backend: impl Backend, config: Config) -> Result<Self, Error> {
        let mut instance = INSTANCE.lock();
        if let Some(store) = instance.as_ref().filter(|store| !store.is_closed()) {
            let asked = backend.identity();
            let (there, there_config) = store.identity();
            if there == asked && *there_config == config {
                return Ok(store.clone());
            }
            return Err(Error::invalid_argument(format!(
                "the store of this process is {there}, and {asked}, or another configuration, was asked \
                 for: call `Persistency::reset` first, or open a store of your own"
            )));
        }
        let store = Self::open_with(backend, config)?;
        *instance = Some(store.clone());
        Ok(store)
    }

    /// Returns the process-wide store that the last [`instance`](Self::instance) opened.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] if there is no open one.
    pub fn current() -> Result<Self, Error> {
        let instance = INSTANCE.lock();
        instance
            .as_ref()
            .filter(|store| !store.is_closed())
            .cloned()
            .ok_or_else(|| Error::Closed { what: "the store of this process".into() })
    }

    /// Closes and forgets the process-wide store, so that the next [`instance`](Self::instance) may choose another
    /// backend. Does nothing if there is none.
    ///
    /// # Errors
    ///
    /// As for [`close`](Self::close). The store is forgotten even then.
    pub fn reset() -> Result<(), Error> {
        let instance = INSTANCE.lock().take();
        instance.map_or(Ok(()), |store| store.close().wait())
    }
}
