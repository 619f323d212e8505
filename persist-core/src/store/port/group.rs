//! Groups of batches: the unit that a backend commits.

use std::ops::Range;

use crate::store::base::bounds::Span;
use crate::store::base::op::Op;

/// A group: batches that are committed together, in one arena of bytes.
///
/// ```
/// use persist_core::port::{Group, Op};
///
/// let mut group = Group::default();
/// group.push(&[Op::Put { category: b"c", key: b"k", payload: b"p" }]);
/// group.push(&[Op::Delete { category: b"c", key: b"k" }]);
/// assert_eq!(group.len(), 2);
/// for batch in group.batches() {
///     assert_eq!(batch.ops().count(), 1);
/// }
/// ```
#[derive(Debug, Default)]
pub struct Group {
    bytes: Vec<u8>,
    ops: Vec<OpSpan>,
    /// For each batch, the end of its operations in `ops`.
    ends: Vec<usize>,
}

#[derive(Clone, Debug)]
struct OpSpan {
    kind: Kind,
    category: Range<usize>,
    key: Range<usize>,
    payload: Range<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Put,
    Delete,
    DeletePrefix,
    /// Deletes a range with an open end.
    DeleteFrom,
    /// Deletes a range with a stop, which takes the place of the payload.
    DeleteBetween,
}

impl Group {
    /// Appends a batch.
    pub fn push(&mut self, batch: &[Op<'_>]) {
        for op in batch {
            let kind = match op {
                Op::Put { .. } => Kind::Put,
                Op::Delete { .. } => Kind::Delete,
                Op::DeletePrefix { .. } => Kind::DeletePrefix,
                Op::DeleteRange { span: Span { stop: None, .. }, .. } => Kind::DeleteFrom,
                Op::DeleteRange { .. } => Kind::DeleteBetween,
            };
            let [category, key, payload] = op.parts().map(|part| self.keep(part));
            self.ops.push(OpSpan { kind, category, key, payload });
        }
        self.ends.push(self.ops.len());
    }

    /// Returns the number of batches.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there are no batches.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the batches, in order.
    pub fn batches(&self) -> impl ExactSizeIterator<Item = Batch<'_>> {
        self.ends.iter().enumerate().map(|(index, &end)| {
            let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
            Batch { bytes: &self.bytes, ops: &self.ops[start..end] }
        })
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }
}

/// A batch: operations that are applied whole or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    bytes: &'a [u8],
    ops: &'a [OpSpan],
}

impl<'a> Batch<'a> {
    /// Returns the operations, in order.
    pub fn ops(&self) -> impl ExactSizeIterator<Item = Op<'a>> + use<'a> {
        let bytes = self.bytes;
        self.ops.iter().map(move |op| {
            let category = &bytes[op.category.clone()];
            let key = &bytes[op.key.clone()];
            match op.kind {
                Kind::Put => Op::Put { category, key, payload: &bytes[op.payload.clone()] },
                Kind::Delete => Op::Delete { category, key },
                Kind::DeletePrefix => Op::DeletePrefix { category, prefix: key },
                Kind::DeleteFrom => {
                    Op::DeleteRange { category, span: Span { start: key, stop: None } }
                }
                Kind::DeleteBetween => {
                    let stop = Some(&bytes[op.payload.clone()]);
                    Op::DeleteRange { category, span: Span { start: key, stop } }
                }
            }
        })
    }
}
