//! The derives of [persist-core](https://docs.rs/persist-core): keys and payloads from domain types.
//!
//! Use them through that crate, which re-exports them beside the traits.
//!
//! ```
//! use persist_core::{KeyDecode, KeyEncode, key};
//!
//! #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
//! struct MessageKey { channel: String, epoch: i64, mood: Mood }
//!
//! #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
//! enum Mood { Calm, Happy { since: i64 }, #[key(tag = 7)] Angry }
//!
//! let k = MessageKey { channel: "general".into(), epoch: -1, mood: Mood::Happy { since: 5 } };
//! assert_eq!(k.to_key(), key!("general", -1i64, 1i64, 5i64));
//! assert_eq!(k.to_key().decode::<MessageKey>()?, k);
//! # Ok::<(), persist_core::DecodeError>(())
//! ```
//!
//! A struct is its fields in the order of their declaration. An enum is its variant's tag, as an `i64`, and
//! then the variant's fields. The tag is the variant's discriminant unless an attribute says otherwise.
//!
//! # Attributes
//!
//! They are written `#[key(…)]` for the key derives and `#[payload(…)]` for the payload derives. What they make of the
//! bytes is in `docs/encoding.md`.
//!
//! | On | Attribute | Meaning |
//! |---|---|---|
//! | a field of a key | `lex` | text, bytes or a sequence in the order of `Ord`, as `Lex` writes it; also within `Option`, `Box`, `&` and `Cow` |
//! | a field of a key | `desc` | in descending order, as `Reverse` writes it |
//! | a field | `fixed` | a byte array without its length, as `Fixed` writes it |
//! | a field | `with = "Type"` | written and read by that type's `EncodeWith` and `DecodeWith` |
//! | a field | `skip` | not written; read as its `Default` |
//! | a last field | `tail` | its type takes all that is left, so nothing may follow this type either |
//! | a last field | `delimited` | its type delimits itself, although it is called `Key`, `KeyRef` or `Payload`: see [below](#recursive-types) |
//! | last fields of a payload | `default` | a stored payload may end before it, and it is read as its `Default` then |
//! | a variant | `tag = n` | its tag, for keys and payloads alike; it doesn't shift the tags that follow |
//! | a key type | `ordered` | claims `OrderPreserving`: that its `Ord` is the order of its keys; each field is checked |
//! | a type | `crate = "path"` | where persist-core is, if it was renamed; in a macro, `crate = $crate::path` |
//! | a type | `bound = "T: Trait"` | replaces the bounds that the derive puts on type parameters |
//! | a type | `decode_bound = "T: Trait"` | the same for the decode derives, which otherwise take `bound` |
//!
//! Most of them at once:
//!
//! ```
//! use std::cmp::Reverse;
//! use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
//! use persist_core::{DecodeError, Fixed, Lex};
//! use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, key, payload};
//!
//! // `ordered`: its `Ord` is the order of its keys, so that ranges of it may be scanned.
//! #[derive(KeyEncode, KeyDecode, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
//! #[key(ordered)]
//! struct Room {
//!     #[key(lex)]
//!     name: String,
//!     #[key(fixed)]
//!     building: [u8; 4],
//!     kind: Kind,
//! }
//!
//! #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
//! #[key(ordered)]
//! enum Kind {
//!     #[key(tag = 10)]
//!     Office,
//!     #[key(tag = 20)]
//!     Hall { seats: u16 },
//! }
//!
//! // A room's newest readings come first.
//! #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
//! struct ReadingKey {
//!     room: Room,
//!     #[key(desc)]
//!     time: i64,
//!     #[key(skip)]
//!     label: Option<String>,
//! }
//!
//! #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
//! struct Reading {
//!     #[payload(with = "Narrow")]
//!     humidity: u32,
//!     // It came later: what was stored before ends without it.
//!     #[payload(default)]
//!     note: String,
//! }
//!
//! /// A number in its own four bytes, and not in eight.
//! struct Narrow;
//! impl EncodeWith<u32> for Narrow {
//!     fn encode(value: &u32, sink: &mut Sink<'_>) {
//!         sink.write(&value.to_be_bytes());
//!     }
//! }
//! impl DecodeWith<'_, u32> for Narrow {
//!     fn decode(source: &mut Source<'_>) -> Result<u32, DecodeError> {
//!         Ok(u32::from_be_bytes(source.array("a number in four bytes")?))
//!     }
//! }
//! impl SelfDelimitingWith<u32> for Narrow {} // always four bytes
//!
//! let room = Room { name: "aa".into(), building: *b"main", kind: Kind::Hall { seats: 80 } };
//! let k = ReadingKey { room: room.clone(), time: 7, label: None };
//! assert_eq!(k.to_key(), key!(Lex("aa"), Fixed(*b"main"), 20i64, 80u16, Reverse(7i64)));
//! assert_eq!(k.to_key().decode::<ReadingKey>()?, k);
//!
//! let later = ReadingKey { room: room.clone(), time: 8, label: Some("not written".into()) };
//! assert!(later.to_key() < k.to_key());
//! let other = Room { name: "b".into(), ..room.clone() };
//! assert!(room < other && room.to_key() < other.to_key());
//!
//! let stored = payload!(0u8, 0u8, 0u8, 50u8); // from before there were notes
//! assert_eq!(stored.decode::<Reading>()?, Reading { humidity: 50, note: String::new() });
//! # Ok::<(), DecodeError>(())
//! ```
//!
//! # Generic types
//!
//! The derives put their bounds on type parameters: that they can be encoded or decoded and, unless they stand only in a last
//! field with `tail` or `default`, that they delimit themselves. If the type of a field is an associated type such as `T::Id`,
//! or one that asks less of its parameter, `bound` and `decode_bound` replace these bounds. The lifetime of the input has no
//! name here, so the decoded type must be decodable from any lifetime:
//!
//! ```
//! use persist_core::codec::SelfDelimiting;
//! use persist_core::{KeyDecode, KeyEncode};
//!
//! trait Table { type Id; }
//!
//! #[derive(KeyEncode, KeyDecode)]
//! #[key(bound = "T::Id: KeyEncode + SelfDelimiting", decode_bound = "T::Id: for<'a> KeyDecode<'a>")]
//! struct RowKey<T: Table> { id: T::Id }
//!
//! struct Users;
//! impl Table for Users { type Id = u64; }
//!
//! let k = RowKey::<Users> { id: 7 };
//! assert_eq!(k.to_key().decode::<RowKey<Users>>()?.id, 7);
//! # Ok::<(), persist_core::DecodeError>(())
//! ```
//!
//! # Recursive types
//!
//! A type may contain itself in a `Box`, `Vec`, `Option` or map. Up to 128 levels (`persist_core::codec::MAX_DEPTH`) of structs and enums
//! are decoded.
//!
//! A last field that is called `Key`, `KeyRef` or `Payload`, alone or in an `Option` or `Box`, may be persist-core's type of that
//! name, which takes all that is left. The derive asks the compiler whether it does, and that question has no end for two
//! types that contain each other: "error\[E0275]: overflow evaluating the requirement". The attribute `delimited` on one
//! of the fields answers it. The compiler checks the answer:
//!
//! ```
//! use persist_core::{PayloadDecode, PayloadEncode};
//!
//! #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
//! enum Payload { Of(#[payload(delimited)] Box<Key>) }
//!
//! #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
//! struct Key { value: Option<Box<Payload>> }
//!
//! let key = Key { value: Some(Box::new(Payload::Of(Box::new(Key { value: None })))) };
//! assert_eq!(key.to_payload().decode::<Key>()?, key);
//! # Ok::<(), persist_core::DecodeError>(())
//! ```
//!
//! A type that contains only itself needs no attribute, except if the field names it by an alias.

mod attributes;
mod borrowing;
mod check;
mod compare;
mod decode;
mod delimiting;
mod describe;
mod encode;
mod expansion;
mod field;
mod format;
mod generics;
mod given_tag;
#[cfg(test)]
mod golden;
mod input;
mod item;
mod lint;
mod names;
mod need;
mod order;
mod repr;
mod span;
mod tags;
mod way;

use format::Format;
use proc_macro::TokenStream;

/// Derives `KeyEncode`, `StoreKey` and, unless the type ends in an open part, `SelfDelimiting`.
///
/// ```
/// use persist_core::{KeyEncode, key};
///
/// #[derive(KeyEncode)]
/// struct MessageKey { channel: String, epoch: i64 }
///
/// let k = MessageKey { channel: "general".into(), epoch: -1 };
/// assert_eq!(k.to_key(), key!("general", -1i64));
/// ```
#[proc_macro_derive(KeyEncode, attributes(key, payload))]
pub fn key_encode(item: TokenStream) -> TokenStream {
    expansion::encode(item.into(), &Format::KEY).into()
}

/// Derives `KeyDecode`. Fields may borrow from the key.
///
/// ```
/// use persist_core::{KeyDecode, key};
///
/// #[derive(KeyDecode)]
/// struct MessageKey<'a> { channel: &'a str, epoch: i64 }
///
/// let stored = key!("general", -1i64);
/// let k: MessageKey<'_> = stored.decode()?;
/// assert_eq!((k.channel, k.epoch), ("general", -1));
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[proc_macro_derive(KeyDecode, attributes(key, payload))]
pub fn key_decode(item: TokenStream) -> TokenStream {
    expansion::decode(item.into(), &Format::KEY).into()
}

/// Derives `PayloadEncode` and, unless the type ends in an open part, `SelfDelimitingPayload`.
///
/// ```
/// use persist_core::{PayloadEncode, payload};
///
/// #[derive(PayloadEncode)]
/// struct Message { sender: String, body: Vec<u8> }
///
/// let message = Message { sender: "ann".into(), body: vec![1, 2] };
/// assert_eq!(message.to_payload(), payload!("ann", [1u8, 2]));
/// ```
#[proc_macro_derive(PayloadEncode, attributes(key, payload))]
pub fn payload_encode(item: TokenStream) -> TokenStream {
    expansion::encode(item.into(), &Format::PAYLOAD).into()
}

/// Derives `PayloadDecode`. Fields may borrow from the payload.
///
/// ```
/// use persist_core::{PayloadDecode, payload};
///
/// #[derive(PayloadDecode)]
/// struct Message<'a> { sender: &'a str, body: &'a [u8] }
///
/// let stored = payload!("ann", [1u8, 2]);
/// let message: Message<'_> = stored.decode()?;
/// assert_eq!((message.sender, message.body), ("ann", &[1, 2][..]));
/// # Ok::<(), persist_core::DecodeError>(())
/// ```
#[proc_macro_derive(PayloadDecode, attributes(key, payload))]
pub fn payload_decode(item: TokenStream) -> TokenStream {
    expansion::decode(item.into(), &Format::PAYLOAD).into()
}

/// Derives `PartialEq`, `Eq`, `PartialOrd` and `Ord` from the order of the keys, and with them `OrderPreserving`.
///
///
/// ```
/// use persist_core::{KeyEncode, KeyOrd};
///
/// #[derive(KeyEncode, KeyOrd)]
/// struct Place { name: String, height: f64 }
///
/// let place = |name: &str, height| Place { name: name.into(), height };
/// assert!(place("b", 0.0) < place("aa", 0.0)); // shorter text first
/// assert!(place("b", -0.0) < place("b", 0.0));
/// ```
///
/// Two values are equal if their keys are, also where they differ in a field with `skip`, or in what a codec (`with`)
/// doesn't write. Equal values must have equal hashes, so don't derive `Hash` beside these: write it from the key's bytes.
///
/// ```
/// use std::hash::{Hash, Hasher};
/// use persist_core::{KeyEncode, KeyOrd};
///
/// #[derive(KeyEncode, KeyOrd)]
/// struct Place { name: String, #[key(skip)] visits: u64 }
///
/// impl Hash for Place {
///     fn hash<H: Hasher>(&self, state: &mut H) { self.to_key().hash(state); }
/// }
/// ```
#[proc_macro_derive(KeyOrd, attributes(key, payload))]
pub fn key_ord(item: TokenStream) -> TokenStream {
    expansion::key_ord(item.into()).into()
}
