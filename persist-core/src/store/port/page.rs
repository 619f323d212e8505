//! Pages: the form in which a backend returns rows.

use std::ops::Range;

/// The most rows and bytes that the engine asks for at once.
pub(crate) const PAGE_ROWS: usize = 1_000;
pub(crate) const PAGE_BYTES: usize = 1 << 20;

/// A page of rows, in one arena of bytes.
///
/// A backend appends rows to the page; a reader borrows keys and payloads from it.
///
/// ```
/// use persist_core::port::Page;
///
/// let mut page = Page::default();
/// page.push(b"key", b"payload");
/// assert_eq!(page.row(0), Some((&b"key"[..], &b"payload"[..])));
/// assert_eq!(page.row(1), None);
/// assert_eq!(page.rows().count(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Page {
    bytes: Vec<u8>,
    /// For each row, the end of its key and the end of its payload in `bytes`.
    ends: Vec<(usize, usize)>,
}

impl Page {
    /// Appends a row.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) {
        self.bytes.extend_from_slice(key);
        let key_end = self.bytes.len();
        self.bytes.extend_from_slice(payload);
        self.ends.push((key_end, self.bytes.len()));
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the size of all keys and payloads, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the key and the payload of the row at `index`, or `None` if there is no such row.
    pub fn row(&self, index: usize) -> Option<(&[u8], &[u8])> {
        let (key, payload) = self.spans(index)?;
        Some((&self.bytes[key], &self.bytes[payload]))
    }

    /// Returns the keys and the payloads of all rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        (0..self.len()).filter_map(|index| self.row(index))
    }

    /// Returns the key of the last row, or `None` if the page is empty.
    pub fn last_key(&self) -> Option<&[u8]> {
        let (key, _) = self.row(self.len().checked_sub(1)?)?;
        Some(key)
    }

    fn spans(&self, index: usize) -> Option<(Range<usize>, Range<usize>)> {
        let &(key_end, payload_end) = self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Some((start..key_end, key_end..payload_end))
    }
}
