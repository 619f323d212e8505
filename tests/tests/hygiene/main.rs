//! The derives work with any names of the user, and need nothing in scope. The imports within each crate point one way, and the
//! pictures are those that their script draws.

#![deny(warnings, clippy::pedantic)]
#![allow(dead_code, missing_docs)]

mod discriminants;
mod forbidden_lints;
mod imports;
mod lints;
mod names;
mod pictures;
mod reserved_names;
mod same_names;
mod shapes;

use persist_core::{Key, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode, key};

/// No prelude, and nothing in scope but what the types themselves need.
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
fn derives_work_with_types_and_names_from_macros() {
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
fn derives_work_with_a_renamed_crate() {
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
