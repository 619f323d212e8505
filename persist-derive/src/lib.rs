//! The derives of [persist-core](https://docs.rs/persist-core), which turn domain types into keys and payloads.
//!
//! Use them through persist-core, which re-exports them next to the traits.
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
//! A struct is encoded as its fields, in the order of their declaration. An enum is encoded as its variant's tag, an `i64`,
//! followed by the variant's fields. The tag is the variant's discriminant unless an attribute sets another.
//!
//! # Attributes
//!
//! Attributes are written `#[key(…)]` for the key derives and `#[payload(…)]` for the payload derives. The
//! [description of the format](https://docs.rs/persist-core/latest/persist_core/guide/encoding/index.html#attributes) states their
//! effect on the bytes.
//!
//! | On | Attribute | Meaning |
//! |---|---|---|
//! | a field of a key | `lex` | text, bytes or a sequence in the order of `Ord`, encoded like `Lex`; also inside `Option`, `Box`, `&` and `Cow` |
//! | a field of a key | `desc` | descending order, encoded like `Reverse` |
//! | a field | `fixed` | a byte array without its length, encoded like `Fixed` |
//! | a field | `with = "Type"` | encoded and decoded by that type's `EncodeWith` and `DecodeWith` |
//! | a field | `skip` | not encoded; decoded as its `Default` |
//! | a last field | `tail` | its type takes all remaining bytes, so nothing may follow the derived type either |
//! | a last field | `delimited` | its type delimits itself, although it is called `Key`, `KeyRef` or `Payload`: see [below](#recursive-types) |
//! | last fields of a payload | `default` | a stored payload may end before the field, which is then decoded as its `Default` |
//! | a variant | `tag = n` | its tag, in keys and payloads alike; it doesn't shift the tags of later variants |
//! | a key type | `ordered` | implements `OrderPreserving`, the claim that the type's `Ord` is the order of its keys; each field is checked |
//! | a type | `crate = "path"` | the path of persist-core, if it was renamed; in a macro, `crate = $crate::path` |
//! | a type | `bound = "T: Trait"` | replaces the bounds that the derive puts on type parameters |
//! | a type | `decode_bound = "T: Trait"` | replaces the bounds in the decode derives, which otherwise use `bound` |
//!
//! An example with most of them:
//!
//! ```
//! use std::cmp::Reverse;
//! use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimitingWith, Sink, Source};
//! use persist_core::{DecodeError, Fixed, Lex};
//! use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode, key, payload};
//!
//! // `ordered`: the type's `Ord` is the order of its keys, so a range of values is a range of keys.
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
//!     // Added later: older stored payloads end before this field.
//!     #[payload(default)]
//!     note: String,
//! }
//!
//! /// Encodes a `u32` in four bytes instead of eight.
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
//! let stored = payload!(0u8, 0u8, 0u8, 50u8); // stored before there were notes
//! assert_eq!(stored.decode::<Reading>()?, Reading { humidity: 50, note: String::new() });
//! # Ok::<(), DecodeError>(())
//! ```
//!
//! # Generic types
//!
//! The derives add bounds to type parameters: each must be encodable or decodable and, unless it occurs only in a last
//! field with `tail` or `default`, must delimit itself. If a field's type is an associated type such as `T::Id`,
//! or needs weaker bounds on its parameter, replace these bounds with `bound` and `decode_bound`. The lifetime of the input
//! cannot be named in them; use `for<'a> KeyDecode<'a>`:
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
//! A type may contain itself in a `Box`, `Vec`, `Option` or map. Values are decoded down to 128 levels
//! (`persist_core::codec::MAX_DEPTH`) of structs and enums.
//!
//! A last field whose type is called `Key`, `KeyRef` or `Payload`, alone or in an `Option` or `Box`, may have persist-core's
//! type of that name, which takes all remaining bytes. The derive lets the compiler find out. For two types that contain each
//! other the compiler can't, and reports "error\[E0275]: overflow evaluating the requirement". In that case, put the
//! attribute `delimited` on one of the fields. It states that the field's type delimits itself, and the compiler checks that:
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
//! A type that contains only itself needs the attribute only if the field names the type by an alias.

mod check;
mod derive;
mod expand;
#[cfg(test)]
mod golden;
mod parse;

use proc_macro::TokenStream;

use crate::parse::format::Format;

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
    derive::encode(item.into(), &Format::KEY).into()
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
    derive::decode(item.into(), &Format::KEY).into()
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
    derive::encode(item.into(), &Format::PAYLOAD).into()
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
    derive::decode(item.into(), &Format::PAYLOAD).into()
}

/// Derives `PartialEq`, `Eq`, `PartialOrd` and `Ord` from the order of the keys, and `OrderPreserving`.
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
/// Two values are equal if their keys are equal, even if they differ in a field with `skip` or in a part that a codec
/// (`with`) doesn't encode. Equal values must have equal hashes, so don't derive `Hash` for such a type; implement it with the
/// key's bytes:
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
    derive::key_ord(item.into()).into()
}
