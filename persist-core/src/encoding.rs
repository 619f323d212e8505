//! Bytes whose order is the order of the values: the lower floor of the crate.
//!
//! It knows nothing of stores. [`KeyEncode`] and [`PayloadEncode`] write into a [`Sink`];
//! [`KeyDecode`] and [`PayloadDecode`] read from a [`Source`]. The format is `docs/encoding.md`.

mod addresses;
mod ascending;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
mod codec;
#[cfg(any(feature = "jiff", feature = "chrono"))]
mod dates;
mod descriptor;
mod duration;
mod error;
mod fixed;
mod fixed_width;
mod flag;
mod frame;
mod hex;
mod infallible;
#[cfg(any(feature = "std", feature = "jiff", feature = "chrono"))]
mod instants;
#[cfg(feature = "jiff")]
mod jiff;
mod joiner;
mod key;
mod key_range;
mod key_ref;
mod key_traits;
#[cfg(feature = "proptest")]
pub mod laws;
mod lex;
mod literal;
mod macros;
mod maps;
mod markers;
mod need;
mod numbers;
mod option;
mod ordering;
mod payload;
mod payload_traits;
mod pointers;
mod ranges;
mod result;
mod reverse;
mod same_in_payloads;
mod sequences;
#[cfg(feature = "serde")]
mod serde;
mod sets;
mod shortlex;
mod sink;
#[cfg(feature = "proptest")]
mod sort_order;
mod source;
#[cfg(feature = "std")]
mod system_time;
mod tags;
mod text;
mod total;
mod tuples;
#[cfg(feature = "uuid")]
mod uuid;
mod wrapping;

pub use codec::{DecodeWith, Descending, EncodeWith, Plain, SelfDelimitingWith};
pub use descriptor::{
    CannotRead, Changes, Describe, Describer, Descriptor, FieldDescriptor, ParseDescriptorError,
    VariantDescriptor, can_read,
};
pub use error::{DecodeError, unknown_tag};
pub use fixed::{ByteArray, Fixed, WithoutLength};
#[cfg(debug_assertions)]
pub use frame::call;
pub use hex::ParseKeyError;
pub use joiner::Joiner;
pub use key::Key;
pub use key_range::KeyRange;
pub use key_ref::KeyRef;
pub use key_traits::{KeyDecode, KeyEncode};
pub use lex::{Lex, LexDecode, LexEncode, LexOrdered, Lexed};
pub use literal::refuse_bare_integer;
pub use markers::{OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey};
pub use need::{
    End, KeyEnd, NotEncoded, NotProbed, NotSame, OrderedField, PayloadEnd, Probe, ProbeLex,
    ProbeWith, Same,
};
pub use payload::Payload;
pub use payload_traits::{PayloadDecode, PayloadEncode};
pub use shortlex::Shortlex;
pub use sink::{Mark, Sink};
#[cfg(feature = "proptest")]
pub use sort_order::{Case, put_to_law};
pub use source::{MAX_DEPTH, Source};
pub use tags::{is_new_tag, tags_sort_as_discriminants};
pub use total::Total;
