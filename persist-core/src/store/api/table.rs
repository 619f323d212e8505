//! Typed tables: a category bound to the types of its keys and values.

mod definition;
mod open;
mod rows;

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

pub use self::definition::{TableDefinition, TableKey, TableValue};
pub use self::rows::{TableIter, TableRows};

use crate::encoding::{Key, KeyArgument, KeyEncode, Next, OrderPreserving, Prefix};
use crate::store::api::job::Job;
use crate::store::api::query::{self, Query};
use crate::store::api::read::{Kind, Read};
use crate::store::api::run::Run;
use crate::store::api::ticket::Ticket;
use crate::store::base::bounds::sealed::Sealed as _;
use crate::store::base::reports::Committed;

/// A table of an open job: its rows have keys of type `K` and values of type `V`. Clones are handles to the same table.
///
/// [`Job::table`] opens a table and checks the types that were stored.
///
/// ```
/// use persist_core::table::TableDefinition;
/// use persist_core::{KeyDecode, KeyEncode, Memory, PayloadDecode, PayloadEncode, Persistency};
///
/// #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
/// struct MessageKey { channel: String, epoch: i64, sequence: u64 }
///
/// #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
/// struct Message { sender: String, text: String }
///
/// const MESSAGES: TableDefinition<MessageKey, Message> = TableDefinition::new("msg");
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// let messages = job.table(&MESSAGES).wait()?;
/// let hi = Message { sender: "ann".into(), text: "hi".into() };
/// messages.put(("general", 7, 1), &hi);
/// assert_eq!(messages.get(("general", 7, 1)).wait()?, Some(hi));
/// for row in messages.prefix(("general",)).range(5..).reverse().limit(50).iter() {
///     let (key, message) = row?;
///     println!("{}: {}", key.sequence, message.text);
/// }
/// # Ok::<(), persist_core::Error>(())
/// ```
pub struct Table<K, V> {
    job: Job,
    name: &'static str,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K: TableKey, V: TableValue> Table<K, V> {
    fn new(job: Job, name: &'static str) -> Self {
        Self { job, name, of: PhantomData }
    }

    /// Returns the table's name, which is its category.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the job of the table.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Stores a row, and replaces an existing row under the same key. The key is a reference to a `K`, or a tuple of values for all
    /// its fields. Blocks while the queue is full, as [`Job::persist_put`] does.
    ///
    /// The write fails with [`Error::IncompatibleTable`](crate::Error::IncompatibleTable) if another program has written a shape that `K` and `V` can't read since the
    /// table was opened.
    pub fn put(&self, key: impl KeyArgument<K>, value: &V) -> Ticket<Committed> {
        self.job.persist_put(self.name, key.whole_key(), value.to_payload())
    }

    /// Removes a row. The result is whether it existed.
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const VISITS: TableDefinition<String, u64> = TableDefinition::new("visits");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let visits = job.table(&VISITS).wait()?;
    /// visits.put(("front page",), &7);
    /// assert!(visits.remove(("front page",)).wait()?);
    /// assert!(!visits.contains_key(("front page",)).wait()?);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn remove(&self, key: impl KeyArgument<K>) -> Ticket<bool> {
        self.job.delete_acked(self.name, key.whole_key())
    }

    /// Removes the rows whose keys begin with these fields: a tuple of values for the first fields of the key.
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const SAMPLES: TableDefinition<(String, i64), f64> = TableDefinition::new("samples");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let samples = job.table(&SAMPLES).wait()?;
    /// for epoch in 0..10 {
    ///     samples.put(("door", epoch), &0.5);
    /// }
    /// assert_eq!(samples.remove_prefix(("door",)).wait()?.removed, 10);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a tuple is written in place")]
    pub fn remove_prefix(&self, fields: impl Prefix<K>) -> Ticket<Committed> {
        self.job.persist_delete_prefix(self.name, Key::from_bytes(fields.prefix_bytes()))
    }

    /// Removes the rows whose keys lie in a range of whole keys, which works as in [`range`](Self::range).
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const NAMES: TableDefinition<u64, String> = TableDefinition::new("names");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let names = job.table(&NAMES).wait()?;
    /// names.put((7,), &"ann".into());
    /// assert_eq!(names.remove_range(..=7).wait()?.removed, 1);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn remove_range(&self, range: impl RangeBounds<K>) -> Ticket<Committed>
    where
        K: OrderPreserving,
    {
        self.job.persist_delete_range(self.name, bounds(&range))
    }

    /// Changes a row: calls `change` with the value under a key, and stores what it returns, or removes the row if that is `None`. The
    /// result is what is stored afterwards. No other write takes effect in between.
    ///
    /// `change` runs on the job's worker, as the closure of [`Job::transact`].
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const VISITS: TableDefinition<String, u64> = TableDefinition::new("visits");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let visits = job.table(&VISITS).wait()?;
    /// let visit = || visits.update(("front page",), |old| Some(old.unwrap_or(0) + 1));
    /// visit();
    /// assert_eq!(visit().wait()?, Some(2));
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn update(
        &self,
        key: impl KeyArgument<K>,
        change: impl FnOnce(Option<V>) -> Option<V> + Send + 'static,
    ) -> Ticket<Option<V>>
    where
        V: Send,
    {
        let (name, key) = (self.name, key.whole_key());
        self.job.transact(move |tx| {
            let old = tx.get_as::<V>(name, &key)?;
            let existed = old.is_some();
            let new = change(old);
            match &new {
                Some(value) => tx.persist_put(name, &key, value.to_payload())?,
                None if existed => tx.persist_delete(name, &key).map(drop)?,
                None => {}
            }
            Ok(new)
        })
    }

    /// Reads the value under a key. A payload that is not the encoding of one `V` is an
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn get(&self, key: impl KeyArgument<K>) -> Read<'_, Option<V>> {
        self.job.get_as(self.name, key.whole_key())
    }

    /// Reads the values under several keys, in their order.
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const NAMES: TableDefinition<u64, String> = TableDefinition::new("names");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let names = job.table(&NAMES).wait()?;
    /// names.put((7,), &"ann".into());
    /// assert_eq!(names.get_many([(7,), (8,)]).wait()?, [Some("ann".to_owned()), None]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    pub fn get_many<A: KeyArgument<K>>(
        &self,
        keys: impl IntoIterator<Item = A>,
    ) -> Read<'_, Vec<Option<V>>> {
        let keys: Vec<Key> = keys.into_iter().map(KeyArgument::whole_key).collect();
        self.job.get_many_as(self.name, keys)
    }

    /// Returns whether there is a row under a key, without reading its value.
    pub fn contains_key(&self, key: impl KeyArgument<K>) -> Read<'_, bool> {
        self.job.exists(self.name, key.whole_key())
    }

    /// Returns all rows, in the order of their keys.
    pub fn rows(&self) -> TableRows<'_, K, V, Next<0>> {
        self.prefix(())
    }

    /// Returns the rows whose keys begin with these fields: a tuple of values for the first fields of the key.
    /// [`range`](TableRows::range) narrows them by the next field.
    #[expect(clippy::needless_pass_by_value, reason = "a tuple is written in place")]
    pub fn prefix<P: Prefix<K>>(&self, fields: P) -> TableRows<'_, K, V, P::Rest> {
        TableRows::prefix(&self.job, self.name, Key::from_bytes(fields.prefix_bytes()))
    }

    /// Returns the rows whose keys lie in a range of whole keys.
    ///
    /// ```
    /// use persist_core::table::TableDefinition;
    /// use persist_core::{Memory, Persistency};
    ///
    /// const NAMES: TableDefinition<u64, String> = TableDefinition::new("names");
    ///
    /// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
    /// let names = job.table(&NAMES).wait()?;
    /// for n in 0..10 {
    ///     names.put((n,), &format!("user {n}"));
    /// }
    /// let rows = names.range(3..5).wait()?;
    /// assert_eq!(rows, [(3, "user 3".to_owned()), (4, "user 4".to_owned())]);
    /// # Ok::<(), persist_core::Error>(())
    /// ```
    /// The order of `K` has to be that of its keys, for which there is
    /// `#[derive(KeyOrd)]`.
    pub fn range(&self, range: impl RangeBounds<K>) -> TableRows<'_, K, V, ()>
    where
        K: OrderPreserving,
    {
        TableRows::span(&self.job, self.name, bounds(&range).into_span())
    }
}

fn bounds<K: TableKey>(range: &impl RangeBounds<K>) -> (Bound<Key>, Bound<Key>) {
    (range.start_bound().map(KeyEncode::to_key), range.end_bound().map(KeyEncode::to_key))
}

impl Job {
    /// As for [`get_many`](Self::get_many), but decodes the payloads.
    fn get_many_as<V: TableValue>(&self, name: &str, keys: Vec<Key>) -> Read<'_, Vec<Option<V>>> {
        let run = Run::Given(Box::new(|job: &_, query: &_, stop: &_| {
            let payloads = query::get_many(job, query, stop)?;
            payloads.into_iter().map(|payload| query::decode(job, payload)).collect()
        }));
        let query = Query::keys(name.as_bytes(), keys);
        Read::new(self.handle(), query, run, Kind::Long)
    }
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        Self { job: self.job.clone(), name: self.name, of: PhantomData }
    }
}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.name).field("job", &self.job).finish()
    }
}
