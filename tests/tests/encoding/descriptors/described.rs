//! The descriptors of types.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use persist_core::codec::{DecodeWith, EncodeWith, SelfDelimiting, Sink, Source};
use persist_core::descriptor::{Describer, Descriptor, can_read};
use persist_core::{DecodeError, KeyDecode, KeyEncode, PayloadDecode, PayloadEncode};

/// A codec for a number in steps of `1 / PARTS`.
struct Scaled<const PARTS: u32>;

impl<const PARTS: u32> EncodeWith<f64> for Scaled<PARTS> {
    fn encode(value: &f64, sink: &mut Sink<'_>) {
        (value * f64::from(PARTS)).encode_key(sink);
    }
}

impl<const PARTS: u32> DecodeWith<'_, f64> for Scaled<PARTS> {
    fn decode(source: &mut Source<'_>) -> Result<f64, DecodeError> {
        Ok(f64::decode_key(source)? / f64::from(PARTS))
    }
}

#[test]
fn codecs_with_different_parameters_have_different_descriptors() {
    mod hundredths {
        #[derive(persist_core::KeyEncode)]
        pub(super) struct Row {
            #[key(with = "super::Scaled<100>", tail)]
            pub(super) level: f64,
        }
    }
    mod thousandths {
        #[derive(persist_core::KeyEncode, persist_core::KeyDecode, Debug)]
        pub(super) struct Row {
            #[key(with = "super::Scaled<1000>", tail)]
            #[allow(dead_code)]
            pub(super) level: f64,
        }
    }
    let (stored, current) = (hundredths::Row::key_descriptor(), thousandths::Row::key_descriptor());
    assert_eq!(stored.to_string(), "struct Row { level: opaque(\"Scaled<100>\") }");
    assert_eq!(current.to_string(), "struct Row { level: opaque(\"Scaled<1000>\") }");
    assert_eq!(can_read(&stored, &current).unwrap_err().place(), "Row.level");
}

#[test]
fn opaque_types_are_named_with_their_parameters() {
    struct Wrapper<T>(T);
    impl<T: KeyEncode> KeyEncode for Wrapper<T> {
        fn encode_key(&self, sink: &mut Sink<'_>) {
            self.0.encode_key(sink);
        }
        fn encoded_key_len(&self) -> usize {
            self.0.encoded_key_len()
        }
        fn key_cmp(&self, other: &Self) -> Ordering {
            self.0.key_cmp(&other.0)
        }
    }
    let named = |name: &str| Descriptor::Opaque(name.into());
    assert_eq!(Wrapper::<u8>::key_descriptor(), named("Wrapper<u8>"));
    assert_eq!(Wrapper::<Option<String>>::key_descriptor(), named("Wrapper<Option<String>>"));
}

/// Implements a type that is written as another type, which is visible in this block only.
macro_rules! written_as_inner {
    ($Outer:ident) => {
        impl KeyEncode for $Outer {
            fn encode_key(&self, sink: &mut Sink<'_>) {
                Inner::default().encode_key(sink);
            }
            fn encoded_key_len(&self) -> usize {
                Inner::default().encoded_key_len()
            }
            fn key_cmp(&self, _: &Self) -> Ordering {
                Ordering::Equal
            }
            fn describe_key(describer: &mut Describer) -> Descriptor {
                Inner::describe_key(describer)
            }
        }
        impl SelfDelimiting for $Outer {}
    };
}

struct First;
struct Second;
struct Third;

const _: () = {
    #[derive(KeyEncode, Default)]
    struct Inner {
        a: u64,
    }
    written_as_inner!(First);
};

const _: () = {
    #[derive(KeyEncode, Default)]
    struct Inner {
        a: Option<First>,
    }
    written_as_inner!(Second);
};

/// Both blocks are in one call, so that they have the same location, too.
macro_rules! pair {
    ($($Outer:ident { $field:ident: $Field:ty })*) => {$(
        const _: () = {
            #[derive(KeyEncode, Default)]
            struct Inner {
                $field: $Field,
            }
            written_as_inner!($Outer);
        };
    )*};
}

struct Fourth;

pair! {
    Third { b: u64 }
    Fourth { c: Option<Third> }
}

#[test]
fn types_with_the_same_path_in_two_blocks_are_distinguished() {
    assert_eq!(
        Second::key_descriptor().to_string(),
        "struct Inner { a: opt(struct Inner { a: u64 }) }"
    );
    assert_eq!(
        Fourth::key_descriptor().to_string(),
        "struct Inner { c: opt(struct Inner { b: u64 }) }"
    );
}

#[test]
fn recursive_types_refer_to_themselves_in_keys_and_payloads() {
    #[derive(KeyEncode, PayloadEncode)]
    #[allow(dead_code)]
    struct Node<T> {
        value: T,
        next: Option<Box<Node<T>>>,
        kind: Kind<T>,
    }
    #[derive(KeyEncode, PayloadEncode)]
    #[allow(dead_code)]
    enum Kind<T> {
        Leaf,
        Branch(Vec<Node<T>>, Vec<Kind<T>>),
    }
    let text = "struct Node { value: str, next: opt(ref(Node)), \
        kind: enum Kind { Leaf = 0, Branch = 1 { 0: seq(ref(Node)), 1: seq(ref(Kind)) } } }";
    assert_eq!(Node::<String>::key_descriptor().to_string(), text);
    assert_eq!(Node::<String>::payload_descriptor().to_string(), text);
}

#[test]
fn type_as_a_key_inside_itself_as_a_payload_is_described_as_a_key() {
    #[derive(
        KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, PartialEq, Eq, PartialOrd, Ord,
    )]
    struct Node {
        #[key(lex)]
        name: String,
        children: BTreeMap<Node, u8>,
    }
    assert_eq!(
        Node::payload_descriptor().to_string(),
        "struct Node { name: str, children: map(struct Node { name: lex(str), \
         children: map(ref(Node), u8) }, u8) }"
    );
}
