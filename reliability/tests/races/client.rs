//! A thread that uses a job, and records what it did and saw.

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
/// A register has some keys in each of two categories.
const CATEGORIES: [&str; 2] = ["one", "other"];
const KEYS: u64 = 2;
/// A row that transactions count up.
pub(crate) const COUNTER: &str = "counter";

/// What each key of a register, or some of them, hold.
type Values = Vec<Option<Value>>;

/// What the clients of one job share.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) history: History,
    /// The next value to write.
    values: AtomicU64,
    /// How often the counter was counted up.
    pub(crate) counted: AtomicU64,
    /// How many calls were refused, since the job was not open.
    pub(crate) refused: AtomicU64,
}

pub(crate) struct Client<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) store: &'a Persistency,
    pub(crate) id: &'a str,
    /// Nobody closes or drops the job: so what was accepted is done, whether somebody waits for it or not.
    pub(crate) stays_open: bool,
    pub(crate) random: Rng,
}

impl Client<'_> {
    /// One call.
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
        self.wrote(register, Some(value), submitted, result);
    }

    fn delete(&mut self, register: u64) {
        let before = self.now();
        let deletes = CATEGORIES.map(|category| TxOp::delete_prefix(category, register));
        let ticket = self.store.persist(self.id, deletes);
        let submitted = (before, self.now());
        self.wrote(register, None, submitted, ticket.wait().map(drop));
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
        self.wrote(register, Some(value), submitted, result);
    }

    fn wrote(
        &self,
        register: u64,
        value: Option<Value>,
        submitted: (u64, u64),
        result: Result<(), Error>,
    ) {
        let outcome =
            if self.is_done(result).is_some() { Outcome::Applied } else { Outcome::NotApplied };
        self.shared.history.wrote(Write { register, value, submitted, outcome });
    }

    /// A read that stops before it is done harms nobody.
    fn poll_and_drop(&mut self, register: u64) {
        let mut reading =
            pin!(self.store.scan_prefix(self.id, CATEGORIES[0], register).into_future());
        let _ = reading.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }

    /// Reads a register, and records what was found.
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
        self.saw(before, found.map(|found| vec![(register, found)]));
    }

    /// Reads all registers at one moment.
    pub(crate) fn view(&mut self) {
        let before = self.now();
        let found = self.store.job(self.id).and_then(|job| {
            job.read(|rows| {
                (0..REGISTERS).map(|register| Ok((register, values(rows, register)?))).collect()
            })
            .wait()
        });
        self.saw(before, found);
    }

    fn saw(&self, before: u64, found: Result<Vec<(u64, Values)>, Error>) {
        let during = (before, self.now());
        let Some(found) = self.is_done(found) else { return };
        let one = |(register, values): (u64, Values)| {
            let value = values[0];
            assert!(values.iter().all(|&of| of == value), "a batch is there by half: {values:?}");
            (register, value)
        };
        let found = found.into_iter().map(one).collect();
        self.shared.history.viewed(View { found, during });
    }

    /// What was done, if it was: a job that may be closed may refuse.
    fn is_done<T>(&self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(done) => Some(done),
            Err(Error::Closed { .. } | Error::JobNotFound { .. }) if !self.stays_open => {
                self.shared.refused.fetch_add(1, Relaxed);
                // So that not all calls are refused while it is opened.
                thread::sleep(Duration::from_millis(2));
                None
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// The values of all keys of a register.
fn values(rows: &persist_core::View<'_>, register: u64) -> Result<Values, Error> {
    let keys = CATEGORIES.iter().flat_map(|category| (0..KEYS).map(move |key| (category, key)));
    keys.map(|(category, key)| rows.get_as(category, (register, key))).collect()
}

/// Sets all keys of a register.
fn puts(register: u64, value: Value) -> Vec<TxOp> {
    let put = |category, key| TxOp::put(category, (register, key), value.to_be_bytes());
    CATEGORIES.iter().flat_map(|category| (0..KEYS).map(move |key| put(category, key))).collect()
}
