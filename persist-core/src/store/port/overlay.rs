//! Transactions over a snapshot, for backends without transactions of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;

use crate::encoding::{Key, KeyRange};
use crate::store::base::bounds::Span;
use crate::store::base::bounds::sealed::SpanBuf;
use crate::store::base::category::{Category, Space};
use crate::store::base::error::Error;
use crate::store::base::op::Op;
use crate::store::port::group::Group;
use crate::store::port::page::{PAGE_BYTES, PAGE_ROWS, Page};
use crate::store::port::read::{PageRequest, Snapshot};
use crate::store::port::stop::Stop;
use crate::store::port::write::WriteTransaction;

/// A transaction that writes into memory, over a snapshot that it reads. Nothing reaches the backend before the transaction has
/// succeeded: then its writes are one batch.
pub(crate) struct Overlay<'a> {
    base: &'a mut (dyn Snapshot + Send),
    /// The keys that the transaction has written, by category. `None` is a removed row.
    written: BTreeMap<(Space, Vec<u8>), Keys>,
    /// The operations, in order, as one batch.
    group: Group,
    /// The sum of the lengths of all categories, keys and payloads in `group`, and its limit.
    bytes: usize,
    limit: usize,
    /// The error of the first write that failed.
    failed: Option<Error>,
}

type Keys = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

impl<'a> Overlay<'a> {
    /// `limit` is the maximum size of all writes together, in bytes.
    pub(crate) fn new(base: &'a mut (dyn Snapshot + Send), limit: usize) -> Self {
        Self {
            base,
            written: BTreeMap::new(),
            group: Group::planned(&[]),
            bytes: 0,
            limit,
            failed: None,
        }
    }

    /// Returns the writes as a group of one batch, or `None` if there are none.
    ///
    /// # Errors
    ///
    /// The error of the first write that failed.
    pub(crate) fn into_group(self) -> Result<Option<Group>, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        Ok((!self.is_unwritten()).then_some(self.group))
    }

    fn is_unwritten(&self) -> bool {
        self.group.batches().all(|batch| batch.ops().len() == 0)
    }

    fn write(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        self.bytes += op.parts().map(<[u8]>::len).iter().sum::<usize>();
        if self.bytes > self.limit {
            return Err(Error::invalid_argument(format!(
                "a transaction writes more than the backend's limit for a batch, {} bytes: split it",
                self.limit
            )));
        }
        let removed = self.note(op)?;
        self.group.extend_last(op);
        Ok(removed)
    }

    /// Notes which rows an operation writes, and returns the number of those that it removes.
    fn note(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        match *op {
            Op::Put { category, key, payload } => {
                self.keys_of(category).insert(key.to_vec(), Some(payload.to_vec()));
                Ok(0)
            }
            Op::Delete { category, key } => {
                let existed = self.exists(category, key)?;
                self.keys_of(category).insert(key.to_vec(), None);
                Ok(u64::from(existed))
            }
            Op::DeletePrefix { category, prefix } => {
                let prefix = Key::from_bytes(prefix);
                let stop = KeyRange::prefix(&prefix).stop().cloned();
                self.remove(category, SpanBuf { start: prefix, stop })
            }
            Op::DeleteRange { category, span: Span { start, stop } } => {
                let (start, stop) = (Key::from_bytes(start), stop.map(Key::from_bytes));
                self.remove(category, SpanBuf { start, stop })
            }
        }
    }

    fn keys_of(&mut self, category: Category<'_>) -> &mut Keys {
        self.written.entry((category.space, category.name.to_vec())).or_default()
    }

    fn written_keys(&self, category: Category<'_>) -> Option<&Keys> {
        // A key of the map is owned, so a lookup would need an owned one. There are few categories in a transaction.
        self.written
            .iter()
            .find(|((space, name), _)| *space == category.space && name == category.name)
            .map(|(_, keys)| keys)
    }

    /// Marks the rows of a span as removed, and returns their number.
    fn remove(&mut self, category: Category<'_>, mut span: SpanBuf) -> Result<u64, Error> {
        let mut removed = 0;
        loop {
            let request = PageRequest {
                category,
                span: span.as_span(),
                reverse: false,
                keys_only: true,
                rows: PAGE_ROWS,
                bytes: PAGE_BYTES,
                stop: &Stop::default(),
            };
            let mut page = Page::default();
            let more = self.page(&request, &mut page)?;
            for (key, _) in page.rows() {
                self.keys_of(category).insert(key.to_vec(), None);
                removed += 1;
            }
            match page.last_key() {
                Some(last) if more => span.narrow_behind(last, false),
                _ => return Ok(removed),
            }
        }
    }

    /// Returns the written keys of a span, in the direction of a read.
    fn written_in(
        &self,
        category: Category<'_>,
        span: Span<'_>,
        reverse: bool,
    ) -> Vec<Written<'_>> {
        let Some(keys) = self.written_keys(category).filter(|_| !span.is_empty()) else {
            return Vec::new();
        };
        let stop = span.stop.map_or(Bound::Unbounded, Bound::Excluded);
        let range = keys.range::<[u8], _>((Bound::Included(span.start), stop));
        let range = range.map(|(key, payload)| (&key[..], payload.as_deref()));
        if reverse { range.rev().collect() } else { range.collect() }
    }
}

/// A written key, and its payload unless it was removed.
type Written<'a> = (&'a [u8], Option<&'a [u8]>);

impl WriteTransaction for Overlay<'_> {
    fn apply(&mut self, op: &Op<'_>) -> Result<u64, Error> {
        let written = self.write(op);
        if let Err(error) = &written {
            self.failed.get_or_insert_with(|| error.clone());
        }
        written
    }
}

impl Snapshot for Overlay<'_> {
    fn get(&mut self, category: Category<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match self.written_keys(category).and_then(|keys| keys.get(key)) {
            Some(written) => Ok(written.clone()),
            None => self.base.get(category, key),
        }
    }

    fn exists(&mut self, category: Category<'_>, key: &[u8]) -> Result<bool, Error> {
        match self.written_keys(category).and_then(|keys| keys.get(key)) {
            Some(written) => Ok(written.is_some()),
            None => self.base.exists(category, key),
        }
    }

    fn count(&mut self, category: Category<'_>, span: Span<'_>, stop: &Stop) -> Result<u64, Error> {
        if span.is_empty() {
            return Ok(0);
        }
        let written = self.written_in(category, span, false);
        let written: Vec<(Vec<u8>, bool)> =
            written.iter().map(|(key, payload)| (key.to_vec(), payload.is_some())).collect();
        let mut count = self.base.count(category, span, stop)?;
        for (key, exists) in written {
            match (self.base.exists(category, &key)?, exists) {
                (true, false) => count -= 1,
                (false, true) => count += 1,
                (true, true) | (false, false) => {}
            }
        }
        Ok(count)
    }

    fn categories(&mut self, space: Space) -> Result<Vec<Vec<u8>>, Error> {
        let mut categories: BTreeSet<Vec<u8>> = self.base.categories(space)?.into_iter().collect();
        let written = self.written.keys().filter(|(written, _)| *written == space);
        let written: Vec<Vec<u8>> = written.map(|(_, name)| name.clone()).collect();
        for name in written {
            let request = PageRequest {
                category: Category { space, name: &name },
                span: Span { start: b"", stop: None },
                reverse: false,
                keys_only: true,
                rows: 1,
                bytes: 1,
                stop: &Stop::default(),
            };
            let mut page = Page::default();
            self.page(&request, &mut page)?;
            if page.is_empty() {
                categories.remove(&name);
            } else {
                categories.insert(name);
            }
        }
        Ok(categories.into_iter().collect())
    }

    /// Reads pages of the snapshot, and merges the written keys into each of them.
    fn page(&mut self, request: &PageRequest<'_>, page: &mut Page) -> Result<bool, Error> {
        let PageRequest { category, reverse, keys_only, .. } = *request;
        let stop = request.span.stop.map(Key::from_bytes);
        let mut span = SpanBuf { start: Key::from_bytes(request.span.start), stop };
        let (first, before) = (page.len(), page.bytes());
        loop {
            let mut below = Page::default();
            let of_base = PageRequest { span: span.as_span(), ..*request };
            let more = !of_base.span.is_empty() && self.base.page(&of_base, &mut below)?;
            // Up to this key, the rows of the snapshot are known. Without it, all of them are.
            let known = below.last_key().filter(|_| more);
            let reached = |key: &[u8]| {
                known.is_none_or(|known| if reverse { key >= known } else { key <= known })
            };
            let written = self.written_in(category, span.as_span(), reverse);
            let mut written = written.into_iter().take_while(|(key, _)| reached(key)).peekable();
            let mut rows = below.rows().peekable();
            loop {
                let is_written_first = match (written.peek(), rows.peek()) {
                    (None, None) => break,
                    (Some(_), None) => true,
                    (None, Some(_)) => false,
                    (Some((written, _)), Some((row, _))) => {
                        if reverse {
                            written >= row
                        } else {
                            written <= row
                        }
                    }
                };
                let row = if is_written_first {
                    let Some((key, payload)) = written.next() else { break };
                    // A written key replaces the row of the snapshot.
                    rows.next_if(|(row, _)| *row == key);
                    payload.map(|payload| (key, payload))
                } else {
                    rows.next()
                };
                if let Some((key, payload)) = row {
                    page.push(key, if keys_only { b"" } else { payload });
                    if page.len() - first >= request.rows || page.bytes() - before >= request.bytes
                    {
                        return Ok(true);
                    }
                }
            }
            match known {
                Some(known) => span.narrow_behind(known, reverse),
                None => return Ok(false),
            }
        }
    }
}

impl fmt::Debug for Overlay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Overlay({} bytes)", self.bytes)
    }
}
