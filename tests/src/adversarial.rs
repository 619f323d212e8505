//! Values that are likely to reveal bugs of an encoder, and the order that the documentation promises for them.
//!
//! The order here follows `persist-core/src/guide/encoding.md` alone and shares no code with the encoder.

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

/// A type with a generator of difficult values and a documented order.
pub trait Adversarial: Clone + Debug + 'static {
    /// Returns values that are often at the edges of the type.
    fn values() -> BoxedStrategy<Self>;

    /// Returns sequences of a few different values, so that one sequence is often the beginning of another.
    fn sequences() -> BoxedStrategy<Vec<Self>> {
        sequences::of_few()
    }

    /// Compares two values by the documented order of the type's keys.
    fn documented_cmp(&self, other: &Self) -> Ordering;
}
