//! The targets of persist, as ratios of its figure to another side's.

use super::case::{BYTE_BY_BYTE, HAND_WRITTEN, LENGTH_PREFIXED, Operation, STOREKEY};
use super::shape::Shape;

/// A target: persist's figure is at most `at_most` times the figure of `side` (for the operation `instead_of`, if the
/// mark compares with another operation).
pub(crate) struct Mark {
    pub(crate) shape: Shape,
    pub(crate) operation: Operation,
    pub(crate) side: &'static str,
    pub(crate) side_operation: Operation,
    pub(crate) at_most: f64,
}

/// Returns the marks on instructions, which `--check` enforces.
pub(crate) fn on_instructions() -> Vec<Mark> {
    let mut marks = Vec::new();
    for (operation, at_most) in [(Operation::Encode, 1.15), (Operation::Decode, 1.05)] {
        marks.extend(Shape::FOUR.map(|shape| mark(shape, operation, HAND_WRITTEN, at_most)));
    }
    marks.push(Mark {
        side: super::case::PERSIST,
        side_operation: Operation::Decode,
        ..mark(Shape::Message, Operation::Borrow, "", 0.5)
    });
    marks
}

/// Returns the marks on time, which are only reported, since times vary.
pub(crate) fn on_time() -> Vec<Mark> {
    let encode = Operation::Encode;
    vec![
        mark(Shape::Message, encode, STOREKEY, 1.0 / 2.5),
        mark(Shape::Pair, encode, STOREKEY, 1.0),
        mark(Shape::Record, encode, STOREKEY, 1.0 / 5.0),
        mark(Shape::Text, encode, STOREKEY, 1.0 / 50.0),
        mark(Shape::LexShort, encode, LENGTH_PREFIXED, 2.2),
        mark(Shape::LexLong, encode, LENGTH_PREFIXED, 2.2),
        mark(Shape::LexZeros, encode, BYTE_BY_BYTE, 1.0),
    ]
}

fn mark(shape: Shape, operation: Operation, side: &'static str, at_most: f64) -> Mark {
    Mark { shape, operation, side, side_operation: operation, at_most }
}
