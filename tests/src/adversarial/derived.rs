//! About a hundred derived types. Together they cover every feature of the derives, and the combinations of features
//! that are most likely to be wrong.
//!
//! Their order follows from the rules of the documentation alone: a type is its tag and then its fields, each compared
//! by a [`Rule`](rules::Rule).

// Types that one would rather avoid must work, too.
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
