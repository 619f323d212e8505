use crate::encoding::PayloadDecode;
use crate::store::base::config::Config;
use crate::store::base::error::{Error, Place};
use crate::store::base::op::Op;
use crate::store::port::backend::SizeLimits;

/// The size limits of keys, payloads and batches, of the settings and of the backend. A write that exceeds one is refused before
/// anything is written.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    place: Place,
    key_limit_bytes: usize,
    payload_limit_bytes: usize,
    backend: SizeLimits,
}

impl Limits {
    pub(crate) fn new(place: Place, config: &Config, backend: SizeLimits) -> Self {
        Self {
            place,
            key_limit_bytes: config.key_limit_bytes,
            payload_limit_bytes: config.payload_limit_bytes,
            backend,
        }
    }

    /// Checks the lengths of an operation's parts.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the first part that is too long.
    pub(crate) fn check(&self, op: &Op<'_>) -> Result<(), Error> {
        let [category, key, last] = op.parts().map(<[u8]>::len);
        let key_limit = ("key_limit_bytes", self.key_limit_bytes);
        // The range `..=k` ends before the key `k` followed by one more byte. A range that excludes `k` as its start
        // begins at that key.
        let bound_limit = ("key_limit_bytes", self.key_limit_bytes.saturating_add(1));
        let (first_limit, last_limit) = match op {
            Op::DeleteRange { .. } => (bound_limit, ("key", bound_limit)),
            _ => (key_limit, ("payload", ("payload_limit_bytes", self.payload_limit_bytes))),
        };
        let parts =
            [(category, ("category", key_limit)), (key, ("key", first_limit)), (last, last_limit)];
        for (len, (part, (setting, limit))) in parts {
            if len > limit {
                return Err(Error::invalid_argument(format!(
                    "a {part} of {len} bytes for {} is longer than Config::{setting} allows, {limit}",
                    self.place
                )));
            }
        }
        if let Op::Put { .. } = op {
            self.check_row_of(category + key, last)?;
        }
        Ok(())
    }

    /// Checks the lengths of a row's parts against the limits of the backend.
    fn check_row_of(&self, row_key: usize, payload: usize) -> Result<(), Error> {
        let SizeLimits { row_key_bytes, payload_bytes, .. } = self.backend;
        let parts = [
            (row_key, row_key_bytes, "a category and a key of together", "exceed"),
            (payload, payload_bytes, "a payload of", "exceeds"),
        ];
        for (len, limit, part, exceeds) in parts {
            if len > limit {
                return Err(Error::invalid_argument(format!(
                    "{part} {len} bytes for {} {exceeds} what its backend stores, {limit}",
                    self.place
                )));
            }
        }
        Ok(())
    }

    /// Checks the size of a batch.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for the first part that is too long, or for the whole batch.
    pub(crate) fn check_batch(&self, batch: &[Op<'_>]) -> Result<(), Error> {
        batch.iter().try_for_each(|op| self.check(op))?;
        let limit = self.backend.batch_bytes;
        if limit == usize::MAX {
            return Ok(());
        }
        let parts = batch.iter().flat_map(|op| op.parts());
        let size = parts.fold(0_usize, |size, part| size.saturating_add(part.len()));
        if size > limit {
            return Err(Error::invalid_argument(format!(
                "a batch of {size} bytes for {} exceeds what its backend commits at once, {limit}: divide it",
                self.place
            )));
        }
        Ok(())
    }

    /// Checks the size of a reservation.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for a reservation of more bytes than a payload may have.
    pub(crate) fn check_reservation(&self, bytes: usize) -> Result<(), Error> {
        if bytes <= self.payload_limit_bytes {
            return Ok(());
        }
        Err(Error::invalid_argument(format!(
            "reserving {bytes} bytes in {} exceeds Config::payload_limit_bytes, which is {}: reserve less, or reserve for the \
             operations of a batch with `reserve_for`",
            self.place, self.payload_limit_bytes
        )))
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Decodes a stored payload.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] if the bytes are not the encoding of one `T`.
    pub(crate) fn decode<T>(&self, payload: Option<Vec<u8>>) -> Result<Option<T>, Error>
    where
        T: for<'de> PayloadDecode<'de>,
    {
        let decoded = payload.map(|payload| T::from_payload_bytes(&payload)).transpose();
        decoded.map_err(|source| Error::Decode { place: Some(self.place.clone()), source })
    }
}
