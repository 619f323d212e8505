//! Groups of batches: the unit that a backend commits.

use std::ops::Range;

use crate::store::base::bounds::Span;
use crate::store::base::category::{Category, Space};
use crate::store::base::op::Op;

/// A group: batches that are committed together, in one arena of bytes.
///
/// ```
/// use persist_core::port::{Category, Group, Op};
///
/// let mut group = Group::default();
/// let category = Category::user(b"c");
/// group.push(&[Op::Put { category, key: b"k", payload: b"p" }]);
/// group.push(&[Op::Delete { category, key: b"k" }]);
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
    is_planned: bool,
}

#[derive(Clone, Debug)]
struct OpSpan {
    kind: Kind,
    space: Space,
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
    /// Returns a [planned](Self::is_planned) group of one batch: the engine makes such groups, and tests of a backend.
    pub fn planned(batch: &[Op<'_>]) -> Self {
        let mut group = Self { is_planned: true, ..Self::default() };
        group.push(batch);
        group
    }

    /// Appends a batch.
    pub fn push(&mut self, batch: &[Op<'_>]) {
        for op in batch {
            self.push_op(op);
        }
        self.ends.push(self.ops.len());
    }

    /// Appends an operation to the last batch.
    pub(crate) fn extend_last(&mut self, op: &Op<'_>) {
        self.push_op(op);
        if let Some(end) = self.ends.last_mut() {
            *end = self.ops.len();
        }
    }

    fn push_op(&mut self, op: &Op<'_>) {
        let kind = match op {
            Op::Put { .. } => Kind::Put,
            Op::Delete { .. } => Kind::Delete,
            Op::DeletePrefix { .. } => Kind::DeletePrefix,
            Op::DeleteRange { span: Span { stop: None, .. }, .. } => Kind::DeleteFrom,
            Op::DeleteRange { .. } => Kind::DeleteBetween,
        };
        let space = op.category().space;
        let [category, key, payload] = op.parts().map(|part| self.keep(part));
        self.ops.push(OpSpan { kind, space, category, key, payload });
    }

    /// Returns whether the engine has planned the group: if the job has system rows, the group contains those that depend on its other
    /// rows. [`Writer::commit`](super::Writer::commit) says what that means for a backend.
    pub fn is_planned(&self) -> bool {
        self.is_planned
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
            let category = Category { space: op.space, name: &bytes[op.category.clone()] };
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
