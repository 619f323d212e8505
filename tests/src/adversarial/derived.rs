//! About a hundred derived types, between them each thing that a derive has to do and each mixture of such
//! things that is likely to be got wrong.
//!
//! Their order follows from the rules of the documentation alone: a type is its tag and then its fields,
//! each field by a [`Rule`](rules::Rule).

// Shapes that one had better not choose are to work nonetheless.
#![allow(
    clippy::box_collection,
    clippy::large_enum_variant,
    clippy::option_option,
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    clippy::type_complexity
)]

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
