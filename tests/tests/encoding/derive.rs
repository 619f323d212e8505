//! The derives, beyond the laws that hold for every shape.

use persist_core::codec::SelfDelimiting;
use persist_core::{
    DecodeError, Key, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode,
    StoreKey, key, payload,
};

fn delimits_itself<T: SelfDelimiting + StoreKey>(value: &T) -> Key {
    key!(value, 1u8)
}

#[test]
fn struct_is_encoded_as_its_fields_in_order() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Named {
        second: String,
        first: i64,
    }
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Tuple(u8, bool);
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Unit;

    let named = Named { second: "s".into(), first: -1 };
    assert_eq!(named.to_key(), key!("s", -1i64));
    assert_eq!(named.to_payload(), payload!("s", -1i64));
    assert_eq!(Tuple(1, true).to_key(), key!(1u8, true));
    assert_eq!(Unit.to_key(), key!());
    assert_eq!(key!("s", -1i64).decode::<Named>().unwrap(), named);
    assert_eq!(payload!("s", -1i64).decode::<Named>().unwrap(), named);
    assert_eq!(key!(1u8, true).decode::<Tuple>().unwrap(), Tuple(1, true));
    assert_eq!(key!().decode::<Unit>().unwrap(), Unit);
    assert_eq!(delimits_itself(&Tuple(1, true)), key!(1u8, true, 1u8));
}

#[test]
fn tags_are_the_discriminants() {
    const BASE: isize = 40;
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    enum Mood {
        Low = -5,
        Next,
        Shifted = 1 << 4,
        Letter = b'x' as isize,
        FromConst = BASE + 1,
        After,
        FromBlock = if BASE > 0 { 50 } else { 60 },
        FromMatch = match BASE {
            40 => 70,
            _ => 80,
        },
        Twisted = !-81,
    }
    for (mood, tag) in [
        (Mood::Low, -5i64),
        (Mood::Next, -4),
        (Mood::Shifted, 16),
        (Mood::Letter, 120),
        (Mood::FromConst, 41),
        (Mood::After, 42),
        (Mood::FromBlock, 50),
        (Mood::FromMatch, 70),
        (Mood::Twisted, 80),
    ] {
        assert_eq!(mood.to_key(), key!(tag));
        assert_eq!(key!(tag).decode::<Mood>().unwrap(), mood);
    }
}

#[test]
fn tag_attribute_leaves_later_tags_alone_and_applies_to_both_formats() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    enum Mood {
        Calm,
        #[payload(tag = 7)]
        Angry,
        Happy {
            since: i64,
        },
        #[key(tag = -3)]
        Pair(u8, u8),
    }
    assert_eq!(Mood::Calm.to_key(), key!(0i64));
    assert_eq!(Mood::Angry.to_key(), key!(7i64));
    assert_eq!(Mood::Angry.to_payload(), payload!(7i64));
    assert_eq!(Mood::Happy { since: 5 }.to_key(), key!(2i64, 5i64));
    assert_eq!(Mood::Pair(1, 2).to_payload(), payload!(-3i64, 1u8, 2u8));
    assert_eq!(payload!(-3i64, 1u8, 2u8).decode::<Mood>().unwrap(), Mood::Pair(1, 2));
}

#[test]
fn integer_repr_sets_the_type_of_discriminants() {
    #[repr(u8)]
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    enum Small {
        A = b'a',
        Last = u8::MAX,
    }
    #[repr(i64)]
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    #[allow(clippy::enum_clike_unportable_variant)]
    enum Wide {
        Least = i64::MIN,
        With(bool) = 3,
    }
    assert_eq!(Small::A.to_key(), key!(97i64));
    assert_eq!(Small::Last.to_key(), key!(255i64));
    assert_eq!(Wide::Least.to_key(), key!(i64::MIN));
    assert_eq!(key!(3i64, true).decode::<Wide>().unwrap(), Wide::With(true));
}

#[test]
fn error_of_an_unknown_tag_names_the_enum_and_the_place() {
    #[derive(KeyDecode, Debug)]
    #[allow(dead_code)]
    struct Outer {
        id: u8,
        inner: Inner,
    }
    #[derive(KeyDecode, Debug)]
    #[allow(dead_code)]
    enum Inner {
        Only { flag: bool },
    }
    let error = key!(1u8, 9i64).decode::<Outer>().unwrap_err();
    assert_eq!(error.to_string(), "expected a tag of Inner but found 9 at byte 1, in Outer.inner");
    let error = key!(1u8, 0i64, 2u8).decode::<Outer>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a bool, 00 or 01, but found 02 at byte 9, in Outer.inner > Inner::Only.flag"
    );
    assert_eq!(error.fields().collect::<Vec<_>>(), [("Outer", "inner"), ("Inner::Only", "flag")]);
}

#[test]
fn derives_support_enums_without_variants() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug)]
    enum Never {}
    assert!(key!(0i64).decode::<Never>().is_err());
    assert!(payload!(0i64).decode::<Never>().is_err());
}

#[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Chain {
    value: u8,
    next: Option<Box<Self>>,
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
enum Expression {
    Number(i64),
    Call { name: String, arguments: Vec<Argument> },
}

#[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
struct Argument {
    value: Box<Expression>,
}

fn chain(length: u8) -> Chain {
    (0..length).fold(Chain { value: 0, next: None }, |next, value| Chain {
        value,
        next: Some(Box::new(next)),
    })
}

#[test]
fn recursive_types_nest_128_levels_deep() {
    let deepest = chain(127);
    assert_eq!(deepest.to_key().decode::<Chain>().unwrap(), deepest);
    assert_eq!(deepest.to_payload().decode::<Chain>().unwrap(), deepest);
    let error = chain(128).to_key().decode::<Chain>().unwrap_err();
    assert_eq!(error.expected(), "nesting of at most 128 levels");
    let endless = vec![1u8; 100_000];
    assert!(Chain::from_payload_bytes(&endless).is_err());
}

#[test]
fn derives_support_mutually_recursive_types() {
    let arguments = vec![Argument { value: Box::new(Expression::Number(7)) }];
    let call = Expression::Call { name: "f".into(), arguments };
    assert_eq!(call.to_payload().decode::<Expression>().unwrap(), call);
}

#[test]
fn derives_bound_the_parameters_of_generic_types() {
    #[derive(KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq)]
    struct Generic<'a, T, const N: usize>
    where
        T: Clone,
    {
        text: &'a str,
        values: Vec<T>,
        array: [T; N],
    }
    let value = Generic { text: "t", values: vec![1u64], array: [2, 3] };
    let key = value.to_key();
    assert_eq!(key, key!("t", vec![1u64], [2u64, 3]));
    assert_eq!(key.decode::<Generic<'_, u64, 2>>().unwrap(), value);
}

#[derive(KeyEncode, PayloadEncode)]
struct Borrowing<'a, T: ?Sized, const N: usize = 2> {
    value: &'a T,
    others: [&'a T; N],
}

#[test]
fn derives_support_borrowing_defaults_and_constants_in_generic_types() {
    let borrowing: Borrowing<'_, str> = Borrowing { value: "a", others: ["b", "c"] };
    assert_eq!(borrowing.to_key(), key!("a", vec!["b", "c"]));
    assert_eq!(delimits_itself(&borrowing), key!(borrowing.to_key(), true));
    assert_eq!(borrowing.to_payload().as_bytes(), borrowing.to_key().as_bytes());
}

#[test]
fn bound_attribute_replaces_the_bounds() {
    trait Named {
        type Id;
    }
    #[derive(Debug, PartialEq)]
    struct Users;
    impl Named for Users {
        type Id = u64;
    }
    #[derive(KeyEncode, Debug, PartialEq)]
    #[key(bound = "T::Id: ::persist_core::KeyEncode + ::persist_core::codec::SelfDelimiting")]
    struct Row<T: Named> {
        id: T::Id,
    }
    #[derive(PayloadEncode, PayloadDecode, Debug, PartialEq)]
    #[payload(
        bound = "T::Id: persist_core::PayloadEncode + for<'de> persist_core::PayloadDecode<'de>"
    )]
    struct Last<T: Named> {
        #[payload(tail)]
        id: T::Id,
    }
    assert_eq!(Row::<Users> { id: 7 }.to_key(), key!(7u64));
    let last = Last::<Users> { id: 7 };
    assert_eq!(last.to_payload().decode::<Last<Users>>().unwrap(), last);
}

#[test]
fn bound_attribute_may_differ_for_decoding() {
    trait Named {
        type Id;
    }
    struct Users;
    impl Named for Users {
        type Id = u64;
    }
    struct Rooms;
    impl Named for Rooms {
        type Id = &'static u8; // can't be decoded
    }
    #[derive(KeyEncode, KeyDecode)]
    #[key(
        bound = "T::Id: KeyEncode + SelfDelimiting",
        decode_bound = "T::Id: for<'a> KeyDecode<'a>"
    )]
    struct Row<T: Named> {
        id: T::Id,
    }
    assert_eq!(Row::<Rooms> { id: &7 }.to_key(), key!(7u8));
    assert_eq!(Row::<Users> { id: 7 }.to_key().decode::<Row<Users>>().unwrap().id, 7);
}

#[test]
fn bound_with_ordered_also_requires_order() {
    #[derive(KeyEncode, PartialEq, Eq, PartialOrd, Ord)]
    #[key(ordered, bound = "T: KeyEncode + SelfDelimiting")]
    struct Row<T: Ord>(T, Option<Box<Self>>);
    fn is_ordered<T: OrderPreserving>(_: &T) {}

    is_ordered(&Row(7u8, None));
    assert_eq!(Row(String::new(), None).to_key(), key!("", false));
}

#[test]
fn borrowed_fields_are_slices_of_the_input() {
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct View<'k> {
        text: &'k str,
        bytes: &'k [u8],
    }
    let key = key!("text", b"bytes");
    let view: View<'_> = key.decode().unwrap();
    assert_eq!(view, View { text: "text", bytes: b"bytes" });
    assert!(key.as_bytes().as_ptr_range().contains(&view.text.as_ptr()));
}

#[test]
fn key_as_the_last_field_takes_the_rest_of_the_input() {
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Keyed {
        id: u8,
        rest: Key,
    }
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Outer {
        flag: bool,
        #[key(tail)]
        keyed: Keyed,
    }
    let outer = Outer { flag: true, keyed: Keyed { id: 1, rest: key!("x", "y") } };
    assert_eq!(outer.to_key(), key!(true, 1u8, "x", "y"));
    assert_eq!(outer.to_key().decode::<Outer>().unwrap(), outer);
}

#[test]
fn user_type_may_be_named_key() {
    mod own {
        use persist_core::{KeyDecode, KeyEncode};

        #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
        pub(crate) struct Key(pub(crate) u8);
    }
    #[derive(KeyEncode, KeyDecode, Debug, PartialEq)]
    struct Holder {
        key: own::Key,
    }
    assert_eq!(delimits_itself(&Holder { key: own::Key(3) }), key!(3u8, 1u8));
}

#[test]
fn hand_written_types_work_inside_derived_ones() {
    struct Celsius(i16);
    impl KeyEncode for Celsius {
        fn encode_key(&self, sink: &mut persist_core::codec::Sink<'_>) {
            sink.write(&(self.0 ^ i16::MIN).to_be_bytes());
        }

        fn encoded_key_len(&self) -> usize {
            2
        }

        fn key_cmp(&self, other: &Self) -> std::cmp::Ordering {
            self.0.cmp(&other.0)
        }
    }
    impl SelfDelimiting for Celsius {}
    impl<'de> KeyDecode<'de> for Celsius {
        fn decode_key(source: &mut persist_core::codec::Source<'de>) -> Result<Self, DecodeError> {
            Ok(Self(i16::from_be_bytes(source.array("a temperature")?) ^ i16::MIN))
        }
    }
    #[derive(KeyEncode, KeyDecode)]
    struct Reading {
        celsius: Celsius,
        station: u8,
    }
    let reading = Reading { celsius: Celsius(-4), station: 1 };
    assert_eq!(reading.to_key().as_bytes(), [0x7F, 0xFC, 1]);
    assert_eq!(reading.to_key().decode::<Reading>().unwrap().celsius.0, -4);
}
