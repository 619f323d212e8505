//! Names of the user that could collide with those in derived code.

use std::cmp::Ordering;

use persist_core::{KeyEncode, PayloadEncode, key, payload};

/// Names that generated code might use, and a prelude with other meanings.
#[allow(non_camel_case_types, unused_imports, unused_macros, clippy::pedantic)]
mod shadowed {
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Vec;
    pub(super) struct Box;
    pub(super) struct String;
    pub(super) struct PhantomData;
    pub(super) struct Ordering;
    pub(super) struct Sink;
    pub(super) struct Source;
    pub(super) struct DecodeError;
    pub(super) struct Descriptor;
    pub(super) struct Describer;
    pub(super) struct Probe;
    pub(super) enum Shadow {
        Ok,
        Err,
        Some,
        None,
        Equal,
    }
    use Shadow::*;
    pub(super) type byte = ::core::primitive::u8;
    pub(super) struct u8;
    pub(super) struct i64;
    pub(super) struct i128;
    pub(super) struct isize;
    pub(super) struct usize;
    pub(super) struct bool;
    pub(super) struct str;
    trait Into {}
    trait Clone {}
    trait Default {}
    trait Ord {}
    trait Eq {}
    trait Drop {}
    trait Fn {}
    mod core {}
    mod std {}
    mod alloc {}
    mod persist_core {}
    macro_rules! matches {
        () => {};
    }
    macro_rules! assert {
        () => {};
    }
    macro_rules! panic {
        () => {};
    }

    // Each name in a type of its own: a derived type may have any of these names.
    #[derive(
        ::persist_core::KeyEncode,
        ::persist_core::KeyDecode,
        ::persist_core::KeyOrd,
        ::persist_core::PayloadEncode,
        ::persist_core::PayloadDecode,
    )]
    pub(super) struct Key(pub(super) byte);

    #[derive(::persist_core::KeyEncode, ::persist_core::KeyDecode, ::persist_core::KeyOrd)]
    pub(super) struct KeyEncode(pub(super) byte);

    #[derive(::persist_core::PayloadEncode, ::persist_core::PayloadDecode)]
    pub(super) struct Payload {
        pub(super) first: Key,
        pub(super) second: Key,
    }

    #[derive(
        ::persist_core::KeyEncode,
        ::persist_core::KeyDecode,
        ::persist_core::PayloadEncode,
        ::persist_core::PayloadDecode,
    )]
    pub(super) struct Fields<'a, 'de, T, Sink, Source, Key, E, const SIZE: ::core::primitive::usize> {
        pub(super) self_: byte,
        pub(super) out: byte,
        pub(super) discriminant: byte,
        pub(super) r#type: byte,
        pub(super) __sink: byte,
        pub(super) __source: byte,
        pub(super) sink: byte,
        pub(super) source: byte,
        pub(super) field0: byte,
        pub(super) __field0: byte,
        pub(super) __left0: byte,
        pub(super) value: T,
        pub(super) __value: Sink,
        pub(super) error: Source,
        pub(super) __error: Key,
        pub(super) tag: E,
        pub(super) at: &'a ::core::primitive::str,
        pub(super) other: &'de ::core::primitive::str,
        pub(super) describer: [byte; SIZE],
    }

    #[derive(
        ::persist_core::KeyEncode,
        ::persist_core::KeyDecode,
        ::persist_core::KeyOrd,
        ::persist_core::PayloadEncode,
        ::persist_core::PayloadDecode,
        Debug,
    )]
    pub(super) enum r#Enum {
        r#fn {
            r#match: byte,
            __at: byte,
        },
        Ok(byte),
        Err,
        #[key(tag = 9)]
        None,
        Some,
        Equal,
        __sink,
        __source(byte, byte),
        __PERSIST_TAG_0,
    }
}

#[test]
fn derived_code_ignores_names_in_scope() {
    use shadowed::{Enum, Fields, Key, Payload};

    let fields = Fields {
        self_: 1,
        out: 2,
        discriminant: 3,
        r#type: 4,
        __sink: 5,
        __source: 6,
        sink: 7,
        source: 8,
        field0: 9,
        __field0: 10,
        __left0: 11,
        value: 12u8,
        __value: 13u8,
        error: 14u8,
        __error: 15u8,
        tag: 16u8,
        at: "a",
        other: "o",
        describer: [17],
    };
    let key = fields.to_key();
    let numbers: Vec<u8> = (1..=16).collect();
    assert_eq!(key.as_bytes()[..16], numbers);
    assert_eq!(key.as_bytes()[16..], *key!("a", "o", [17u8]).as_bytes());
    assert_eq!(fields.to_payload().as_bytes(), key.as_bytes());
    let back: Fields<'_, '_, u8, u8, u8, u8, u8, 1> = key.decode().unwrap();
    assert_eq!((back.r#type, back.__error, back.other, back.describer), (4, 15, "o", [17]));
    assert_eq!(fields.key_cmp(&back), Ordering::Equal);
    let error = key!(1u8).decode::<Fields<'_, '_, u8, u8, u8, u8, u8, 1>>().err().unwrap();
    assert_eq!(error.fields().last(), Some(("Fields", "out")));

    assert_eq!(Enum::r#fn { r#match: 1, __at: 2 }.to_key(), key!(0i64, 1u8, 2u8));
    assert_eq!(Enum::None.to_key(), key!(9i64));
    assert_eq!(key!(7i64, 1u8, 2u8).decode::<Enum>().unwrap(), Enum::__source(1, 2));
    let error = key!(0i64).decode::<Enum>().unwrap_err();
    assert_eq!(error.fields().last(), Some(("Enum::fn", "match")));

    let payload = Payload { first: Key(1), second: Key(2) };
    assert_eq!(payload.to_payload(), payload!(1u8, 2u8));
    assert_eq!(shadowed::KeyEncode(1).to_key(), key!(1u8));
}

/// Functions and traits with the names that derived code uses, and with other meanings.
mod misleading {
    use persist_core::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, KeyOrd, Debug)]
    pub(super) struct Misleading {
        pub(super) id: Id,
        pub(super) last: Id,
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, KeyOrd, Debug)]
    pub(super) struct Id(pub(super) u8);

    macro_rules! mislead {
    ($($name:ident)*) => {$(
        #[allow(clippy::unused_self)]
        impl Id {
            fn $name(&self) -> ! {
                panic!("not the trait's function");
            }
        }
        #[allow(clippy::unused_self)]
        impl Misleading {
            fn $name(&self) -> ! {
                panic!("not the trait's function");
            }
        }
    )*};
}

    mislead! {
        encode_key encoded_key_len key_cmp describe_key key_descriptor to_key decode_key
        encode_payload encoded_payload_len describe_payload to_payload decode_payload eq ne partial_cmp cmp default
        need_order need_self_delimiting_key key_order encode encoded_len decode
    }

    /// A trait in scope with the same names.
    trait Encoding {
        fn encode_key(&self) {}
        fn encode_payload(&self) {}
        fn decode_key() {}
        fn key_cmp(&self) {}
        fn key_order(&self) {}
        fn need_order(&self) {}
        fn need_self_delimiting_key() {}
        fn offset(&self) {}
        fn nested(&self) {}
        fn remaining(&self) {}
    }
    impl<T: ?Sized> Encoding for T {}
}

#[test]
fn derived_code_calls_neither_inherent_functions_nor_other_traits() {
    use misleading::{Id, Misleading};

    let misleading = Misleading { id: Id(1), last: Id(2) };
    let key = KeyEncode::to_key(&misleading);
    assert_eq!(key, key!(1u8, 2u8));
    assert_eq!(PayloadEncode::to_payload(&misleading), payload!(1u8, 2u8));
    let back: Misleading = key.decode().unwrap();
    assert_eq!(KeyEncode::key_cmp(&back, &misleading), Ordering::Equal);
    assert!(PartialEq::eq(&back, &misleading));
    let back: Misleading = payload!(1u8, 3u8).decode().unwrap();
    assert_eq!(Ord::cmp(&back, &misleading), Ordering::Greater);
    let payload = <Misleading as PayloadEncode>::payload_descriptor();
    assert_eq!(payload, <Misleading as KeyEncode>::key_descriptor());
}
