use std::fmt;
use std::future::IntoFuture;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::encoding::{Beginning, FieldRange, Key, KeyArgument, KeyField, KeyRange, Next, Sink};
use crate::store::api::job::Job;
use crate::store::api::open_job::OpenJob;
use crate::store::api::read::{Read, ReadFuture};
use crate::store::api::rows::{Row, Rows};
use crate::store::api::run::{Run, Then};
use crate::store::api::scan::{Scan, ScanIter};
use crate::store::api::table::{TableKey, TableValue};
use crate::store::base::bounds::sealed::{Sealed as _, SpanBuf};
use crate::store::base::error::{Error, Place};

/// Rows of a table that have not been read yet, in the order of their keys: returned by [`Table::prefix`](crate::table::Table::prefix)
/// and its siblings. `R` is the field of the key after the prefix.
///
/// It is as lazy as a [`Scan`], reads one snapshot, and sees every write submitted before.
#[must_use = "nothing is read until `.wait()`, `.await` or `.iter()`"]
pub struct TableRows<'job, K, V, R> {
    scan: Scan<'job>,
    /// The bytes of the fields that all keys begin with.
    prefix: Key,
    of: PhantomData<Of<K, V, R>>,
}

type Of<K, V, R> = fn() -> (K, V, R);

impl<'job, K: TableKey, V: TableValue, R> TableRows<'job, K, V, R> {
    pub(super) fn prefix(job: &'job Job, name: &str, prefix: Key) -> Self {
        let span = KeyRange::prefix(&prefix).into_span();
        Self { scan: job.scan_span(name, span), prefix, of: PhantomData }
    }

    pub(super) fn span(job: &'job Job, name: &str, span: SpanBuf) -> Self {
        Self { scan: job.scan_span(name, span), prefix: Key::new(), of: PhantomData }
    }

    /// Reads from the last key to the first.
    pub fn reverse(self) -> Self {
        Self { scan: self.scan.reverse(), ..self }
    }

    /// Reads at most this many rows.
    pub fn limit(self, rows: usize) -> Self {
        Self { scan: self.scan.limit(rows), ..self }
    }

    /// Skips every row up to and including `key`, in the direction of the read.
    pub fn after(self, key: impl KeyArgument<K>) -> Self {
        Self { scan: self.scan.after(key.whole_key()), ..self }
    }

    /// Reads what is committed, without waiting for writes submitted before.
    pub fn committed(self) -> Self {
        Self { scan: self.scan.committed(), ..self }
    }

    /// Collects the rows.
    pub fn collect(self) -> Read<'job, Vec<(K, V)>> {
        self.scan.read(Run::Scan(Then::Known(decode_all)))
    }

    /// Collects the rows on the calling thread: short for `.collect().wait()`, as `.await` is for `.collect().await`.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] for a row that is not of the table's types; as for [`Read::wait`].
    pub fn wait(self) -> Result<Vec<(K, V)>, Error> {
        self.collect().wait()
    }

    /// Reads row by row on the calling thread, in bounded memory, as [`Scan::iter`] does.
    pub fn iter(self) -> TableIter<K, V> {
        let place = self.scan.place();
        TableIter { rows: self.scan.iter(), place, of: PhantomData }
    }

    /// Counts the rows, regardless of the limit.
    pub fn count(self) -> Read<'job, u64> {
        self.scan.count()
    }

    fn narrowed(self, range: &KeyRange) -> TableRows<'job, K, V, ()> {
        let scan = self.scan.narrowed(range.into_span());
        TableRows { scan, prefix: self.prefix, of: PhantomData }
    }
}

impl<'job, K: TableKey, V: TableValue, const N: usize> TableRows<'job, K, V, Next<N>> {
    /// Returns the rows whose next field lies in a range. [`Prefixed::range`](crate::fields::Prefixed::range) has the rules.
    pub fn range(self, range: impl FieldRange<K, N>) -> TableRows<'job, K, V, ()> {
        let range = range.key_range(self.prefix.as_bytes());
        self.narrowed(&range)
    }

    /// Returns the rows whose next field, a `String` with the attribute `lex`, starts with a text.
    #[expect(clippy::needless_pass_by_value, reason = "a text is a reference, as for `range`")]
    pub fn starting_with<A>(self, text: A) -> TableRows<'job, K, V, ()>
    where
        K: KeyField<N, A, Beginning>,
    {
        let mut bytes = Vec::from(self.prefix.as_bytes());
        K::encode_field(&text, &mut Sink::new(&mut bytes));
        let range = KeyRange::prefix(&Key::from_bytes(bytes));
        self.narrowed(&range)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the step of a read")]
fn decode_all<K: TableKey, V: TableValue>(job: &OpenJob, rows: Rows) -> Result<Vec<(K, V)>, Error> {
    rows.iter().map(|row| decode(row, || Some(job.place().clone()))).collect()
}

/// Decodes a row.
///
/// # Errors
///
/// [`Error::Decode`].
fn decode<K: TableKey, V: TableValue>(
    row: Row<'_>,
    place: impl FnOnce() -> Option<Place>,
) -> Result<(K, V), Error> {
    let decoded = K::from_key_bytes(row.key().as_bytes())
        .and_then(|key| Ok((key, V::from_payload_bytes(row.payload())?)));
    decoded.map_err(|source| Error::Decode { place: place(), source })
}

impl<K: TableKey, V: TableValue, R> fmt::Debug for TableRows<'_, K, V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableRows").field("scan", &self.scan).finish_non_exhaustive()
    }
}

impl<'job, K: TableKey, V: TableValue, R> IntoFuture for TableRows<'job, K, V, R> {
    type Output = Result<Vec<(K, V)>, Error>;
    type IntoFuture = ReadFuture<'job, Vec<(K, V)>>;

    fn into_future(self) -> Self::IntoFuture {
        self.collect().into_future()
    }
}

/// The rows of a table, read page by page from one snapshot: returned by [`TableRows::iter`].
pub struct TableIter<K, V> {
    rows: ScanIter,
    place: Option<Place>,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K: TableKey, V: TableValue> Iterator for TableIter<K, V> {
    type Item = Result<(K, V), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        Some(row.and_then(|row| decode(row.as_row(), || self.place.clone())))
    }
}

impl<K: TableKey, V: TableValue> FusedIterator for TableIter<K, V> {}

impl<K, V> fmt::Debug for TableIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableIter").finish_non_exhaustive()
    }
}
