//! Values chosen to hurt an encoder, and the order that the documentation promises for them.
//!
//! The order here is written from `docs/encoding.md` alone and shares no code with the encoder.

mod addresses;
mod bytes;
mod collections;
mod compounds;
pub mod derived;
mod lexical;
mod long;
mod numbers;
mod pointers;
mod ranges;
mod sequences;
mod shapes;
mod text;
mod times;
mod wrappers;

use std::cmp::Ordering;
use std::fmt::Debug;

use proptest::strategy::BoxedStrategy;

pub use bytes::{Mutation, arbitrary_bytes};
pub use lexical::Lexical;
pub use shapes::{
    Either, Event, Everything, Header, Keyed, Labelled, Marker, Message, Mood, Pair, Retagged,
    Signed, Tree, View, Wrapper,
};

/// A type whose values can be generated to hurt, and whose promised order is known.
pub trait Adversarial: Clone + Debug + 'static {
    /// Values at the edges of the type more often than not.
    fn values() -> BoxedStrategy<Self>;

    /// Sequences of such values: of few, so that one is often the beginning of another.
    fn sequences() -> BoxedStrategy<Vec<Self>> {
        sequences::of_few()
    }

    /// The order of the type's keys, as its documentation has it.
    fn documented_cmp(&self, other: &Self) -> Ordering;
}
