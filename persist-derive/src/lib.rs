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
//! They are written `#[key(…)]` for the key derives and `#[payload(…)]` for the payload derives.
//!
//! | On | Attribute | Meaning |
//! |---|---|---|
//! | a field of a key | `lex` | text, bytes or a sequence in the order of `Ord`, as `Lex` writes it; also within `Option`, `Box`, `&` and `Cow` |
//! | a field of a key | `desc` | in descending order, as `Reverse` writes it |
//! | a field | `fixed` | a byte array without its length, as `Fixed` writes it |
//! | a field | `with = "Type"` | written and read by that type's `EncodeWith` and `DecodeWith` |
//! | a field | `skip` | not written; read as its `Default` |
//! | a last field | `tail` | its type takes all that is left, so nothing may follow this type either |
//! | last fields of a payload | `default` | a stored payload may end before it, and it is read as its `Default` then |
//! | a variant | `tag = n` | its tag, for keys and payloads alike; it doesn't shift the tags that follow |
//! | a key type | `ordered` | claims `OrderPreserving`: that its `Ord` is the order of its keys; each field is checked |
//! | a type | `crate = "path"` | where persist-core is, if it was renamed |
//! | a type | `bound = "T: Trait"` | replaces the bounds that the derive puts on type parameters |

mod attributes;
mod check;
mod decode;
mod delimiting;
mod describe;
mod encode;
mod expansion;
mod field;
mod format;
mod generics;
#[cfg(test)]
mod golden;
mod input;
mod need;
mod order;
mod span;
mod tags;
mod way;

use format::Format;
use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Derives `KeyEncode`, `StoreKey` and, unless the type ends in an open part, `SelfDelimiting`.
#[proc_macro_derive(KeyEncode, attributes(key, payload))]
pub fn key_encode(item: TokenStream) -> TokenStream {
    expansion::encode(parse_macro_input!(item), &Format::KEY).into()
}

/// Derives `KeyDecode`.
#[proc_macro_derive(KeyDecode, attributes(key, payload))]
pub fn key_decode(item: TokenStream) -> TokenStream {
    expansion::decode(parse_macro_input!(item), &Format::KEY).into()
}

/// Derives `PayloadEncode` and, unless the type ends in an open part, `SelfDelimitingPayload`.
#[proc_macro_derive(PayloadEncode, attributes(key, payload))]
pub fn payload_encode(item: TokenStream) -> TokenStream {
    expansion::encode(parse_macro_input!(item), &Format::PAYLOAD).into()
}

/// Derives `PayloadDecode`.
#[proc_macro_derive(PayloadDecode, attributes(key, payload))]
pub fn payload_decode(item: TokenStream) -> TokenStream {
    expansion::decode(parse_macro_input!(item), &Format::PAYLOAD).into()
}

/// Derives `PartialEq`, `Eq`, `PartialOrd` and `Ord` from the order of the keys, and with them `OrderPreserving`.
#[proc_macro_derive(KeyOrd, attributes(key, payload))]
pub fn key_ord(item: TokenStream) -> TokenStream {
    expansion::key_ord(parse_macro_input!(item)).into()
}
