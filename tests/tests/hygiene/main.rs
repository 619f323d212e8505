//! No name of the user meets one of the derives, and the derives need nothing to be in scope.

#![deny(warnings, clippy::pedantic)]
#![allow(dead_code, missing_docs)]

mod discriminants;
mod same_names;

use std::cmp::Ordering;

use persist_core::{
    Key, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode, key, payload,
};

/// Neither a prelude nor anything else in scope but what the types themselves need.
#[no_implicit_prelude]
mod without_prelude {
    use ::core::prelude::v1::derive;

    #[derive(
        ::persist_core::KeyEncode,
        ::persist_core::KeyDecode,
        ::persist_core::KeyOrd,
        ::persist_core::PayloadEncode,
        ::persist_core::PayloadDecode,
    )]
    pub(super) struct Sample<T, const N: usize> {
        #[key(lex)]
        pub(super) name: [T; N],
        #[key(desc)]
        pub(super) score: u64,
        #[key(skip)]
        #[payload(default)]
        pub(super) note: ::std::string::String,
    }

    #[derive(
        ::persist_core::KeyEncode,
        ::persist_core::KeyDecode,
        ::persist_core::PayloadEncode,
        ::persist_core::PayloadDecode,
    )]
    pub(super) enum Mood {
        Calm = super::SEVEN,
        #[key(tag = 3)]
        Happy,
    }
}

const SEVEN: isize = 7;

#[test]
fn derives_need_no_prelude() {
    use without_prelude::{Mood, Sample};

    let sample = Sample { name: [1u16, 2], score: 7, note: "n".into() };
    let by_hand = key!(persist_core::Lex([1u16, 2]), std::cmp::Reverse(7u64));
    assert_eq!(KeyEncode::to_key(&sample), by_hand);
    assert_eq!(Mood::Calm.to_key(), key!(7i64));
    assert!(key!(3i64).decode::<Mood>().is_ok_and(|mood| matches!(mood, Mood::Happy)));
}

/// Names that generated code might use, and a prelude that means something else.
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

    // Each in a type of its own: a derived type may have any of these names.
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
fn no_name_in_scope_meets_one_of_the_derives() {
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

/// Functions and traits with the names of the derives' own, and others' meanings.
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
                panic!("not the trait's");
            }
        }
        #[allow(clippy::unused_self)]
        impl Misleading {
            fn $name(&self) -> ! {
                panic!("not the trait's");
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
fn neither_inherent_functions_nor_other_traits_are_called() {
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

macro_rules! define {
    ($(#[$attribute:meta])* $name:ident<$parameter:ident> {
        $first:ident: $First:ty, $($field:ident: $Field:ty),*
    } $tag:literal $other:expr) => {
        #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
        $(#[$attribute])*
        struct $name<$parameter> {
            $first: $First,
            own: u8,
            $($field: $Field,)*
        }

        #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
        enum FromMacro {
            #[key(tag = $tag)]
            A,
            B = $other,
        }
    };
}

#[test]
fn types_and_names_may_come_from_macros() {
    define! {
        #[allow(clippy::struct_field_names)]
        Defined<T> { own_name: Option<T>, list: Vec<T>, phantom: std::marker::PhantomData<T>, rest: Key } -4 2 + 3
    }
    let defined = Defined {
        own_name: Some(1u8),
        own: 2,
        list: vec![3, 4],
        phantom: std::marker::PhantomData,
        rest: key!("r"),
    };
    let key = key!(Some(1u8), 2u8, vec![3u8, 4], "r");
    assert_eq!(defined.to_key(), key);
    assert_eq!(key.decode::<Defined<u8>>().unwrap(), defined);
    assert_eq!(FromMacro::A.to_key(), key!(-4i64));
    assert_eq!(FromMacro::B.to_key(), key!(5i64));

    macro_rules! tagged {
        ($($name:ident = $tag:expr,)*) => {$(
            #[derive(KeyEncode)]
            enum $name {
                #[key(tag = $tag)]
                Only,
            }
            assert_eq!($name::Only.to_key(), key!($tag));
        )*};
    }
    tagged! { Bare = 3i64, Negative = -4i64, Enclosed = (5i64), Both = (-(6i64)), }
}

mod renamed {
    pub(crate) use persist_core as other;
}

#[test]
fn the_crate_may_have_another_name() {
    #[derive(
        renamed::other::KeyEncode,
        renamed::other::KeyDecode,
        renamed::other::KeyOrd,
        renamed::other::PayloadEncode,
        renamed::other::PayloadDecode,
        Debug,
    )]
    #[key(crate = "renamed::other")]
    #[payload(crate = "renamed::other")]
    enum Renamed<T> {
        A {
            #[key(lex, desc)]
            name: String,
            #[payload(fixed)]
            hash: [u8; 2],
            rest: T,
        },
        B,
    }
    use persist_core as local;

    #[derive(local::KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(crate = "local", ordered)]
    struct Ordered(u8);
    is_ordered::<Ordered>();

    let renamed = Renamed::A { name: "a".into(), hash: [1, 2], rest: 3u8 };
    let back: Renamed<u8> = renamed.to_key().decode().unwrap();
    assert_eq!(back, renamed);
    assert!(back < Renamed::B);
    assert_eq!(renamed.to_payload().as_bytes()[11..], [1, 2, 3]);
}

fn is_ordered<T: OrderPreserving>() {}

#[test]
fn fields_and_variants_that_are_configured_out_are_not_there() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Configured {
        #[cfg(any())]
        gone: Missing,
        here: u8,
        #[cfg(not(any()))]
        #[cfg_attr(all(), key(desc))]
        also: u8,
    }
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    enum Variants {
        #[cfg(any())]
        Gone(Missing),
        Here,
        #[cfg_attr(all(), key(tag = 9))]
        Also,
    }
    assert_eq!(Configured { here: 1, also: 2 }.to_key().as_bytes(), [1, !2]);
    assert_eq!(Variants::Here.to_key(), key!(0i64));
    assert_eq!(key!(9i64).decode::<Variants>().unwrap(), Variants::Also);
}

/// A type of every outer kind that Rust has.
mod kinds {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    /// With documentation.
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[non_exhaustive]
    #[repr(C, align(8))]
    pub(crate) struct Aligned {
        /// Of a field.
        pub(crate) first: u8,
        pub(crate) second: u8,
        pub(super) third: u8,
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Clone, Copy)]
    #[repr(C, packed)]
    pub(super) struct Packed(pub(super) bool, pub(super) [u8; 2], pub(super) i8);

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[repr(transparent)]
    pub(super) struct r#Transparent(pub(super) u8);

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[non_exhaustive]
    #[repr(C, u16)]
    pub(crate) enum Kind {
        /// Of a variant.
        #[non_exhaustive]
        First {
            a: u8,
        } = 3,
        Second(u8),
        Third {},
        Fourth(),
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct Empty {}

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct AlsoEmpty();
}

#[test]
fn every_kind_of_type_can_be_derived() {
    use kinds::{Aligned, AlsoEmpty, Empty, Kind, Packed, Transparent};

    let aligned = Aligned { first: 1, second: 2, third: 3 };
    assert_eq!(aligned.to_key().as_bytes(), [1, 2, 3]);
    assert_eq!(key!(1u8, 2u8, 3u8).decode::<Aligned>().unwrap(), aligned);
    let packed = Packed(true, [1, 2], -3);
    assert_eq!(packed.to_key(), key!(true, [1u8, 2], -3i8));
    assert_eq!(packed.to_payload().decode::<Packed>().unwrap(), packed);
    assert_eq!(Transparent(7).to_key(), key!(7u8));
    assert_eq!(Kind::First { a: 1 }.to_key(), key!(3i64, 1u8));
    assert_eq!(key!(5i64).decode::<Kind>().unwrap(), Kind::Third {});
    assert_eq!(payload!(6i64).decode::<Kind>().unwrap(), Kind::Fourth());
    assert_eq!(Empty {}.to_key(), key!());
    assert_eq!(AlsoEmpty().to_payload(), payload!());
}

/// `Self`, where Rust lets it stand in a type.
mod own_name {
    use persist_core::{KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

    pub(super) trait Sized2 {
        type Part;
        const COUNT: usize;
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) struct Row {
        pub(super) part: <Self as Sized2>::Part,
        pub(super) array: [u8; Self::COUNT],
        pub(super) next: Option<Box<Self>>,
        pub(super) others: Vec<Self>,
    }

    impl Sized2 for Row {
        type Part = u16;
        const COUNT: usize = 2;
    }

    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    pub(super) enum Tree<T>
    where
        Self: Sized,
        T: Clone + PartialEq<T>,
    {
        Leaf(T),
        Fork(Box<Self>, Box<Tree<T>>),
    }

    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered)]
    pub(super) struct Ordered<T>
    where
        Self: Sized,
    {
        pub(super) value: T,
        pub(super) next: Option<Box<Self>>,
    }
}

#[test]
fn a_type_may_name_itself() {
    use own_name::{Ordered, Row, Tree};

    let row = |next, others| Row { part: 1, array: [2, 3], next, others };
    let row = row(Some(Box::new(row(None, vec![]))), vec![row(None, vec![])]);
    assert_eq!(row.to_key().decode::<Row>().unwrap(), row);
    let tree = Tree::Fork(Box::new(Tree::Leaf(1u8)), Box::new(Tree::Leaf(2)));
    assert_eq!(tree.to_payload().decode::<Tree<u8>>().unwrap(), tree);
    is_ordered::<Ordered<u8>>();
    assert_eq!(Ordered { value: 1u8, next: None }.to_key(), key!(1u8, false));
}

#[test]
fn a_deprecated_field_is_told_once_and_can_be_allowed() {
    #[deprecated]
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    struct Old(u8);

    #[allow(deprecated)]
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
    struct Holder {
        first: Old,
        #[deprecated]
        last: Option<Old>,
    }
    assert!(
        key!(1u8, false).decode::<Holder>().is_ok_and(|holder| holder.to_key() == key!(1u8, false))
    );
}

/// What strict projects ask for.
#[deny(
    elided_lifetimes_in_paths,
    missing_debug_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::default_trait_access,
    clippy::empty_loop,
    clippy::exhaustive_enums,
    clippy::indexing_slicing,
    clippy::integer_division,
    clippy::missing_inline_in_public_items,
    clippy::nursery,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::question_mark_used,
    clippy::semicolon_outside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm
)]
#[expect(clippy::redundant_pub_crate, reason = "`super` is what the test needs")]
mod strict {
    use persist_core::{KeyDecode, KeyEncode, KeyOrd, PayloadDecode, PayloadEncode};

    #[derive(KeyEncode, KeyDecode, KeyOrd, PayloadEncode, PayloadDecode, Debug)]
    pub(super) struct Sample<'a, T, const N: usize> {
        pub(super) text: &'a str,
        #[key(lex)]
        pub(super) name: String,
        #[key(desc, fixed)]
        #[payload(fixed)]
        pub(super) hash: [u8; N],
        pub(super) value: T,
        #[key(skip)]
        #[payload(default)]
        pub(super) note: String,
    }

    #[derive(
        KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
    )]
    #[key(ordered)]
    pub(super) enum Mood {
        Calm = super::SEVEN,
        #[key(tag = 100)]
        Happy,
        Angry = 200,
    }

    /// In parentheses, as macros write what they are given.
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug)]
    pub(super) enum Enclosed {
        Sum = (1 + 2),
        Cast = (super::SEVEN),
    }

    #[derive(
        KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
    )]
    #[key(crate = "crate::renamed::other", ordered)]
    #[payload(crate = "crate::renamed::other")]
    pub(super) struct Renamed {
        pub(super) id: u64,
        #[key(lex)]
        pub(super) name: Option<String>,
        pub(super) next: Option<Box<Self>>,
    }
}

#[test]
fn derives_pass_strict_lints() {
    use strict::{Enclosed, Mood, Renamed, Sample};

    let sample = Sample { text: "t", name: "n".into(), hash: [1, 2], value: 3u8, note: "n".into() };
    let key = sample.to_key();
    let back: Sample<'_, u8, 2> = key.decode().unwrap();
    assert_eq!(back, sample);
    assert!(back.note.is_empty());
    is_ordered::<Mood>();
    is_ordered::<Renamed>();
    assert_eq!([Enclosed::Sum.to_key(), Enclosed::Cast.to_key()], [key!(3i64), key!(7i64)]);
}
