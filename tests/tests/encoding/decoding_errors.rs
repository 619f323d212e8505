//! Decoding is strict: each rule, with the error of a violation.
//!
//! Every refusal is checked in keys and in payloads, whose errors are equal.

#![allow(clippy::zero_sized_map_values)] // A map to `()` is one of the cases.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::error::Error;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::NonZero;
use std::ops::{Bound, Range, RangeInclusive};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use persist_core::codec::{MAX_DEPTH, Source};
use persist_core::{
    DecodeError, Key, KeyDecode, KeyEncode, KeyRef, Lex, PayloadDecode, PayloadEncode, key, payload,
};
use persist_tests::adversarial::{Event, Header, Message, Mood, Retagged, Tree};
use uuid::Uuid;

/// Asserts that `bytes` are refused as a `T`, in keys and payloads alike. Returns the error.
#[track_caller]
fn error_of<'de, T>(bytes: &'de [u8]) -> DecodeError
where
    T: KeyDecode<'de> + PayloadDecode<'de> + Debug,
{
    let error = T::from_key_bytes(bytes).expect_err("a key is refused");
    let in_payload = T::from_payload_bytes(bytes).expect_err("a payload is refused");
    assert_eq!(error, in_payload);
    error
}

/// Asserts all parts of the error when `bytes` are decoded as a `T`.
#[track_caller]
fn refused<'de, T>(bytes: &'de [u8], expected: &str, found: &str, offset: usize)
where
    T: KeyDecode<'de> + PayloadDecode<'de> + Debug,
{
    let error = error_of::<T>(bytes);
    assert_eq!((error.expected(), error.found(), error.offset()), (expected, found, offset));
    assert_eq!(
        error.to_string(),
        format!("expected {expected} but found {found} at byte {offset}")
    );
    assert_eq!(error.fields().count(), 0, "no field of a derived type is involved");
}

const END: &str = "the end of the input";

#[test]
fn truncated_numbers_are_refused() {
    refused::<bool>(&[], "a bool", END, 0);
    refused::<u8>(&[], "a u8", END, 0);
    refused::<u16>(&[0; 7], "a u16", END, 0);
    refused::<u32>(&[0; 4], "a u32", END, 0);
    refused::<u64>(&[0; 7], "a u64", END, 0);
    refused::<usize>(&[0; 7], "a usize", END, 0);
    refused::<u128>(&[0; 15], "a u128", END, 0);
    refused::<i8>(&[0x80], "an i8", END, 0);
    refused::<i16>(&[0x80; 2], "an i16", END, 0);
    refused::<i32>(&[0x80; 4], "an i32", END, 0);
    refused::<i64>(&[], "an i64", END, 0);
    refused::<isize>(&[0x80], "an isize", END, 0);
    refused::<i128>(&[0x80; 8], "an i128", END, 0);
    refused::<f32>(&[0; 3], "an f32", END, 0);
    refused::<f64>(&[0; 7], "an f64", END, 0);
    refused::<char>(&[0, 0, 0], "a char", END, 0);
}

#[test]
fn offset_of_a_truncated_part_is_its_beginning() {
    refused::<(bool, u64)>(&[1, 0, 0], "a u64", END, 1);
    refused::<(u8, u8, u8)>(&[7, 7], "a u8", END, 2);
    refused::<(String, i64)>(b"\0\x01a\x80", "an i64", END, 3);
}

#[test]
fn truncated_options_are_refused() {
    refused::<Option<u8>>(&[], "an option", END, 0);
    refused::<Option<u8>>(&[1], "a u8", END, 1);
}

#[test]
fn truncated_lengths_are_refused() {
    refused::<String>(&[], "a length", END, 0);
    refused::<String>(&[0], "a length", END, 0);
    refused::<Vec<u8>>(&[0xFF, 0xFF, 0, 0, 0, 0, 0, 1, 0], "a length", END, 2);
    refused::<Vec<u64>>(&[0], "a length", END, 0);
    refused::<[u8; 2]>(&[0], "a length", END, 0);
}

#[test]
fn text_and_bytes_shorter_than_their_length_are_refused() {
    refused::<String>(b"\0\x03hi", "as much text as the length says", END, 2);
    refused::<&str>(b"\0\x01", "as much text as the length says", END, 2);
    refused::<Vec<u8>>(b"\0\x03hi", "as many bytes as the length says", END, 2);
    refused::<&[u8]>(b"\x01\0hi", "as many bytes as the length says", END, 2);
    refused::<[u8; 3]>(b"\0\x03hi", "as many bytes as the length says", END, 2);
}

#[test]
fn truncated_sequences_are_refused_at_the_missing_element() {
    refused::<Vec<bool>>(&[0, 3, 1, 0], "the elements of a sequence", END, 2);
    refused::<Vec<u64>>(&[&[0, 2][..], &[0; 15]].concat(), "a u64", END, 10);
    refused::<VecDeque<Option<bool>>>(&[0, 2, 1, 1], "an option", END, 4);
}

#[test]
fn trailing_bytes_are_refused_and_counted() {
    refused::<bool>(&[1, 0], END, "1 more byte", 1);
    refused::<u64>(&[0; 11], END, "3 more bytes", 8);
    refused::<()>(&[0], END, "1 more byte", 0);
    refused::<String>(b"\0\x02hi\0", END, "1 more byte", 4);
    refused::<(u8, Option<u8>)>(&[1, 0, 9, 9], END, "2 more bytes", 2);
    refused::<Vec<bool>>(&[0, 1, 1, 1], END, "1 more byte", 3);
}

#[test]
fn bool_above_one_is_refused() {
    refused::<bool>(&[2], "a bool, 00 or 01,", "02", 0);
    refused::<(u8, bool)>(&[1, 0xFF], "a bool, 00 or 01,", "ff", 1);
}

#[test]
fn option_byte_above_one_is_refused() {
    refused::<Option<u8>>(&[2, 0], "an option, 00 or 01,", "02", 0);
    refused::<Option<Option<u8>>>(&[1, 0x80], "an option, 00 or 01,", "80", 1);
}

#[test]
fn unsigned_numbers_out_of_range_are_refused() {
    refused::<u16>(&65_536u64.to_be_bytes(), "a u16", "65536", 0);
    refused::<u32>(&(1u64 << 32).to_be_bytes(), "a u32", "4294967296", 0);
    refused::<u16>(&[0xFF; 8], "a u16", "18446744073709551615", 0);
    refused::<(u8, u16)>(&[9, 0, 0, 0, 0, 0, 1, 0, 0], "a u16", "65536", 1);
}

#[test]
fn signed_numbers_out_of_range_are_refused() {
    let wide = |value: i64| value.to_key().into_bytes();
    refused::<i8>(&wide(128), "an i8", "128", 0);
    refused::<i8>(&wide(-129), "an i8", "-129", 0);
    refused::<i16>(&wide(32_768), "an i16", "32768", 0);
    refused::<i16>(&wide(-32_769), "an i16", "-32769", 0);
    refused::<i32>(&wide(i64::MAX), "an i32", "9223372036854775807", 0);
    refused::<i32>(&wide(i64::MIN), "an i32", "-9223372036854775808", 0);
}

#[test]
fn ends_of_each_range_are_accepted() {
    assert_eq!(key!(127i64).decode(), Ok(i8::MAX));
    assert_eq!(key!(-128i64).decode(), Ok(i8::MIN));
    assert_eq!(key!(-32_768i64).decode(), Ok(i16::MIN));
    assert_eq!(key!(2_147_483_647i64).decode(), Ok(i32::MAX));
    assert_eq!(key!(65_535u64).decode(), Ok(u16::MAX));
    assert_eq!(key!(4_294_967_295u64).decode(), Ok(u32::MAX));
}

#[test]
fn text_that_is_not_utf_8_is_refused_at_its_first_invalid_byte() {
    refused::<String>(b"\0\x01\xFF", "UTF-8 text", "other bytes", 2);
    refused::<&str>(b"\0\x04ab\xC3(", "UTF-8 text", "other bytes", 4);
    refused::<Box<str>>(b"\0\x03a\xE2\x82", "UTF-8 text", "other bytes", 3);
    // A surrogate, an overlong form, and a number above the last scalar value.
    refused::<Cow<str>>(b"\0\x03\xED\xA0\x80", "UTF-8 text", "other bytes", 2);
    refused::<String>(b"\0\x02\xC0\x80", "UTF-8 text", "other bytes", 2);
    refused::<String>(b"\0\x04\xF4\x90\x80\x80", "UTF-8 text", "other bytes", 2);
    refused::<(String, String)>(b"\0\x01a\0\x02b\x80", "UTF-8 text", "other bytes", 6);
}

#[test]
fn text_whose_length_ends_inside_a_char_is_refused() {
    refused::<String>("\0\x01é".as_bytes(), "UTF-8 text", "other bytes", 2);
}

#[test]
fn char_that_is_no_scalar_value_is_refused() {
    refused::<char>(&0xD800u32.to_be_bytes(), "a char's scalar value", "0000d800", 0);
    refused::<char>(&0xDFFFu32.to_be_bytes(), "a char's scalar value", "0000dfff", 0);
    refused::<char>(&0x11_0000u32.to_be_bytes(), "a char's scalar value", "00110000", 0);
    refused::<(u8, char)>(&[0, 0xFF, 0xFF, 0xFF, 0xFF], "a char's scalar value", "ffffffff", 1);
}

/// Returns `count` in the long form, even if the short form would suffice.
fn long_form(count: u64) -> Vec<u8> {
    [&[0xFF, 0xFF][..], &count.to_be_bytes()].concat()
}

#[test]
fn long_form_of_a_short_length_is_refused() {
    for count in [0, 1, 65_534] {
        let mut bytes = long_form(count);
        bytes.resize(10 + 65_534, b'x');
        let found = format!("{count} in the long form");
        refused::<String>(&bytes, "a length in its short form", &found, 0);
        refused::<&[u8]>(&bytes, "a length in its short form", &found, 0);
        refused::<Vec<bool>>(&bytes, "a length in its short form", &found, 0);
    }
}

#[test]
fn first_length_of_the_long_form_has_the_long_form() {
    let mut bytes = long_form(65_535);
    bytes.resize(10 + 65_535, b'x');
    assert_eq!(String::from_key_bytes(&bytes).map(|text| text.len()), Ok(65_535));
    assert_eq!(<&[u8]>::from_payload_bytes(&bytes).map(<[u8]>::len), Ok(65_535));
}

/// Reserving memory for any of these counts would abort the process.
#[test]
fn count_above_the_remaining_input_is_refused_without_an_allocation() {
    for count in [1 << 48, 1 << 60, u64::MAX / 2, u64::MAX] {
        let bytes = [long_form(count), vec![0; 20]].concat();
        refused::<Vec<u8>>(&bytes, "as many bytes as the length says", END, 10);
        refused::<String>(&bytes, "as much text as the length says", END, 10);
        refused::<Vec<u64>>(&bytes, "the elements of a sequence", END, 10);
        refused::<VecDeque<String>>(&bytes, "the elements of a sequence", END, 10);
        refused::<Box<[Option<u8>]>>(&bytes, "the elements of a sequence", END, 10);
    }
}

/// Memory is reserved as elements are read: a count of 16 wide elements of which one exists doesn't reserve memory for
/// 16.
#[test]
fn count_within_the_remaining_bytes_is_refused_at_the_missing_element() {
    let bytes = [&[0, 16][..], &[0; 16]].concat();
    refused::<Vec<u128>>(&bytes, "a u128", END, 18);
}

#[test]
fn sequence_of_elements_without_bytes_is_refused() {
    refused::<Vec<()>>(&[0, 1, 0], "elements that have bytes", "an element without any", 2);
    refused::<Vec<((), ((),))>>(
        &[0, 1, 0],
        "elements that have bytes",
        "an element without any",
        2,
    );
    assert_eq!(<Vec<()>>::from_key_bytes(&[0, 0]), Ok(vec![]));
}

/// No bytes are missing then, although there are fewer elements than the count.
#[test]
fn elements_without_bytes_are_distinguished_from_missing_ones() {
    let refused_at_2 = |bytes: &[u8]| {
        let (expected, found) = ("elements that have bytes", "an element without any");
        refused::<[(); 3]>(bytes, expected, found, 2);
        refused::<Vec<()>>(bytes, expected, found, 2);
        refused::<VecDeque<((), ())>>(bytes, expected, found, 2);
        refused::<BTreeSet<()>>(bytes, expected, found, 2);
        refused::<BTreeMap<(), ()>>(bytes, "keys that have bytes", "a key without any", 2);
    };
    refused_at_2(&[0, 3]);
    refused_at_2(&[0, 3, 1]);
    // An element whose type has no size in memory can have bytes.
    refused::<Vec<OnlyVariant>>(&[0, 2, 0x80], "the elements of a sequence", END, 2);
    refused::<BTreeSet<OnlyVariant>>(
        &[0, 9, 0x80, 0, 0, 0, 0, 0, 0, 0],
        "the elements of a set",
        END,
        2,
    );
}

#[derive(
    KeyEncode, KeyDecode, PayloadEncode, PayloadDecode, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
enum OnlyVariant {
    Here,
}

#[test]
fn array_of_another_count_is_refused() {
    refused::<[u8; 2]>(&[0, 3, 1, 2, 3], "a length of 2", "3", 0);
    refused::<[u8; 2]>(&[0, 1, 1], "a length of 2", "1", 0);
    refused::<[u8; 0]>(&[0, 1, 1], "a length of 0", "1", 0);
    refused::<(u8, [bool; 1])>(&[7, 0, 2, 1, 1], "a length of 1", "2", 1);
    refused::<[u64; 3]>(&long_form(1 << 50), "a length of 3", "1125899906842624", 0);
}

#[test]
fn unknown_tag_is_refused_with_the_enum_and_the_number() {
    let bytes = key!(3i64).into_bytes();
    let error = error_of::<Mood>(&bytes);
    assert_eq!((error.expected(), error.found(), error.offset()), ("a tag of Mood", "3", 0));
    let bytes = key!(-1i64, 7u8).into_bytes();
    let error = error_of::<Retagged>(&bytes);
    assert_eq!((error.expected(), error.found()), ("a tag of Retagged", "-1"));
}

#[test]
fn discriminant_replaced_by_a_tag_is_unknown() {
    let bytes = key!(0i64, 7u8).into_bytes();
    assert_eq!(error_of::<Retagged>(&bytes).found(), "0");
    assert_eq!(Retagged::from_key_bytes(key!(5i64, 7u8).as_bytes()), Ok(Retagged::Late(7)));
}

#[test]
fn decode_error_names_its_fields_outermost_first() {
    let bytes = key!("ann", true).into_bytes();
    let error = error_of::<Message>(&bytes);
    assert_eq!(error.fields().collect::<Vec<_>>(), [("Message", "header"), ("Header", "epoch")]);
    assert_eq!(error.offset(), 5);
    assert_eq!(
        error.to_string(),
        "expected an i64 but found the end of the input at byte 5, in Message.header > Header.epoch"
    );
}

#[test]
fn decode_error_names_the_field_of_an_enum() {
    let bytes = key!(1i64, "ann").into_bytes();
    let error = error_of::<Event>(&bytes);
    let (owner, field) = error.fields().next().expect("a field");
    assert!(owner.starts_with("Event"), "{owner}");
    assert!(field.contains("at"), "{field}");
    assert_eq!(error.offset(), 13);
}

#[test]
fn decode_error_of_an_element_names_the_fields_around_and_inside() {
    let bytes = [&[0, 1][..], key!("ann").as_bytes()].concat();
    let error = error_of::<Vec<Header>>(&bytes);
    assert_eq!(error.fields().collect::<Vec<_>>(), [("Header", "epoch")]);
    assert_eq!(error.offset(), 7);
}

#[test]
fn decode_error_has_no_source_and_its_debug_form_is_its_text() {
    let error = error_of::<bool>(&[7]);
    assert_eq!(
        format!("{error:?}"),
        "DecodeError(expected a bool, 00 or 01, but found 07 at byte 0)"
    );
    let error: Box<dyn Error + Send + Sync> = Box::new(error);
    assert!(error.source().is_none());
}

/// Returns the encoding of a tree whose levels, except for the innermost, have one branch each.
fn nested_bushes(levels: usize) -> Vec<u8> {
    let mut tree = Tree::Leaf(7);
    for _ in 1..levels {
        tree = Tree::Bush(vec![tree]);
    }
    tree.to_key().into_bytes()
}

#[test]
fn nesting_at_the_limit_is_read_and_deeper_is_refused() {
    assert_eq!(MAX_DEPTH, 128);
    let deepest = nested_bushes(MAX_DEPTH);
    let tree = Tree::from_key_bytes(&deepest).expect("128 levels are read");
    assert_eq!(tree.to_key().as_bytes(), deepest);
    Tree::from_payload_bytes(&deepest).expect("128 levels are read from a payload");

    let deeper = nested_bushes(MAX_DEPTH + 1);
    let error = error_of::<Tree>(&deeper);
    assert_eq!(
        (error.expected(), error.found()),
        ("nesting of at most 128 levels", "a deeper one")
    );
    assert_eq!(error.offset(), MAX_DEPTH * (8 + 2));
    assert_eq!(error.fields().count(), MAX_DEPTH);
}

#[test]
fn endless_nesting_is_refused_before_the_stack_overflows() {
    let bush_of_one = key!(2i64, Key::from_bytes([0, 1])).into_bytes();
    let bytes = bush_of_one.repeat(1_000_000);
    let error = error_of::<Tree>(&bytes);
    assert_eq!(error.expected(), "nesting of at most 128 levels");
}

#[test]
fn nesting_counts_levels_not_values() {
    let wide = Tree::Bush(vec![Tree::Leaf(1); 1_000]);
    assert_eq!(Tree::from_key_bytes(wide.to_key().as_bytes()), Ok(wide));
}

#[test]
fn decoding_a_prefix_returns_the_value_and_the_rest() {
    assert_eq!(bool::from_key_prefix(&[1, 2, 3]), Ok((true, &[2u8, 3][..])));
    assert_eq!(<&str>::from_payload_prefix(b"\0\x02hi\xFF"), Ok(("hi", &[0xFFu8][..])));
    assert_eq!(<(u8, u8)>::from_key_prefix(&[1, 2]), Ok(((1, 2), &[][..])));
    assert_eq!(<()>::from_key_prefix(&[5]), Ok(((), &[5u8][..])));
    let error = u64::from_key_prefix(&[0; 7]).expect_err("a prefix is strict too");
    assert_eq!(error.expected(), "a u64");
}

#[test]
fn key_field_takes_the_rest_of_the_input() {
    let bytes = key!("p", true, 7i64).into_bytes();
    let (part, rest) = <(&str, Key)>::from_key_bytes(&bytes).expect("a part and a key");
    assert_eq!((part, rest), ("p", key!(true, 7i64)));
    let (_, rest) = <(String, KeyRef)>::from_payload_bytes(&bytes).expect("a part and a key");
    assert_eq!(rest, key!(true, 7i64));
    assert_eq!(Key::from_key_bytes(&[]), Ok(Key::new()));
}

#[test]
fn borrowed_values_point_into_the_input() {
    let key = key!("general", [1u8, 2, 3]);
    let bytes = key.as_bytes();
    let (text, body): (&str, &[u8]) = key.decode().expect("text and bytes");
    assert_eq!(text.as_ptr(), bytes[2..].as_ptr());
    assert_eq!(body.as_ptr(), bytes[11..].as_ptr());

    let (text, body): (Cow<str>, Cow<[u8]>) = key.decode().expect("text and bytes");
    assert!(matches!(text, Cow::Borrowed(text) if text.as_ptr() == bytes[2..].as_ptr()));
    assert!(matches!(body, Cow::Borrowed(body) if body.as_ptr() == bytes[11..].as_ptr()));

    let (_, rest): (&str, KeyRef) = key.decode().expect("text and a key");
    assert_eq!(rest.as_bytes().as_ptr(), bytes[9..].as_ptr());

    let stored = payload!(Some("hi"), vec!["a", "b"]);
    let (text, list): (Option<&str>, Vec<&str>) = stored.decode().expect("an option and a list");
    assert_eq!(text.map(str::as_ptr), Some(stored.as_bytes()[3..].as_ptr()));
    assert_eq!(list[1].as_ptr(), stored.as_bytes()[12..].as_ptr());
}

#[test]
fn source_reports_its_offset() {
    let mut source = Source::new(&[0, 2, b'h', b'i', 1, 9]);
    assert_eq!((source.offset(), source.remaining()), (0, 6));
    assert_eq!(<&str>::decode_key(&mut source), Ok("hi"));
    assert_eq!((source.offset(), source.remaining()), (4, 2));
    assert_eq!(bool::decode_payload(&mut source), Ok(true));
    assert_eq!(source.finish().expect_err("a byte is left").found(), "1 more byte");
    assert_eq!(source.bytes(source.remaining(), "the rest"), Ok(Cow::Borrowed(&[9][..])));
    assert_eq!((source.remaining(), source.finish()), (0, Ok(())));
}

#[test]
fn failed_read_leaves_the_source_unchanged() {
    let mut source = Source::new(&[1, 2, 3]);
    assert!(source.array::<4>("four bytes").is_err());
    assert!(source.borrowed(4, "four bytes").is_err());
    assert!(source.borrowed(usize::MAX, "all bytes").is_err());
    assert_eq!(source.offset(), 0);
    assert_eq!(source.bytes(3, "three bytes"), Ok(Cow::Borrowed(&[1, 2, 3][..])));
}

#[test]
fn hand_written_decoder_returns_its_own_error_with_its_fields() {
    let error = DecodeError::new("an even number", String::from("7"), 3)
        .in_field("Inner", "number")
        .in_field("Outer", "inner");
    assert_eq!(error.fields().collect::<Vec<_>>(), [("Outer", "inner"), ("Inner", "number")]);
    assert_eq!(
        error.to_string(),
        "expected an even number but found 7 at byte 3, in Outer.inner > Inner.number"
    );
}

const SET_ORDER: &str = "the elements of a set in ascending order";
const MAP_ORDER: &str = "the keys of a map in ascending order";

#[test]
fn set_out_of_order_is_refused_at_the_element() {
    refused::<BTreeSet<u8>>(&[0, 3, 1, 3, 2], SET_ORDER, "a smaller one", 4);
    refused::<HashSet<u8>>(&[0, 3, 1, 3, 2], SET_ORDER, "a smaller one", 4);
    refused::<(u8, BTreeSet<u8>)>(&[9, 0, 2, 2, 1], SET_ORDER, "a smaller one", 4);
    assert_eq!(BTreeSet::from_key_bytes(&[0, 3, 1, 2, 3]), Ok(BTreeSet::from([1u8, 2, 3])));
}

#[test]
fn set_is_ordered_by_bytes() {
    let short_first = b"\0\x02\0\x01b\0\x02aa";
    let text = BTreeSet::<&str>::from_key_bytes(short_first).expect("shorter text is first");
    assert_eq!(text, BTreeSet::from(["aa", "b"]));
    assert_eq!(text.to_key().as_bytes(), short_first);
    refused::<BTreeSet<&str>>(b"\0\x02\0\x02aa\0\x01b", SET_ORDER, "a smaller one", 6);
    refused::<HashSet<String>>(b"\0\x02\0\x02aa\0\x01b", SET_ORDER, "a smaller one", 6);
}

#[test]
fn set_with_a_duplicate_element_is_refused_at_the_second() {
    refused::<BTreeSet<u8>>(&[0, 2, 1, 1], SET_ORDER, "an element that is there already", 3);
    refused::<HashSet<u8>>(&[0, 3, 1, 2, 2], SET_ORDER, "an element that is there already", 4);
}

#[test]
fn map_out_of_order_is_refused_at_the_key() {
    refused::<BTreeMap<u8, u8>>(&[0, 2, 2, 0, 1, 0], MAP_ORDER, "a smaller one", 4);
    refused::<HashMap<u8, u8>>(&[0, 2, 2, 0, 1, 0], MAP_ORDER, "a smaller one", 4);
    // A map is ordered by its keys alone; the values don't matter.
    let map = BTreeMap::from([(1u8, 7u8), (2, 0)]);
    assert_eq!(BTreeMap::from_payload_bytes(&[0, 2, 1, 7, 2, 0]), Ok(map));
}

#[test]
fn map_with_a_duplicate_key_is_refused_at_the_second() {
    refused::<BTreeMap<u8, u8>>(&[0, 2, 1, 0, 1, 1], MAP_ORDER, "a key that is there already", 4);
    refused::<HashMap<u8, u8>>(&[0, 2, 1, 0, 1, 1], MAP_ORDER, "a key that is there already", 4);
}

#[test]
fn flipped_sets_and_maps_ascend_in_the_flipped_bytes() {
    let flipped = |bytes: &[u8]| bytes.iter().map(|byte| !byte).collect::<Vec<_>>();
    refused::<Reverse<BTreeSet<u8>>>(&flipped(&[0, 2, 2, 1]), SET_ORDER, "a smaller one", 3);
    let again = "an element that is there already";
    refused::<Reverse<BTreeSet<u8>>>(&flipped(&[0, 2, 1, 1]), SET_ORDER, again, 3);
    refused::<(u8, Reverse<BTreeMap<u8, bool>>)>(
        &[&[5][..], &flipped(&[0, 2, 2, 1, 1, 0])].concat(),
        MAP_ORDER,
        "a smaller one",
        5,
    );
    let set = BTreeSet::from([1u8, 2]);
    assert_eq!(Reverse::from_key_bytes(&flipped(&[0, 2, 1, 2])), Ok(Reverse(set)));
    // Flipped twice is not flipped.
    let bytes = flipped(&[&[0, 2][..], &flipped(&[2]), &flipped(&[1])].concat());
    let set = Reverse(BTreeSet::from([Reverse(1u8), Reverse(2)]));
    assert_eq!(Reverse::from_key_bytes(&bytes), Ok(set));
}

/// Text whose equality ignores the case.
#[derive(Clone, Debug, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Caseless(String);

impl PartialEq for Caseless {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Caseless {}

impl PartialOrd for Caseless {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Caseless {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.to_lowercase().cmp(&other.0.to_lowercase())
    }
}

impl Hash for Caseless {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_lowercase().hash(state);
    }
}

#[test]
fn keys_with_different_bytes_that_are_equal_for_their_type_are_refused() {
    let bytes = b"\0\x02\0\x01A\0\x01a";
    refused::<BTreeSet<Caseless>>(bytes, SET_ORDER, "an element that is there already", 5);
    refused::<HashSet<Caseless>>(bytes, SET_ORDER, "an element that is there already", 5);
    refused::<BTreeMap<Caseless, ()>>(bytes, MAP_ORDER, "a key that is there already", 5);
    refused::<HashMap<Caseless, ()>>(bytes, MAP_ORDER, "a key that is there already", 5);
}

#[test]
fn truncated_sets_and_maps_are_refused() {
    refused::<BTreeSet<u8>>(&[0], "a length", END, 0);
    refused::<BTreeSet<u8>>(&[0, 2, 1], "the elements of a set", END, 2);
    refused::<BTreeSet<u64>>(&[0, 1, 1], "a u64", END, 2);
    refused::<BTreeMap<u8, u8>>(&[0, 2, 1], "the entries of a map", END, 2);
    refused::<BTreeMap<u8, u64>>(&[0, 2, 1, 0], "a u64", END, 3);
    refused::<HashMap<u64, ()>>(&[0, 1, 1], "a u64", END, 2);
}

/// Reserving memory for any of these counts would abort the process.
#[test]
fn sets_and_maps_with_a_count_above_the_remaining_input_are_refused_without_an_allocation() {
    for count in [1 << 48, u64::MAX] {
        let bytes = [long_form(count), vec![0; 20]].concat();
        refused::<BTreeSet<u8>>(&bytes, "the elements of a set", END, 10);
        refused::<HashSet<[u8; 4096]>>(&bytes, "the elements of a set", END, 10);
        refused::<BTreeMap<u8, String>>(&bytes, "the entries of a map", END, 10);
        refused::<HashMap<u8, [u64; 4096]>>(&bytes, "the entries of a map", END, 10);
    }
}

#[test]
fn elements_and_keys_without_bytes_are_refused_and_values_accepted() {
    let element = ("elements that have bytes", "an element without any");
    refused::<BTreeSet<()>>(&[0, 1, 0], element.0, element.1, 2);
    refused::<HashSet<((),)>>(&[0, 1, 0], element.0, element.1, 2);
    refused::<BTreeMap<(), u8>>(&[0, 1, 0], "keys that have bytes", "a key without any", 2);
    assert_eq!(<BTreeSet<()>>::from_key_bytes(&[0, 0]), Ok(BTreeSet::new()));
    let map = BTreeMap::from([(7u8, ()), (8, ())]);
    assert_eq!(BTreeMap::from_key_bytes(&[0, 2, 7, 8]), Ok(map));
}

#[test]
fn result_tag_above_one_is_refused() {
    let bytes = key!(2i64, 7u8).into_bytes();
    refused::<Result<u8, u8>>(&bytes, "a tag of Result", "2", 0);
    let bytes = key!(true, -1i64).into_bytes();
    refused::<(bool, Result<u8, ()>)>(&bytes, "a tag of Result", "-1", 1);
    refused::<Result<u8, ()>>(&[0x80], "an i64", END, 0);
    assert_eq!(key!(1i64).decode(), Ok(Err::<u8, ()>(())));
}

#[test]
fn zero_as_a_non_zero_number_is_refused() {
    refused::<NonZero<u8>>(&[0], "a number other than 0", "0", 0);
    refused::<NonZero<u64>>(&[0; 8], "a number other than 0", "0", 0);
    refused::<NonZero<i128>>(key!(0i128).as_bytes(), "a number other than 0", "0", 0);
    refused::<(u8, NonZero<i8>)>(key!(1u8, 0i8).as_bytes(), "a number other than 0", "0", 1);
    refused::<NonZero<i8>>(key!(128i64).as_bytes(), "an i8", "128", 0);
    refused::<Vec<NonZero<u8>>>(&[0, 2, 1, 0], "a number other than 0", "0", 3);
}

/// Returns seconds, not flipped, and nanoseconds.
fn time(secs: [u8; 8], nanos: u32) -> Vec<u8> {
    [&secs[..], &nanos.to_be_bytes()].concat()
}

fn secs(secs: i64) -> [u8; 8] {
    (secs ^ i64::MIN).to_be_bytes()
}

#[test]
fn nanoseconds_of_a_second_or_more_are_refused_at_their_offset() {
    const FEWER: &str = "fewer than 1000000000 nanoseconds";
    let bytes = time(7u64.to_be_bytes(), 1_000_000_000);
    refused::<Duration>(&bytes, FEWER, "1000000000", 8);
    refused::<Duration>(&[0xFF; 12], FEWER, "4294967295", 8);
    let bytes = time(secs(-7), 1_000_000_000);
    refused::<SystemTime>(&bytes, FEWER, "1000000000", 8);
    refused::<Timestamp>(&bytes, FEWER, "1000000000", 8);
    let bytes = [&[3][..], &time(secs(0), u32::MAX)].concat();
    refused::<(u8, SystemTime)>(&bytes, FEWER, "4294967295", 9);
    let bytes = time(secs(0), 2_000_000_000);
    let fewer = "fewer than 2000000000 nanoseconds";
    refused::<DateTime<Utc>>(&bytes, fewer, "2000000000", 8);
    refused::<Reverse<Duration>>(&[0; 12], FEWER, "4294967295", 8);
}

#[test]
fn truncated_times_and_dates_are_refused() {
    refused::<Duration>(&[0; 7], "the seconds of a duration", END, 0);
    refused::<Duration>(&[0; 11], "the nanoseconds of a duration", END, 8);
    refused::<SystemTime>(&[0; 7], "the seconds of a time", END, 0);
    refused::<Timestamp>(&[0; 11], "the nanoseconds of a time", END, 8);
    refused::<Date>(&[0; 7], "a date", END, 0);
    refused::<NaiveDate>(&[], "a date", END, 0);
}

#[test]
fn times_out_of_range_are_refused() {
    const JIFF: &str = "a time that jiff::Timestamp can hold";
    const CHRONO: &str = "a time that chrono::DateTime can hold";
    let first = Timestamp::MIN.as_second();
    let found = format!("one of {} seconds and 999999999 nanoseconds since 1970", first - 1);
    refused::<Timestamp>(&time(secs(first - 1), 999_999_999), JIFF, &found, 0);
    assert_eq!(Timestamp::from_key_bytes(&time(secs(first), 0)), Ok(Timestamp::MIN));
    let last = Timestamp::MAX.as_second();
    let found = format!("one of {} seconds and 0 nanoseconds since 1970", last + 1);
    refused::<Timestamp>(&time(secs(last + 1), 0), JIFF, &found, 0);
    assert_eq!(Timestamp::from_key_bytes(&time(secs(last), 999_999_999)), Ok(Timestamp::MAX));

    let first = DateTime::<Utc>::MIN_UTC.timestamp();
    let found = format!("one of {} seconds and 1999999999 nanoseconds since 1970", first - 1);
    refused::<DateTime<Utc>>(&time(secs(first - 1), 1_999_999_999), CHRONO, &found, 0);
    let last = DateTime::<Utc>::MAX_UTC.timestamp();
    let found = format!("one of {} seconds and 0 nanoseconds since 1970", last + 1);
    refused::<DateTime<Utc>>(&time(secs(last + 1), 0), CHRONO, &found, 0);
    let found = format!("one of {} seconds and 0 nanoseconds since 1970", i64::MAX);
    refused::<DateTime<Utc>>(&time(secs(i64::MAX), 0), CHRONO, &found, 0);
}

#[test]
fn leap_second_round_trips() {
    let last = NaiveDate::from_ymd_opt(2016, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
    let leap = last.and_then(|time| time.with_nanosecond(1_500_000_000)).expect("a leap second");
    let leap = leap.and_utc();
    assert_eq!(leap.to_key().as_bytes(), time(secs(1_483_228_799), 1_500_000_000));
    assert_eq!(leap.to_key().decode(), Ok(leap));
}

#[test]
fn dates_out_of_range_are_refused() {
    const JIFF: &str = "a date that jiff::civil::Date can hold";
    const CHRONO: &str = "a date that chrono::NaiveDate can hold";
    for days in [2_932_897, -4_371_588, i64::MIN, i64::MAX, 1 << 32] {
        let found = format!("one of {days} days since 1970-01-01");
        refused::<Date>(&secs(days), JIFF, &found, 0);
    }
    assert_eq!(Date::from_key_bytes(&secs(2_932_896)), Ok(Date::MAX));
    assert_eq!(Date::from_key_bytes(&secs(-4_371_587)), Ok(Date::MIN));
    let (first, last) = (NaiveDate::MIN.to_epoch_days(), NaiveDate::MAX.to_epoch_days());
    for days in [i64::from(first) - 1, i64::from(last) + 1, i64::MIN, i64::MAX, 1 << 32] {
        let found = format!("one of {days} days since 1970-01-01");
        refused::<NaiveDate>(&secs(days), CHRONO, &found, 0);
    }
}

#[test]
fn unknown_ip_version_is_refused() {
    refused::<IpAddr>(&[5, 1, 2, 3, 4], "an IP version, 04 or 06,", "05", 0);
    refused::<SocketAddr>(&[0], "an IP version, 04 or 06,", "00", 0);
    refused::<(u8, IpAddr)>(&[4, 0xFF], "an IP version, 04 or 06,", "ff", 1);
    refused::<Reverse<IpAddr>>(&[4, 1, 2, 3, 4], "an IP version, 04 or 06,", "fb", 0);
}

#[test]
fn truncated_addresses_are_refused() {
    refused::<Ipv4Addr>(&[1, 2, 3], "an IPv4 address", END, 0);
    refused::<Ipv6Addr>(&[0; 15], "an IPv6 address", END, 0);
    refused::<IpAddr>(&[], "an IP version", END, 0);
    refused::<IpAddr>(&[6, 0], "an IPv6 address", END, 1);
    refused::<SocketAddrV4>(&[127, 0, 0, 1, 0], "a u16", END, 4);
    refused::<SocketAddrV6>(&[0; 25], "the flow information of a socket address", END, 24);
    refused::<SocketAddrV6>(&[0; 31], "the scope id of a socket address", END, 28);
    refused::<Uuid>(&[0; 15], "a UUID", END, 0);
}

#[test]
fn port_out_of_range_is_refused() {
    let bytes = [&[4, 127, 0, 0, 1][..], &65_536u64.to_be_bytes()].concat();
    refused::<SocketAddr>(&bytes, "a u16", "65536", 5);
    refused::<SocketAddrV4>(&bytes[1..], "a u16", "65536", 4);
}

#[test]
fn lex_values_with_a_wrong_end_are_refused() {
    const TEXT_END: &str = "the end of a Lex value, 00 01";
    refused::<Lex<String>>(b"ab", TEXT_END, END, 0);
    refused::<Lex<String>>(b"ab\0\xFFcd\0", TEXT_END, END, 4);
    refused::<Lex<Bytes>>(b"", TEXT_END, END, 0);
    let escape = "an escaped zero, 00 FF, or the end, 00 01,";
    refused::<Lex<Vec<u8>>>(b"ab\0\x02", escape, "00 02", 2);
    refused::<Reverse<Lex<Bytes>>>(&[0x9E, 0xFF, 0xFF], escape, "00 00", 1);
    let element = "an element of a Lex sequence, or its end";
    refused::<Lex<Vec<bool>>>(&[1, 1], element, END, 2);
    let element = "an element of a Lex sequence, 01, or its end, 00,";
    refused::<Lex<Vec<bool>>>(&[1, 1, 2], element, "02", 2);
    refused::<Reverse<Lex<Vec<bool>>>>(&[0xFE, 0xFE, 0xFD], element, "02", 2);
    refused::<Lex<[bool; 2]>>(&[1, 1, 0], "a length of 2", "1", 0);
    refused::<Lex<String>>(b"\0\xFFa\xFF\0\x01", "UTF-8 text", "other bytes", 3);
}

#[test]
fn flipped_bytes_cannot_be_borrowed() {
    let bytes = Reverse("hi").to_key().into_bytes();
    let found = "flipped bytes, which only an owned type can hold";
    refused::<Reverse<&str>>(&bytes, "bytes to borrow", found, 2);
    assert_eq!(Reverse::from_key_bytes(&bytes), Ok(Reverse(String::from("hi"))));
}

/// The default stack of a thread is enough for them even in a build that isn't optimized.
#[test]
fn deepest_value_of_large_levels_fits_the_default_stack() {
    #[derive(KeyDecode, PayloadDecode)]
    struct Level {
        #[key(fixed)]
        #[payload(fixed)]
        #[allow(dead_code)]
        bytes: [u8; 1_536],
        next: Option<Box<Level>>,
    }
    let levels = |count: usize| {
        let mut bytes = Vec::new();
        for level in 1..=count {
            bytes.extend([7; 1_536]);
            bytes.push(u8::from(level < count));
        }
        bytes
    };
    let decode = move || {
        let (deepest, deeper) = (levels(MAX_DEPTH), levels(MAX_DEPTH + 1));
        let mut depth = 0;
        let mut next = Some(Box::new(Level::from_key_bytes(&deepest).unwrap()));
        while let Some(level) = next {
            depth += 1;
            next = level.next;
        }
        assert_eq!(depth, MAX_DEPTH);
        assert!(Level::from_payload_bytes(&deepest).is_ok());
        assert!(Level::from_key_bytes(&deeper).is_err());
        assert!(Level::from_payload_bytes(&deeper).is_err());
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(decode).unwrap();
    thread.join().unwrap();
}

#[test]
fn tag_without_a_variant_is_refused_for_types_of_the_standard_library() {
    let tag = |tag: i64| tag.to_key().into_bytes();
    refused::<Ordering>(&tag(2), "a tag of Ordering", "2", 0);
    refused::<Ordering>(&tag(-2), "a tag of Ordering", "-2", 0);
    refused::<Ordering>(&tag(0)[..7], "an i64", END, 0);
    refused::<Infallible>(&tag(0), "a tag of Infallible", "0", 0);
    refused::<Result<u8, Infallible>>(
        &key!(1i64, 0i64).into_bytes(),
        "a tag of Infallible",
        "0",
        8,
    );
    let error = Bound::<u8>::from_payload_bytes(&tag(3)).unwrap_err();
    assert_eq!((error.expected(), error.found()), ("a tag of Bound", "3"));
    let error = Range::<u8>::from_payload_bytes(&[7]).unwrap_err();
    assert_eq!((error.expected(), error.found(), error.offset()), ("a u8", END, 1));
}

#[test]
fn exhausted_inclusive_range_is_read_back_as_its_ends() {
    let mut range = 1u8..=2;
    assert_eq!(range.by_ref().count(), 2);
    let (start, end) = (*range.start(), *range.end());
    let decoded = RangeInclusive::from_payload_bytes(range.to_payload().as_bytes()).unwrap();
    assert_eq!(decoded, start..=end);
}

#[test]
fn decode_error_of_the_store_shows_its_reason() {
    let error = persist_core::Error::from(bool::from_key_bytes(&[7]).unwrap_err());
    assert_eq!(
        error.to_string(),
        "the stored bytes are not a value of the requested type: expected a bool, 00 or 01, but found 07 at byte 0"
    );
}
