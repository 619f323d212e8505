//! Bytes whose order is the order of the values: the lower floor of the crate.
//!
//! It knows nothing of stores. [`KeyEncode`] and [`PayloadEncode`] write into a [`Sink`];
//! [`KeyDecode`] and [`PayloadDecode`] read from a [`Source`]. The format is `docs/encoding.md`.

mod descriptor;
mod error;
mod hex;
mod key;
mod key_range;
mod key_ref;
mod literal;
mod macros;
mod numbers;
mod option;
mod payload;
mod pointers;
mod sequences;
mod sink;
mod source;
mod text;
mod traits;
mod tuples;

pub use descriptor::{
    CannotRead, Changes, Describe, Describer, Descriptor, FieldDescriptor, ParseDescriptorError,
    VariantDescriptor, can_read,
};
pub use error::{DecodeError, unknown_tag};
pub use hex::ParseKeyError;
pub use key::Key;
pub use key_range::KeyRange;
pub use key_ref::KeyRef;
pub use literal::refuse_bare_integer;
pub use payload::Payload;
pub use sink::{Mark, Sink};
pub use source::{MAX_DEPTH, Source};
pub use traits::{
    KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode, SelfDelimiting,
    SelfDelimitingPayload, StoreKey, need_self_delimiting_key, need_self_delimiting_payload,
};
