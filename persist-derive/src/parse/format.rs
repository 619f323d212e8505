//! The names in which key derives and payload derives differ.

use proc_macro2::Ident;
use quote::format_ident;

/// Keys or payloads. The two differ in names only.
pub(crate) struct Format {
    /// The name of the attribute.
    pub(crate) attribute: &'static str,
    encode_trait: &'static str,
    decode_trait: &'static str,
    noun: &'static str,
    marker: &'static str,
    /// The usual names of the types that take all remaining bytes.
    pub(crate) open_types: &'static [&'static str],
    pub(crate) is_key: bool,
    /// The attributes of fields, as an error message lists them.
    pub(crate) field_attributes: &'static str,
}

impl Format {
    pub(crate) const KEY: Self = Self {
        attribute: "key",
        encode_trait: "KeyEncode",
        decode_trait: "KeyDecode",
        noun: "key",
        marker: "SelfDelimiting",
        open_types: &["Key", "KeyRef"],
        is_key: true,
        field_attributes: "`lex`, `desc`, `fixed`, `with = \"Type\"`, `skip`, `tail`, `delimited`",
    };

    pub(crate) const PAYLOAD: Self = Self {
        attribute: "payload",
        encode_trait: "PayloadEncode",
        decode_trait: "PayloadDecode",
        noun: "payload",
        marker: "SelfDelimitingPayload",
        open_types: &["Key", "KeyRef", "Payload"],
        is_key: false,
        field_attributes: "`default`, `fixed`, `with = \"Type\"`, `skip`, `tail`, `delimited`",
    };

    pub(crate) fn other(&self) -> Self {
        if self.is_key { Self::PAYLOAD } else { Self::KEY }
    }

    pub(crate) fn encode_trait(&self) -> Ident {
        format_ident!("{}", self.encode_trait)
    }

    pub(crate) fn decode_trait(&self) -> Ident {
        format_ident!("{}", self.decode_trait)
    }

    pub(crate) fn marker(&self) -> Ident {
        format_ident!("{}", self.marker)
    }

    pub(crate) fn encode(&self) -> Ident {
        format_ident!("encode_{}", self.noun)
    }

    /// The method that encodes into a `Joiner`.
    pub(crate) fn join(&self) -> Ident {
        format_ident!("__join_{}", self.noun)
    }

    pub(crate) fn encoded_len(&self) -> Ident {
        format_ident!("encoded_{}_len", self.noun)
    }

    pub(crate) fn decode(&self) -> Ident {
        format_ident!("decode_{}", self.noun)
    }

    pub(crate) fn describe(&self) -> Ident {
        format_ident!("describe_{}", self.noun)
    }

    /// The trait of last fields that delimit themselves.
    pub(crate) fn end(&self) -> Ident {
        format_ident!("{}", if self.is_key { "KeyEnd" } else { "PayloadEnd" })
    }

    /// The method in which the compiler checks that fields have the marker.
    pub(crate) fn check_delimiting(&self) -> Ident {
        format_ident!("__check_{}_fields", self.noun)
    }

    /// The function of persist-core whose bound is the marker.
    pub(crate) fn need(&self) -> Ident {
        format_ident!("need_self_delimiting_{}", self.noun)
    }
}
