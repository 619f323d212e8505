//! `sort_order_tests!` with types of every kind, and a broken type for each of its laws.

use std::cmp::Ordering;

use persist_core::__private::laws::{BrokenLaw, Change, Laws, Unclaimed as _};
use persist_core::__private::put_to_law;
use persist_core::codec::{SelfDelimiting, Sink, Source};
use persist_core::{
    DecodeError, Key, KeyDecode, KeyEncode, KeyOrd, Lex, OrderPreserving, sort_order_tests,
};
use proptest::prelude::*;

/// A type with all features of a key type.
#[derive(Clone, Debug, KeyEncode, KeyDecode, KeyOrd)]
struct Sample {
    channel: String,
    epoch: i64,
}

/// A type without `Ord`, with fields that are never decoded.
#[derive(Clone, Debug, PartialEq, KeyEncode, KeyDecode)]
enum Reading {
    Missing,
    #[key(tag = -1)]
    Measured {
        #[key(desc)]
        at: u64,
        value: f64,
        #[key(skip)]
        note: String,
    },
    Named(#[key(lex)] Option<String>),
}

/// A type that ends in an open part and can't be decoded.
#[derive(Clone, Debug, KeyEncode)]
struct Filed {
    folder: Vec<u8>,
    key: Key,
}

/// A type that borrows, so that it is decoded from bytes of its own lifetime only.
#[derive(Clone, Debug, KeyEncode, KeyDecode)]
struct View<'a> {
    channel: &'a str,
    seq: u64,
}

/// An instance of a generic type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, KeyEncode, KeyDecode)]
#[key(ordered)]
struct Pair<A, B>(A, B);

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ab\0\u{10FFFF}]{0,3}", any::<String>()]
}

mod a_struct_with_every_trait {
    use super::*;

    sort_order_tests!(
        Sample,
        (text(), -1..2i64).prop_map(|(channel, epoch)| Sample { channel, epoch })
    );
}

mod an_enum_without_ord {
    use super::*;

    fn readings() -> impl Strategy<Value = Reading> {
        prop_oneof![
            Just(Reading::Missing),
            (0..3u64, prop_oneof![Just(0.0), Just(-0.0), any::<f64>()], text())
                .prop_map(|(at, value, note)| Reading::Measured { at, value, note }),
            proptest::option::of(text()).prop_map(Reading::Named),
        ]
    }

    sort_order_tests!(Reading, readings());
}

mod an_open_struct_that_is_not_decoded {
    use super::*;

    fn filed() -> impl Strategy<Value = Filed> {
        let bytes = || proptest::collection::vec(0..2u8, 0..4);
        (bytes(), bytes()).prop_map(|(folder, key)| Filed { folder, key: Key::from_bytes(key) })
    }

    sort_order_tests!(Filed, filed());
}

mod a_struct_that_borrows {
    use super::*;

    fn views() -> impl Strategy<Value = View<'static>> {
        let channels = proptest::sample::select(&["", "a", "b", "aa"][..]);
        (channels, 0..3u64).prop_map(|(channel, seq)| View { channel, seq })
    }

    sort_order_tests!(borrowed View<'static>, views());
}

mod a_generic_struct {
    use super::*;

    sort_order_tests!(
        Pair<Lex<String>, Option<bool>>,
        (text(), any::<Option<bool>>()).prop_map(|(left, right)| Pair(Lex(left), right)),
    );
}

mod types_of_the_crate {
    mod text {
        persist_core::sort_order_tests!(String, super::super::text());
    }

    mod a_key {
        use proptest::prelude::*;

        persist_core::sort_order_tests!(
            persist_core::Key,
            proptest::collection::vec(any::<u8>(), 0..3).prop_map(persist_core::Key::from_bytes)
        );
    }
}

/// Returns the law that is broken, with its description.
fn broken(checked: Result<(), BrokenLaw>) -> (&'static str, String) {
    let broken = checked.expect_err("a law is broken");
    (broken.law(), broken.to_string())
}

/// Defines a key type by hand: its bytes, their length and the order are functions of two numbers.
macro_rules! by_hand {
    ($Key:ident: $bytes:expr, $len:expr, $cmp:expr) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        struct $Key(u8, u8);

        impl KeyEncode for $Key {
            fn encode_key(&self, sink: &mut Sink<'_>) {
                let bytes: fn(&Self, &mut Sink<'_>) = $bytes;
                bytes(self, sink);
            }

            fn encoded_key_len(&self) -> usize {
                let len: fn(&Self) -> usize = $len;
                len(self)
            }

            fn key_cmp(&self, other: &Self) -> Ordering {
                let cmp: fn(&Self, &Self) -> Ordering = $cmp;
                cmp(self, other)
            }
        }
    };
}

#[test]
fn key_cmp_that_differs_from_the_bytes_is_found() {
    by_hand!(Reversed: |key, sink| sink.write(&[key.0]), |_| 1, |left, right| right.0.cmp(&left.0));
    let (law, text) = broken(Laws::<Reversed>::key_cmp_is_the_order_of_the_bytes(
        &Reversed(1, 0),
        &Reversed(2, 0),
    ));
    assert_eq!(law, "key_cmp is the order of the bytes");
    assert_eq!(
        text,
        "key_cmp is the order of the bytes, but it says Greater where the bytes say Less\
         \n  Reversed(1, 0)\n    = 01\n  Reversed(2, 0)\n    = 02"
    );
}

#[test]
fn key_cmp_that_ignores_a_part_is_found() {
    by_hand!(
        FirstPart: |key, sink| sink.write(&[key.0, key.1]), |_| 2, |left, right| left.0.cmp(&right.0)
    );
    let (_, text) = broken(Laws::<FirstPart>::key_cmp_is_the_order_of_the_bytes(
        &FirstPart(1, 0),
        &FirstPart(1, 7),
    ));
    assert!(text.contains("it says Equal where the bytes say Less"), "{text}");
}

#[test]
fn asymmetric_key_cmp_is_found() {
    by_hand!(AlwaysLess: |key, sink| sink.write(&[key.0]), |_| 1, |_, _| Ordering::Less);
    let (_, text) = broken(Laws::<AlwaysLess>::key_cmp_is_the_order_of_the_bytes(
        &AlwaysLess(1, 0),
        &AlwaysLess(2, 0),
    ));
    assert!(text.contains("it says Less where the bytes say Greater"), "{text}");
}

#[test]
fn wrong_encoded_len_is_found() {
    by_hand!(
        ForgetsOne: |key, sink| sink.write(&[key.0, key.1]), |_| 1, |left, right| left.cmp(right)
    );
    let (law, text) = broken(Laws::<ForgetsOne>::encoded_key_len_is_exact(&ForgetsOne(7, 8)));
    assert_eq!(law, "encoded_key_len is the number of bytes");
    assert!(text.contains("it says 1 where there are 2"), "{text}");
    assert!(text.contains("ForgetsOne(7, 8)\n    = 0708"), "{text}");
}

#[test]
fn encoder_that_changes_earlier_bytes_is_found() {
    by_hand!(
        FlipsAll:
        |key, sink| {
            let start = Sink::new(&mut Vec::new()).mark();
            sink.write(&[key.0]);
            sink.since(start).iter_mut().for_each(|byte| *byte = !*byte);
        },
        |_| 1,
        |left, right| right.0.cmp(&left.0)
    );
    assert_eq!(
        Laws::<FlipsAll>::key_cmp_is_the_order_of_the_bytes(&FlipsAll(1, 0), &FlipsAll(2, 0)),
        Ok(())
    );
    let (law, text) = broken(Laws::<FlipsAll>::bytes_are_the_same_behind_others(
        &FlipsAll(1, 0),
        &FlipsAll(2, 0),
    ));
    assert_eq!(law, "what is written before changes nothing");
    assert!(text.contains("the first behind the second gives 02fe"), "{text}");
}

#[test]
fn self_delimiting_type_with_a_prefix_of_another_value_is_found() {
    by_hand!(
        ZeroIsLeftOut:
        |key, sink| sink.write(&[key.0, key.1][..=usize::from(key.1 != 0)]),
        |key| usize::from(key.1 != 0) + 1,
        |left, right| left.cmp(right)
    );
    impl SelfDelimiting for ZeroIsLeftOut {}

    let (short, long) = (ZeroIsLeftOut(1, 0), ZeroIsLeftOut(1, 7));
    assert_eq!(Laws::<ZeroIsLeftOut>::key_cmp_is_the_order_of_the_bytes(&short, &long), Ok(()));
    for checked in [
        Laws::<ZeroIsLeftOut>::no_bytes_begin_others(&short, &long),
        Laws::<ZeroIsLeftOut>::no_bytes_begin_others(&long, &short),
    ] {
        let (law, text) = broken(checked);
        assert_eq!(law, "no bytes of a self-delimiting type begin others of it");
        assert!(text.contains("one of these begins the other"), "{text}");
    }
    assert_eq!(
        Laws::<ZeroIsLeftOut>::no_bytes_begin_others(&short, &short),
        Ok(()),
        "equal bytes may"
    );
}

#[test]
fn ord_that_differs_from_the_keys_is_found() {
    by_hand!(
        SecondFirst:
        |key, sink| sink.write(&[key.1, key.0]),
        |_| 2,
        |left, right| (left.1, left.0).cmp(&(right.1, right.0))
    );
    impl OrderPreserving for SecondFirst {}

    let (left, right) = (SecondFirst(1, 2), SecondFirst(2, 1));
    assert_eq!(Laws::<SecondFirst>::key_cmp_is_the_order_of_the_bytes(&left, &right), Ok(()));
    let (law, text) = broken(Laws::<SecondFirst>::ord_is_the_order_of_the_keys(&left, &right));
    assert_eq!(law, "Ord of an order-preserving type is the order of the keys");
    assert!(text.contains("cmp says Less, partial_cmp Some(Less) and == unequal"), "{text}");
    assert!(text.contains("where the keys say Greater"), "{text}");
}

#[test]
fn equality_that_differs_from_the_keys_is_found() {
    by_hand!(WithoutSecond: |key, sink| sink.write(&[key.0]), |_| 1, |left, right| left.0.cmp(&right.0));
    impl OrderPreserving for WithoutSecond {}

    let (_, text) = broken(Laws::<WithoutSecond>::ord_is_the_order_of_the_keys(
        &WithoutSecond(1, 1),
        &WithoutSecond(1, 2),
    ));
    assert!(text.contains("== unequal where the keys say Equal"), "{text}");
}

/// Defines decoders of the same two bytes, each with another mistake.
macro_rules! decoded_by_hand {
    ($Key:ident: $decode:expr) => {
        by_hand!(
            $Key: |key, sink| sink.write(&[key.0, key.1]), |_| 2, |left, right| left.cmp(right)
        );
        impl SelfDelimiting for $Key {}

        impl<'de> KeyDecode<'de> for $Key {
            fn decode_key(source: &mut Source<'de>) -> Result<Self, DecodeError> {
                let decode: fn(&mut Source<'de>) -> Result<[u8; 2], DecodeError> = $decode;
                decode(source).map(|[left, right]| Self(left, right))
            }
        }
    };
}

const FLIP: Change = Change { place: 0, byte: 2 };

#[test]
fn correct_decoder_breaks_no_law() {
    decoded_by_hand!(Right: |source| source.array("two bytes"));
    assert_eq!(Laws::<Right>::is_decoded_to_the_same_key(&Right(1, 2)), Ok(()));
    assert_eq!(Laws::<Right>::is_decoded_in_front_of_others(&Right(1, 2), &Right(3, 4)), Ok(()));
    assert_eq!(
        Laws::<Right>::what_is_decoded_is_encoded_to_the_same_bytes(&Right(1, 2), FLIP),
        Ok(())
    );
}

#[test]
fn decoder_that_returns_another_value_is_found() {
    decoded_by_hand!(Swapped: |source| source.array("two bytes").map(|[left, right]| [right, left]));
    let (law, text) = broken(Laws::<Swapped>::is_decoded_to_the_same_key(&Swapped(1, 2)));
    assert_eq!(law, "what is encoded is decoded to the same key");
    assert!(text.ends_with("Swapped(1, 2)\n    = 0102\n  Swapped(2, 1)\n    = 0201"), "{text}");
}

#[test]
fn decoder_that_refuses_an_encoded_value_is_found() {
    decoded_by_hand!(Refuses: |source| {
        source.array::<2>("two bytes")?;
        Err(DecodeError::new("something else", "this", 0))
    });
    let (_, text) = broken(Laws::<Refuses>::is_decoded_to_the_same_key(&Refuses(1, 2)));
    assert!(text.contains("but expected something else but found this at byte 0"), "{text}");
}

#[test]
fn decoder_that_accepts_other_bytes_is_found() {
    decoded_by_hand!(Lenient: |source| source.array("two bytes").map(|[left, right]| [left & 1, right]));
    assert_eq!(Laws::<Lenient>::is_decoded_to_the_same_key(&Lenient(1, 2)), Ok(()));
    let (law, text) =
        broken(Laws::<Lenient>::what_is_decoded_is_encoded_to_the_same_bytes(&Lenient(1, 2), FLIP));
    assert_eq!(law, "what is decoded is encoded to the same bytes");
    assert!(text.contains("this was decoded from 0202"), "{text}");
    assert!(text.contains("Lenient(0, 2)\n    = 0002"), "{text}");
}

#[test]
fn decoder_that_takes_the_following_bytes_is_found() {
    decoded_by_hand!(TakesAll: |source| {
        let bytes = source.bytes(source.remaining(), "all")?;
        match *bytes {
            [left, right, ..] => Ok([left, right]),
            _ => Err(DecodeError::new("two bytes", "fewer", 0)),
        }
    });
    assert_eq!(Laws::<TakesAll>::is_decoded_to_the_same_key(&TakesAll(1, 2)), Ok(()));
    let (law, text) =
        broken(Laws::<TakesAll>::is_decoded_in_front_of_others(&TakesAll(1, 2), &TakesAll(3, 4)));
    assert_eq!(law, "a self-delimiting value is decoded in front of others");
    assert!(text.contains("TakesAll(1, 2) was read, and  was left"), "{text}");
}

#[test]
fn laws_of_missing_markers_are_not_checked() {
    by_hand!(
        Open:
        |key, sink| sink.write(&[key.1, key.0][..=usize::from(key.0 != 0)]),
        |key| usize::from(key.0 != 0) + 1,
        |left, right| (left.1, left.0).cmp(&(right.1, right.0))
    );
    let (left, right) = (Open(0, 2), Open(1, 2));
    assert_eq!(Laws::<Open>::no_bytes_begin_others(&left, &right), Ok(()));
    assert_eq!(Laws::<Open>::ord_is_the_order_of_the_keys(&Open(1, 2), &Open(2, 1)), Ok(()));
    assert_eq!(Laws::<Open>::is_decoded_to_the_same_key(&left), Ok(()));
    assert_eq!(Laws::<Open>::is_decoded_in_front_of_others(&left, &right), Ok(()));
    assert_eq!(Laws::<Open>::what_is_decoded_is_encoded_to_the_same_bytes(&left, FLIP), Ok(()));
}

#[test]
fn broken_law_fails_its_test_with_the_values_and_their_bytes() {
    by_hand!(Zeros: |_, sink| sink.write(&[0]), |_| 1, |left, right| left.cmp(right));
    let failure = std::panic::catch_unwind(|| {
        // A file that doesn't exist, so that the failure is not recorded.
        put_to_law::<Zeros, _>(
            "no/such/file.rs",
            "zeros",
            (0..9u8).prop_map(|number| Zeros(number, 0)),
            |case| Laws::<Zeros>::key_cmp_is_the_order_of_the_bytes(case.left(), case.right()),
        );
    })
    .expect_err("the law is broken");
    let text = failure.downcast_ref::<String>().expect("a message");
    assert!(text.contains("key_cmp is the order of the bytes, but it says"), "{text}");
    // Two values, one after the other.
    assert!(text.contains(", 0)\n    = 00\n  Zeros("), "{text}");
}

mod in_a_module_without_a_prelude {
    #![no_implicit_prelude]

    ::persist_core::sort_order_tests!(u64, ::proptest::num::u64::ANY);
}
