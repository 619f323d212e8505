//! A thread that uses a job and records its calls and their results.

use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use persist_core::{Error, Persistency, Ticket, TxOp};
use persist_tests::watchdog::alive;

use crate::history::{History, Outcome, Value, View, Write};

pub(crate) const REGISTERS: u64 = 6;
/// The two categories of a register. It has some keys in each.
const CATEGORIES: [&str; 2] = ["one", "other"];
const KEYS: u64 = 2;
/// The row that transactions increment.
pub(crate) const COUNTER: &str = "counter";

/// The values of all or some keys of a register.
type Values = Vec<Option<Value>>;

/// The state that the clients of one job share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) history: History,
    /// The next value to write.
    values: AtomicU64,
    /// The number of increments of the counter.
    pub(crate) counted: AtomicU64,
    /// The number of calls that were refused because the job was not open.
    pub(crate) refused: AtomicU64,
}

pub(crate) struct Client<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) store: &'a Persistency,
    pub(crate) id: &'a str,
    /// No thread closes or drops the job, so every accepted write is committed, whether a client waits for it or not.
    pub(crate) stays_open: bool,
    pub(crate) random: Rng,
}

impl Client<'_> {
    /// Makes one random call.
    pub(crate) fn call(&mut self) {
        alive();
        let register = self.random.u64(..REGISTERS);
        match self.random.u8(..20) {
            0..8 => self.put(register),
            8 => self.delete(register),
            9..11 => self.transact(register),
            11 => self.poll_and_drop(register),
            12..14 => self.view(),
            _ => self.read(register),
        }
    }

    fn next_value(&self) -> Value {
        self.shared.values.fetch_add(1, Relaxed)
    }

    fn now(&self) -> u64 {
        self.shared.history.now()
    }

    fn put(&mut self, register: u64) {
        let value = self.next_value();
        let before = self.now();
        let ticket = self.store.persist(self.id, puts(register, value));
        let submitted = (before, self.now());
        let result = match self.random.u8(..3) {
            0 if self.stays_open => Ok(()),
            1 if self.stays_open => {
                let mut waiting = pin!(ticket.into_future());
                let _ = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                Ok(())
            }
            _ => ticket.wait().map(drop),
        };
        self.record_write(register, Some(value), submitted, result);
    }

    fn delete(&mut self, register: u64) {
        let before = self.now();
        let deletes = CATEGORIES.map(|category| TxOp::delete_prefix(category, register));
        let ticket = self.store.persist(self.id, deletes);
        let submitted = (before, self.now());
        self.record_write(register, None, submitted, ticket.wait().map(drop));
    }

    fn transact(&mut self, register: u64) {
        let value = self.next_value();
        let before = self.now();
        let ticket = self.store.job(self.id).map(|job| {
            job.transact(move |rows| {
                let counted: u64 = rows.get_as(COUNTER, 0_u64)?.unwrap_or_default();
                rows.persist_encoded(COUNTER, 0_u64, &(counted + 1))?;
                rows.persist(puts(register, value))
            })
        });
        let submitted = (before, self.now());
        let result = ticket.and_then(Ticket::wait);
        self.shared.counted.fetch_add(u64::from(result.is_ok()), Relaxed);
        self.record_write(register, Some(value), submitted, result);
    }

    fn record_write(
        &self,
        register: u64,
        value: Option<Value>,
        submitted: (u64, u64),
        result: Result<(), Error>,
    ) {
        let outcome = if self.unless_refused(result).is_some() {
            Outcome::Applied
        } else {
            Outcome::NotApplied
        };
        self.shared.history.record_write(Write { register, value, submitted, outcome });
    }

    /// A read that is dropped before it is done does no harm.
    fn poll_and_drop(&mut self, register: u64) {
        let mut read = pin!(self.store.scan_prefix(self.id, CATEGORIES[0], register).into_future());
        let _ = read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }

    /// Reads a register and records the result.
    pub(crate) fn read(&mut self, register: u64) {
        let before = self.now();
        let found = match self.random.u8(..4) {
            0 => self
                .store
                .job(self.id)
                .and_then(|job| job.get_as(CATEGORIES[1], (register, 0_u64)).wait())
                .map(|found| vec![found]),
            1 => self.store.scan_prefix(self.id, CATEGORIES[0], register).wait().map(|rows| {
                let mut found: Vec<Option<Value>> =
                    rows.iter().map(|row| Some(row.decode().unwrap())).collect();
                assert!(found.len() <= 2);
                found.resize(2, None);
                found
            }),
            2 => self
                .store
                .job(self.id)
                .and_then(|job| {
                    job.get_many(CATEGORIES[1], (0..KEYS).map(|key| (register, key))).wait()
                })
                .map(|found| {
                    found
                        .iter()
                        .map(|payload| {
                            payload
                                .as_ref()
                                .map(|bytes| Value::from_be_bytes(bytes[..].try_into().unwrap()))
                        })
                        .collect()
                }),
            _ => self
                .store
                .job(self.id)
                .and_then(|job| job.read(move |rows| values(rows, register)).wait()),
        };
        self.record_view(before, found.map(|found| vec![(register, found)]));
    }

    /// Reads all registers in one view.
    pub(crate) fn view(&mut self) {
        let before = self.now();
        let found = self.store.job(self.id).and_then(|job| {
            job.read(|rows| {
                (0..REGISTERS).map(|register| Ok((register, values(rows, register)?))).collect()
            })
            .wait()
        });
        self.record_view(before, found);
    }

    fn record_view(&self, before: u64, found: Result<Vec<(u64, Values)>, Error>) {
        let during = (before, self.now());
        let Some(found) = self.unless_refused(found) else { return };
        let one = |(register, values): (u64, Values)| {
            let value = values[0];
            assert!(values.iter().all(|&of| of == value), "half of a batch is visible: {values:?}");
            (register, value)
        };
        let found = found.into_iter().map(one).collect();
        self.shared.history.record_view(View { found, during });
    }

    /// Returns the result of a call that was done. A job that may be closed may refuse calls.
    fn unless_refused<T>(&self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(done) => Some(done),
            Err(Error::Closed { .. } | Error::JobNotFound { .. }) if !self.stays_open => {
                self.shared.refused.fetch_add(1, Relaxed);
                // A pause, so that not all calls are refused while the job is opened.
                thread::sleep(Duration::from_millis(2));
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Returns the values of all keys of a register.
fn values(rows: &persist_core::View<'_>, register: u64) -> Result<Values, Error> {
    let keys = CATEGORIES.iter().flat_map(|category| (0..KEYS).map(move |key| (category, key)));
    keys.map(|(category, key)| rows.get_as(category, (register, key))).collect()
}

/// Returns puts that set all keys of a register.
fn puts(register: u64, value: Value) -> Vec<TxOp> {
    let put = |category, key| TxOp::put(category, (register, key), value.to_be_bytes());
    CATEGORIES.iter().flat_map(|category| (0..KEYS).map(move |key| put(category, key))).collect()
}
