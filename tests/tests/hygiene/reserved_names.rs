//! Names of the user that equal the names of items in derived code.

use persist_core::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode, key};

/// A module with the name under which derived code has its helpers.
mod __persist {
    use super::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
    pub(super) struct Id(pub(super) u8);
}

const __PERSIST_TAG_0: isize = 7;
const __PERSIST_DISCRIMINANT_0: isize = 8;

/// A codec with such a name, which an attribute contains in quotes.
struct __Persist;

impl persist_core::codec::EncodeWith<u8> for __Persist {
    fn encode(value: &u8, sink: &mut persist_core::codec::Sink<'_>) {
        sink.write(&[*value]);
    }
}

impl persist_core::codec::DecodeWith<'_, u8> for __Persist {
    fn decode(
        source: &mut persist_core::codec::Source<'_>,
    ) -> Result<u8, persist_core::DecodeError> {
        u8::decode_key(source)
    }
}

impl persist_core::codec::SelfDelimitingWith<u8> for __Persist {}

#[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
struct Fields<'__persist_de, '__de, __Persist1> {
    id: __persist::Id,
    text: &'__persist_de str,
    other: &'__de str,
    value: __Persist1,
    #[key(with = "self::__Persist")]
    #[payload(with = "self::__Persist")]
    coded: u8,
}

#[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
enum Tags {
    First = __PERSIST_TAG_0,
    Second = __PERSIST_DISCRIMINANT_0,
}

#[test]
fn derived_items_do_not_collide_with_names_of_the_user() {
    let fields =
        Fields { id: __persist::Id(1), text: "t", other: "o", value: __persist::Id(2), coded: 3 };
    let key = fields.to_key();
    assert_eq!(key, key!(1u8, "t", "o", 2u8, 3u8));
    assert_eq!(key.decode::<Fields<'_, '_, __persist::Id>>().unwrap(), fields);
    let payload = fields.to_payload();
    assert_eq!(payload.decode::<Fields<'_, '_, __persist::Id>>().unwrap(), fields);
    assert_eq!([Tags::First.to_key(), Tags::Second.to_key()], [key!(7i64), key!(8i64)]);
}

/// A library that re-exports persist-core, with an exported macro.
pub(crate) mod library {
    pub(crate) mod store {
        pub(crate) use persist_core::*;
    }
}

macro_rules! define_id {
    ($name:ident) => {
        #[derive(
            $crate::reserved_names::library::store::KeyEncode,
            $crate::reserved_names::library::store::KeyDecode,
            $crate::reserved_names::library::store::PayloadEncode,
            $crate::reserved_names::library::store::PayloadDecode,
            Debug,
            PartialEq,
        )]
        #[key(crate = $crate::reserved_names::library::store)]
        #[payload(crate = $crate::reserved_names::library::store)]
        struct $name(u64);
    };
}

#[test]
fn crate_attribute_in_a_macro_takes_a_path_with_dollar_crate() {
    define_id!(Id);

    assert_eq!(Id(7).to_key().decode::<Id>().unwrap(), Id(7));
    assert_eq!(Id(7).to_payload().decode::<Id>().unwrap(), Id(7));
}
