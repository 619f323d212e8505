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
//! | a variant | `tag = n` | its tag, for keys and payloads alike; it doesn't shift the tags that follow |
//! | a last field | `tail` | its type takes all that is left, so nothing may follow this type either |
//! | a type | `crate = "path"` | where persist-core is, if it was renamed |
//! | a type | `bound = "T: Trait"` | replaces the bounds that the derive puts on type parameters |

mod attributes;
mod check;
mod decode;
mod encode;
mod format;
mod generics;
mod input;
mod tags;

use format::Format;
use input::Input;
use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `KeyEncode`, `StoreKey` and, unless the type ends in an open part, `SelfDelimiting`.
#[proc_macro_derive(KeyEncode, attributes(key, payload))]
pub fn key_encode(item: TokenStream) -> TokenStream {
    derive(parse_macro_input!(item), &Format::KEY, encode::expand, encode::stub)
}

/// Derives `KeyDecode`.
#[proc_macro_derive(KeyDecode, attributes(key, payload))]
pub fn key_decode(item: TokenStream) -> TokenStream {
    derive(parse_macro_input!(item), &Format::KEY, decode::expand, decode::stub)
}

/// Derives `PayloadEncode` and, unless the type ends in an open part, `SelfDelimitingPayload`.
#[proc_macro_derive(PayloadEncode, attributes(key, payload))]
pub fn payload_encode(item: TokenStream) -> TokenStream {
    derive(parse_macro_input!(item), &Format::PAYLOAD, encode::expand, encode::stub)
}

/// Derives `PayloadDecode`.
#[proc_macro_derive(PayloadDecode, attributes(key, payload))]
pub fn payload_decode(item: TokenStream) -> TokenStream {
    derive(parse_macro_input!(item), &Format::PAYLOAD, decode::expand, decode::stub)
}

type Expand = fn(&Input, &Format) -> proc_macro2::TokenStream;

/// Parse, validate, expand. After an error a stub stands in for the impl, so that each mistake gives one
/// message and not one more for every use of the type.
fn derive(item: DeriveInput, format: &Format, expand: Expand, stub: Expand) -> TokenStream {
    let (input, errors) = Input::parse(item, format);
    match errors {
        None => expand(&input, format),
        Some(errors) => {
            let errors = errors.to_compile_error();
            let stub = stub(&input, format);
            quote::quote! { #errors #stub }
        }
    }
    .into()
}
