use std::fmt;
use std::sync::Arc;

use crate::encoding::{DecodeError, KeyRef, PayloadDecode};
use crate::store::port::page::Page;

/// The rows of a scan, stored in one arena. Each row is two slices of it.
///
/// ```
/// use persist_core::{Memory, Persistency, key};
///
/// let job = Persistency::open(Memory::new())?.open_job("alpha").wait()?;
/// job.persist_encoded("msg", key!("general", 1i64), "hi");
/// let rows = job.scan_prefix("msg", key!("general")).wait()?;
/// for row in &rows {
///     let (channel, epoch): (&str, i64) = row.key().decode()?;
///     let text: &str = row.decode()?;
///     assert_eq!((channel, epoch, text), ("general", 1, "hi"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Rows(Arc<Page>);

impl Rows {
    pub(crate) fn new(page: Arc<Page>) -> Self {
        Self(page)
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the row at `index`, counted in the direction of the scan.
    pub fn get(&self, index: usize) -> Option<Row<'_>> {
        let (key, payload) = self.0.row(index)?;
        Some(Row { key, payload })
    }

    /// Returns the first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.get(0)
    }

    /// Returns the first row, which then shares the ownership of the arena.
    pub(crate) fn into_first(self) -> Option<RowBuf> {
        (!self.is_empty()).then(|| RowBuf::new(self.0, 0))
    }

    /// Returns the last row.
    pub fn last(&self) -> Option<Row<'_>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Returns an iterator over the rows, in the direction of the scan.
    pub fn iter(&self) -> RowsIter<'_> {
        RowsIter { rows: self, next: 0, end: self.len() }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Row<'a>;
    type IntoIter = RowsIter<'a>;

    fn into_iter(self) -> RowsIter<'a> {
        self.iter()
    }
}

/// An iterator over [`Rows`], from either end.
#[derive(Clone, Debug)]
pub struct RowsIter<'a> {
    rows: &'a Rows,
    next: usize,
    end: usize,
}

impl<'a> Iterator for RowsIter<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        if self.next == self.end {
            return None;
        }
        self.next += 1;
        self.rows.get(self.next - 1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.next, Some(self.end - self.next))
    }
}

impl DoubleEndedIterator for RowsIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.next == self.end {
            return None;
        }
        self.end -= 1;
        self.rows.get(self.end)
    }
}

impl ExactSizeIterator for RowsIter<'_> {}

/// A row, borrowed from [`Rows`] or a [`RowBuf`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    key: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Row<'a> {
    /// Returns the row's key. [`KeyRef::decode`] decodes it.
    pub fn key(self) -> KeyRef<'a> {
        KeyRef::from_bytes(self.key)
    }

    /// Returns the row's payload as the stored bytes.
    pub fn payload(self) -> &'a [u8] {
        self.payload
    }

    /// Decodes the row's payload.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one `T`.
    pub fn decode<T: PayloadDecode<'a>>(self) -> Result<T, DecodeError> {
        T::from_payload_bytes(self.payload)
    }
}

impl fmt::Debug for Row<'_> {
    /// Shows the key, but only the length of the payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({:?}, {} bytes)", self.key(), self.payload.len())
    }
}

/// A row that shares the ownership of its arena. Scans that return their rows one by one return it.
#[derive(Clone)]
pub struct RowBuf {
    page: Arc<Page>,
    index: usize,
}

impl RowBuf {
    pub(crate) fn new(page: Arc<Page>, index: usize) -> Self {
        Self { page, index }
    }

    /// Borrows the row.
    pub fn as_row(&self) -> Row<'_> {
        let (key, payload) = self.page.row(self.index).unwrap_or_default();
        Row { key, payload }
    }

    /// Returns the row's key. [`KeyRef::decode`] decodes it.
    pub fn key(&self) -> KeyRef<'_> {
        self.as_row().key()
    }

    /// Returns the row's payload as the stored bytes.
    pub fn payload(&self) -> &[u8] {
        self.as_row().payload()
    }

    /// Decodes the row's payload.
    ///
    /// # Errors
    ///
    /// If the bytes are not the encoding of one `T`.
    pub fn decode<'a, T: PayloadDecode<'a>>(&'a self) -> Result<T, DecodeError> {
        self.as_row().decode()
    }
}

impl fmt::Debug for RowBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_row().fmt(f)
    }
}
