//! The encoding: values as bytes whose order is the order of the values. It is the lower layer of the crate.
//!
//! Nothing in it depends on the store. [`KeyEncode`] and [`PayloadEncode`] write into a [`Sink`];
//! [`KeyDecode`] and [`PayloadDecode`] read from a [`Source`]. `guide/encoding.md` describes the format.
//!
//! The modules, lowest first: `base` reads and writes bytes; `descriptor` has the shapes of types; `model` has keys, payloads and
//! their traits; `lex` has the order of `Ord`. Above these, `numbers`, `text`, `addresses`, `collections`, `compounds`,
//! `wrappers`, `time` and `foreign` implement the traits. `fields` has prefixes and ranges of the fields of keys. `macros` and `testing` are for the crate's macros.

mod addresses;
mod base;
mod collections;
mod compounds;
mod descriptor;
mod fields;
mod foreign;
mod lex;
mod macros;
mod model;
mod numbers;
#[cfg(feature = "proptest")]
mod testing;
mod text;
mod time;
mod wrappers;

pub use base::error::DecodeError;
pub use base::hex::ParseKeyError;
pub use base::joiner::Joiner;
pub use base::sink::{Mark, Sink};
pub use base::source::{MAX_DEPTH, Source};
pub use base::tags::unknown_tag;
pub use descriptor::can_read::can_read;
pub use descriptor::can_read::outcome::{CannotRead, Changes};
pub use descriptor::describer::{Describe, Describer};
pub use descriptor::parse::error::ParseDescriptorError;
pub use descriptor::shape::{Descriptor, FieldDescriptor, VariantDescriptor};
pub use fields::argument::{Argument, Beginning, OrderedBy, Ranged, Whole};
pub use fields::field::{KeyField, KeyFields};
pub use fields::prefix::{KeyArgument, KeyPrefix, Next, Prefix, Prefixed};
pub use fields::range::FieldRange;
pub use lex::traits::{LexDecode, LexEncode, LexOrdered};
pub use lex::wrapper::{Lex, Lexed};
pub use macros::bare_integer::refuse_bare_integer;
#[cfg(debug_assertions)]
pub use macros::frame::call;
pub use macros::probe::{
    End, KeyEnd, NotEncoded, NotProbed, NotSame, OrderedField, PayloadEnd, Probe, ProbeLex,
    ProbeWith, Same,
};
pub use macros::tag_checks::{is_new_tag, tags_sort_as_discriminants};
pub use model::codec::{DecodeWith, Descending, EncodeWith, Plain, SelfDelimitingWith};
pub use model::key::Key;
pub use model::key_range::KeyRange;
pub use model::key_ref::KeyRef;
pub use model::key_traits::{KeyDecode, KeyEncode};
pub use model::markers::{OrderPreserving, SelfDelimiting, SelfDelimitingPayload, StoreKey};
pub use model::payload::Payload;
pub use model::payload_traits::{PayloadDecode, PayloadEncode};
pub use numbers::total::Total;
#[cfg(feature = "proptest")]
pub use testing::laws;
#[cfg(feature = "proptest")]
pub use testing::sort_order::{Case, put_to_law};
pub use wrappers::fixed::{ByteArray, Fixed, WithoutLength};
pub use wrappers::shortlex::Shortlex;
