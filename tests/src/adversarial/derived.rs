//! Some eighty derived types, between them each thing that a derive has to do and each mixture of such
//! things that is likely to be got wrong.
//!
//! Their order follows from the rules of the documentation alone: a type is its tag and then its fields,
//! each field by a [`Rule`](rules::Rule).

pub mod borrowing;
pub mod codecs;
pub mod containers;
pub mod descending;
pub mod enums;
pub mod fixed;
pub mod generics;
pub mod growing;
pub mod lexical;
pub mod ordered;
pub mod places;
pub mod recursive;
pub mod rules;
pub mod runs;
mod shape;
pub mod skipped;
pub mod structs;
pub mod tails;
pub mod wrapped;
