//! Bytes whose order is the order of the values: the lower floor of the crate.
//!
//! It knows nothing of stores. [`KeyEncode`] and [`PayloadEncode`] write into a [`Sink`];
//! [`KeyDecode`] and [`PayloadDecode`] read from a [`Source`]. The format is `docs/encoding.md`.

mod codec;
mod descriptor;
mod error;
mod fixed;
mod hex;
mod key;
mod key_range;
mod key_ref;
mod lex;
mod literal;
mod macros;
mod need;
mod numbers;
mod option;
mod payload;
mod pointers;
mod reverse;
mod same_in_payloads;
mod sequences;
mod shortlex;
mod sink;
mod source;
mod text;
mod total;
mod traits;
mod tuples;

pub use codec::{DecodeWith, Descending, EncodeWith, Plain, SelfDelimitingWith};
pub use descriptor::{
    CannotRead, Changes, Describe, Describer, Descriptor, FieldDescriptor, ParseDescriptorError,
    VariantDescriptor, can_read,
};
pub use error::{DecodeError, unknown_tag};
pub use fixed::{ByteArray, Fixed, WithoutLength};
pub use hex::ParseKeyError;
pub use key::Key;
pub use key_range::KeyRange;
pub use key_ref::KeyRef;
pub use lex::{Lex, LexDecode, LexEncode, LexOrdered, Lexed};
pub use literal::refuse_bare_integer;
pub use need::{NotProbed, Probe, need_lex_ordered, need_self_delimiting_with};
pub use payload::Payload;
pub use shortlex::Shortlex;
pub use sink::{Mark, Sink};
pub use source::{MAX_DEPTH, Source};
pub use total::Total;
pub use traits::{
    KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode, SelfDelimiting,
    SelfDelimitingPayload, StoreKey,
};
