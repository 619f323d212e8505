//! Keys: their order, their API and the ranges of their prefixes.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::marker::PhantomData;

use persist_core::codec::Sink;
use persist_core::{Key, KeyEncode, KeyRange, KeyRef, Lex, Payload, PayloadEncode, key, payload};
use persist_tests::adversarial::{Header, Message, Mood};

/// Asserts that each key is smaller than all keys after it.
#[track_caller]
fn assert_ascending(keys: &[Key]) {
    for (index, key) in keys.iter().enumerate() {
        for larger in &keys[index + 1..] {
            assert!(key < larger, "{key:?} < {larger:?}");
            assert!(key.as_bytes() < larger.as_bytes(), "{key:?} < {larger:?} by bytes");
        }
    }
}

fn keys_of<T: KeyEncode>(values: &[T]) -> Vec<Key> {
    values.iter().map(KeyEncode::to_key).collect()
}

// Order.

#[test]
fn strings_sort_by_length_then_by_bytes() {
    assert_ascending(&keys_of(&["", "a", "b", "aa", "ab"]));
    assert_ascending(&keys_of(&["zzz", "\0\0\0\0", "aaaa", "ééé"]));
}

#[test]
fn strings_of_equal_length_sort_by_bytes() {
    assert_ascending(&keys_of(&["abc", "abd", "acc", "bbc"]));
    // Two bytes each: the length counts bytes, not chars.
    assert_ascending(&keys_of(&["\0\0", "aB", "ab", "\u{80}", "ÿ", "\u{7FF}"]));
}

#[test]
fn strings_sort_by_length_across_the_step_to_the_long_form() {
    let lengths = [0, 1, 255, 256, 65_534, 65_535, 65_536, 70_000];
    assert_ascending(&lengths.map(|length| "x".repeat(length).to_key()));
}

#[test]
fn signed_numbers_keep_their_order() {
    assert_ascending(&keys_of(&[
        i64::MIN,
        i64::MIN + 1,
        -256,
        -2,
        -1,
        0,
        1,
        2,
        256,
        i64::MAX - 1,
        i64::MAX,
    ]));
    assert_ascending(&keys_of(&[i8::MIN, -1, 0, 1, i8::MAX]));
    assert_ascending(&keys_of(&[
        i128::MIN,
        i128::from(i64::MIN),
        -1,
        0,
        1,
        i128::from(u64::MAX),
        i128::MAX,
    ]));
}

#[test]
fn signed_numbers_of_8_to_64_bits_have_the_same_bytes() {
    for value in [i8::MIN, -1, 0, i8::MAX] {
        let key = value.to_key();
        assert_eq!(i16::from(value).to_key(), key);
        assert_eq!(i32::from(value).to_key(), key);
        assert_eq!(i64::from(value).to_key(), key);
        assert_eq!(isize::from(value).to_key(), key);
    }
}

#[test]
fn unsigned_numbers_keep_their_order() {
    assert_ascending(&keys_of(&[0, 1, 256, 1_000_000, u64::MAX - 1, u64::MAX]));
    assert_ascending(&keys_of(&[0, 1, 0x7F, 0x80, u8::MAX]));
    assert_ascending(&keys_of(&[0, 1, u128::from(u64::MAX), u128::from(u64::MAX) + 1, u128::MAX]));
}

#[test]
fn unsigned_numbers_of_16_to_64_bits_have_the_same_bytes() {
    for value in [0, 1, u16::MAX] {
        let key = value.to_key();
        assert_eq!(u32::from(value).to_key(), key);
        assert_eq!(u64::from(value).to_key(), key);
        assert_eq!(usize::from(value).to_key(), key);
    }
}

#[test]
fn u8_is_one_byte() {
    assert_eq!(0xC8u8.to_key().as_bytes(), [0xC8]);
}

#[test]
fn floats_sort_by_total_cmp() {
    assert_ascending(&keys_of(&[
        -f64::NAN,
        f64::NEG_INFINITY,
        -1.5,
        -f64::MIN_POSITIVE,
        -0.0,
        0.0,
        f64::MIN_POSITIVE,
        1.5,
        f64::INFINITY,
        f64::NAN,
    ]));
}

#[test]
fn none_sorts_before_some() {
    assert_ascending(&keys_of(&[None, Some(i64::MIN), Some(0), Some(i64::MAX)]));
}

#[test]
fn sequences_sort_by_count_then_element_by_element() {
    assert_ascending(&keys_of(&[vec![], vec!["zz"], vec!["", ""], vec!["", "a"], vec!["a", ""]]));
}

#[test]
fn first_of_two_strings_decides() {
    assert_ascending(&[
        key!("a", ""),
        key!("a", "z"),
        key!("a", "aa"),
        key!("b", "a"),
        key!("aa", ""),
    ]);
}

#[test]
fn string_before_a_number_decides() {
    assert_ascending(&[
        key!("a", i64::MIN),
        key!("a", -1i64),
        key!("a", 0i64),
        key!("a", i64::MAX),
        key!("b", i64::MIN),
        key!("aa", i64::MIN),
    ]);
}

#[test]
fn longer_key_sorts_after_its_prefix() {
    assert_ascending(&[
        key!(),
        key!("a"),
        key!("a", 1i64),
        key!("a", 1i64, false),
        key!("a", 2i64),
    ]);
    assert!(key!("a", 1i64).as_bytes().starts_with(key!("a").as_bytes()));
}

#[test]
fn parts_with_equal_concatenation_are_different_keys() {
    assert_ne!(key!("ab", "c"), key!("a", "bc"));
    assert_ne!(key!("", "a"), key!("a", ""));
    assert_ne!(key!([1u8], [2u8, 3]), key!([1u8, 2], [3u8]));
}

#[test]
fn tuples_sort_field_by_field() {
    assert_ascending(&keys_of(&[
        ("a", -1i64, false),
        ("a", -1, true),
        ("a", 0, false),
        ("b", -1, false),
        ("aa", -1, false),
    ]));
}

#[test]
fn structs_sort_field_by_field() {
    let header = |sender: &str, epoch| Header { sender: sender.to_owned(), epoch };
    assert_ascending(&keys_of(&[
        header("a", -1),
        header("a", 7),
        header("b", -7),
        header("aa", -9),
    ]));
}

// Equal keys.

#[test]
fn keys_with_equal_bytes_are_equal() {
    assert_eq!(key!("a", 1i64), key!("a", 1i64));
    assert_eq!(key!("a"), Key::from_bytes(b"\0\x01a"));
    assert_ne!(key!("a", 1i64), key!("a", 2i64));
    assert_ne!(key!("a"), key!("a", ""));
    // Inline and heap keys with the same bytes are equal.
    let on_the_heap = {
        let mut key = Key::with_capacity(100);
        key.push("a");
        key
    };
    assert_eq!(on_the_heap, key!("a"));
}

#[test]
fn tuple_as_a_part_equals_its_fields_as_parts() {
    assert_eq!(key!(("a", 7i64)), key!("a", 7i64));
    assert_eq!(key!("x", ("a", 7i64), true), key!("x", "a", 7i64, true));
    assert_eq!(("a", (7i64, (true,))).to_key(), key!("a", 7i64, true));
    assert_eq!(
        (1u8, 2u8, 3u8, 4u8, 5u8, 6u8, 7u8, 8u8, 9u8, 10u8, 11u8, 12u8).to_key().as_bytes(),
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    );
}

/// A tuple with named fields is a struct in Rust.
#[derive(KeyEncode)]
struct Coordinates {
    lane: &'static str,
    seq: i64,
}

#[test]
fn tuple_with_named_fields_equals_its_fields_as_parts() {
    assert_eq!(key!(Coordinates { lane: "a", seq: 7 }), key!("a", 7i64));
}

#[test]
fn struct_equals_its_fields_as_parts() {
    let header = Header { sender: "alice".to_owned(), epoch: 5 };
    assert_eq!(key!(header), key!("alice", 5i64));
    assert_eq!(header.to_key(), key!("alice", 5i64));
}

#[test]
fn struct_after_another_part_equals_its_fields_there() {
    let header = Header { sender: "alice".to_owned(), epoch: 5 };
    assert_eq!(key!("msg", header), key!("msg", "alice", 5i64));
    assert_eq!(key!("msg", &header, true), key!("msg", "alice", 5i64, true));
}

#[test]
fn enum_equals_its_ordinal_as_an_i64() {
    assert_eq!(key!(Mood::Calm), key!(0i64));
    assert_eq!(key!(Mood::Happy), key!(1i64));
    assert_eq!(key!(Mood::Angry), key!(2i64));
    assert_ascending(&keys_of(&[Mood::Calm, Mood::Happy, Mood::Angry]));
}

#[test]
fn to_key_equals_the_macro_with_one_part() {
    assert_eq!("hi".to_key(), key!("hi"));
    assert_eq!(7i64.to_key(), key!(7i64));
    assert_eq!(("hi", 7i64).to_key(), key!(("hi", 7i64)));
    assert_eq!(Mood::Happy.to_key(), key!(Mood::Happy));
    assert_eq!(key!("hi").to_key(), key!("hi"));
}

#[test]
fn embedded_key_adds_its_raw_bytes() {
    let inner = key!("a", 7i64);
    assert_eq!(key!("p", inner), key!("p", "a", 7i64));
    assert_eq!(key!(inner, true), key!("a", 7i64, true));
    assert_eq!(key!(inner.as_key_ref(), true), key!("a", 7i64, true));
    assert_eq!(key!("p", Key::from_bytes([0xFF, 0]), "s").as_bytes(), b"\0\x01p\xFF\0\0\x01s");
    assert_eq!(key!(Key::new(), inner, Key::new()), inner);
}

#[test]
fn parts_are_borrowed_and_stay_usable() {
    let channel = String::from("general");
    let key = key!(channel, &channel, channel.as_str());
    assert_eq!(key, key!("general", "general", "general"));
}

#[test]
fn macro_without_parts_returns_the_empty_key() {
    assert_eq!(key!(), Key::new());
    assert_eq!(Key::default(), Key::new());
    assert!(Key::new().is_empty());
    assert_eq!(().to_key(), Key::new());
}

// Payloads.

#[test]
fn primitive_payloads_have_their_widths() {
    assert_eq!("hi".to_payload().as_bytes(), b"\0\x02hi");
    assert_eq!(7i64.to_payload().as_bytes(), [0x80, 0, 0, 0, 0, 0, 0, 7]);
    assert_eq!(true.to_payload().as_bytes(), [1]);
    assert_eq!([1u8, 2].to_payload().as_bytes(), [0, 2, 1, 2]);
}

#[test]
fn payload_of_a_nested_struct_equals_its_joined_parts() {
    let header = Header { sender: "alice".to_owned(), epoch: 9 };
    let message = Message { header, mood: Mood::Happy, body: vec![0xAA, 0xBB] };
    assert_eq!(message.to_payload(), payload!("alice", 9i64, 1i64, [0xAAu8, 0xBB]));
    assert_eq!(message.to_payload().as_bytes(), message.to_key().as_bytes());
}

#[test]
fn payload_of_several_parts_equals_their_joined_bytes() {
    let joined = [
        "v1".to_payload().into_bytes(),
        (-1i64).to_payload().into_bytes(),
        vec![0xDEu8, 0xAD].to_payload().into_bytes(),
    ]
    .concat();
    assert_eq!(payload!("v1", -1i64, vec![0xDEu8, 0xAD]).as_bytes(), joined);
}

#[test]
fn embedded_payload_or_key_adds_its_raw_bytes() {
    let inner = payload!("a", 7i64);
    assert_eq!(payload!("p", inner, true), payload!("p", "a", 7i64, true));
    assert_eq!(payload!(key!("a"), true), payload!("a", true));
    assert_eq!(payload!(), Payload::new());
}

#[test]
fn payload_displays_hex_and_debugs_as_printable_text() {
    let payload = payload!("hi", true);
    assert_eq!(payload.to_string(), "0002686901");
    assert_eq!(format!("{payload:?}"), r#"Payload("\x00\x02hi\x01")"#);
}

// Ranges of prefixes.

#[test]
fn prefix_range_starts_at_the_prefix() {
    let prefix = key!("general");
    assert_eq!(prefix.prefix_range().start(), &prefix);
    assert_eq!(KeyRange::prefix(&prefix), prefix.prefix_range());
}

#[test]
fn prefix_range_contains_the_keys_that_begin_with_the_prefix() {
    let prefix = key!("general");
    let range = prefix.prefix_range();
    assert!(range.contains(&prefix));
    assert!(range.contains(&key!("general", i64::MIN)));
    assert!(range.contains(&key!("general", i64::MAX, "x")));
    assert!(range.contains(&key!(prefix, Key::from_bytes([0xFF; 40]))));
    assert!(range.contains(&key!(prefix, Key::from_bytes([0]))));
}

#[test]
fn prefix_range_excludes_the_neighbors_on_both_sides() {
    let range = key!("b").prefix_range();
    assert!(!range.contains(&key!("a")));
    assert!(!range.contains(&key!("a", i64::MAX)));
    assert!(!range.contains(&key!("c")));
    assert!(!range.contains(&key!("bb")));
    assert!(!range.contains(&key!()));
    assert!(!range.contains(range.stop().unwrap()));
}

#[test]
fn prefix_of_ff_bytes_has_an_open_end() {
    for length in [1, 2, 30, 31, 64] {
        let prefix = Key::from_bytes(vec![0xFF; length]);
        let range = prefix.prefix_range();
        assert_eq!(range.start(), &prefix);
        assert_eq!(range.stop(), None);
        assert!(range.contains(&Key::from_bytes(vec![0xFF; length + 9])));
        assert!(!range.contains(&Key::from_bytes([0xFE])));
        assert!(!range.contains(&Key::from_bytes(vec![0xFF; length - 1])));
    }
}

#[test]
fn prefix_that_ends_in_ff_increments_the_byte_before() {
    let range = Key::from_bytes([1, 2, 0xFF, 0xFF]).prefix_range();
    assert_eq!(range.stop().unwrap().as_bytes(), [1, 3]);
    let range = Key::from_bytes([0xFF, 0, 0xFF]).prefix_range();
    assert_eq!(range.stop().unwrap().as_bytes(), [0xFF, 1]);
    let range = Key::from_bytes([0xFE]).prefix_range();
    assert_eq!(range.stop().unwrap().as_bytes(), [0xFF]);
    let range = key!("channel", i64::MAX).prefix_range();
    assert_eq!(range.stop(), Some(&key!("channem")));
}

#[test]
fn empty_prefix_contains_all_keys() {
    let range = Key::new().prefix_range();
    for key in [Key::new(), Key::from_bytes([0]), Key::from_bytes([0xFF; 50])] {
        assert!(range.contains(&key));
    }
}

#[test]
fn key_range_contains_its_start_but_not_its_stop() {
    let range = KeyRange::new(key!(1u64), key!(3u64));
    assert!(!range.contains(&key!(0u64)));
    assert!(range.contains(&key!(1u64)));
    assert!(range.contains(&key!(2u64, "more")));
    assert!(!range.contains(&key!(3u64)));
}

#[test]
fn key_range_with_a_stop_before_its_start_contains_nothing() {
    let range = KeyRange::new(key!(3u64), key!(1u64));
    for value in 0..5u64 {
        assert!(!range.contains(&key!(value)));
    }
}

#[test]
fn key_range_with_an_empty_stop_contains_nothing() {
    for start in [Key::new(), key!(0u64), key!("a")] {
        let range = KeyRange::new(start.clone(), Key::new());
        for key in [Key::new(), key!(0u64), key!("a"), Key::from_bytes([0xFF; 9])] {
            assert!(!range.contains(&key), "{range:?} {key:?}");
        }
        assert_eq!(range.stop(), Some(&Key::new()));
    }
}

#[test]
fn key_range_without_an_end_equals_the_one_with_an_empty_stop_as_end() {
    let range = KeyRange::from_start(key!(3u64));
    assert_eq!(KeyRange::with_empty_stop_as_end(key!(3u64), Key::new()), range);
    assert!(!range.contains(&key!(2u64)) && !range.contains(&Key::new()));
    assert!(range.contains(&key!(3u64)) && range.contains(&Key::from_bytes([0xFF; 9])));
    let range = KeyRange::with_empty_stop_as_end(key!(3u64), key!(5u64));
    assert_eq!(range, KeyRange::new(key!(3u64), key!(5u64)));
}

// The API.

#[test]
fn key_and_option_of_a_key_occupy_32_bytes() {
    assert_eq!(size_of::<Key>(), 32);
    assert_eq!(size_of::<Option<Key>>(), 32);
}

#[test]
fn key_that_grows_to_the_heap_keeps_its_bytes() {
    let all: Vec<u8> = (0..100).collect();
    for length in [0, 1, 28, 29, 30, 31, 32, 33, 64, 100] {
        let expected = &all[..length];
        assert_eq!(Key::from_bytes(expected).as_bytes(), expected);
        assert_eq!(Key::from_bytes(expected).len(), length);
        assert_eq!(Key::from_bytes(expected).into_bytes(), expected);
        assert_eq!(Key::from_bytes(expected).clone().as_bytes(), expected);

        let mut byte_by_byte = Key::new();
        for byte in expected {
            byte_by_byte.push(byte);
        }
        assert_eq!(byte_by_byte.as_bytes(), expected);

        for first in [0, 1, 15, 29, 30, 31] {
            let (front, back) = expected.split_at(first.min(length));
            let mut in_two = Key::from_bytes(front);
            in_two.push(&KeyRef::from_bytes(back));
            assert_eq!(in_two.as_bytes(), expected, "{first} bytes, then the rest");
            let mut unreserved = Key::from_bytes(front);
            Sink::key(&mut unreserved).write(back);
            assert_eq!(
                unreserved.as_bytes(),
                expected,
                "{first} bytes, then the rest, not reserved"
            );
        }
    }
}

#[test]
fn pushed_parts_equal_the_macro() {
    let mut key = Key::with_capacity(3);
    key.push("channel-42");
    key.push(&1i64);
    key.push(&("b", true));
    key.push(&Some(Mood::Happy));
    assert_eq!(key, key!("channel-42", 1i64, ("b", true), Some(Mood::Happy)));
}

#[test]
fn bytes_since_a_mark_can_be_changed_in_place() {
    for front in [3, 29, 40] {
        let mut key = Key::from_bytes(vec![7; front]);
        let mut sink = Sink::key(&mut key);
        let mark = sink.mark();
        sink.write(&[1, 2, 3]);
        assert_eq!(sink.since(mark), [1, 2, 3]);
        sink.since(mark).reverse();
        assert_eq!(key.as_bytes(), [vec![7; front], vec![3, 2, 1]].concat());
    }
}

#[test]
fn key_displays_hex_that_parses_back() {
    for bytes in [&b""[..], b"\0", b"\xFF\x00\x7Fa", &[0xAB; 40]] {
        let key = Key::from_bytes(bytes);
        assert_eq!(key.to_string().len(), 2 * bytes.len());
        assert_eq!(key.to_string().parse(), Ok(key));
    }
    assert_eq!(key!("general", 7i64).to_string(), "000767656e6572616c8000000000000007");
    assert_eq!(key!("hi").as_key_ref().to_string(), "00026869");
}

#[test]
fn hex_of_either_case_parses() {
    assert_eq!("aBCdEF09".parse(), Ok(Key::from_bytes([0xAB, 0xCD, 0xEF, 0x09])));
}

#[test]
fn invalid_hex_is_refused_with_its_place() {
    for (text, offset) in [
        ("0", 0),
        ("000", 2),
        ("0g", 0),
        ("00zz", 2),
        ("0x00", 0),
        (" 00", 0),
        ("00 0", 2),
        ("00é", 2),
        ("+1", 0),
    ] {
        let error = text.parse::<Key>().expect_err(text);
        assert_eq!(
            error.to_string(),
            format!("expected two hex digits (0-9, a-f) at byte {offset}"),
            "{text}"
        );
    }
}

#[test]
fn key_debugs_as_printable_text() {
    assert_eq!(format!("{:?}", key!("hi", true)), r#"Key("\x00\x02hi\x01")"#);
    assert_eq!(format!("{:?}", Key::from_bytes(b"\"\xFF")), r#"Key("\"\xff")"#);
    assert_eq!(format!("{:?}", key!("hi").as_key_ref()), r#"KeyRef("\x00\x02hi")"#);
}

#[test]
fn key_hashes_like_its_bytes() {
    let state = BuildHasherDefault::<DefaultHasher>::default();
    for bytes in [&b""[..], b"short", &[1; 30], &[1; 31]] {
        let key = Key::from_bytes(bytes);
        assert_eq!(state.hash_one(&key), state.hash_one(bytes));
        assert_eq!(state.hash_one(key.as_key_ref()), state.hash_one(bytes));
    }
}

#[test]
fn map_of_keys_is_looked_up_by_bytes() {
    let long = key!("a channel with a long name", 7i64);
    let hashed: HashMap<Key, u8> = HashMap::from([(key!("a"), 1), (long.clone(), 2)]);
    assert_eq!(hashed.get(&b"\0\x01a"[..]), Some(&1));
    assert_eq!(hashed.get(long.as_bytes()), Some(&2));
    assert_eq!(hashed.get(&b"a"[..]), None);

    let sorted: BTreeMap<Key, u8> = hashed.into_iter().collect();
    assert_eq!(sorted.get(&b"\0\x01a"[..]), Some(&1));
    let borrowed: &[u8] = long.borrow();
    assert_eq!(sorted.get(borrowed), Some(&2));
}

#[test]
fn borrowed_keys_compare_and_convert_like_owned_ones() {
    let [small, large] = [key!("a"), key!("a", 1i64)];
    assert!(small.as_key_ref() < large.as_key_ref());
    assert_eq!(small.as_key_ref(), small);
    assert_eq!(large.as_key_ref().to_owned(), large);
    assert_eq!(large.as_key_ref().as_ref(), AsRef::<[u8]>::as_ref(&large));
}

#[test]
fn key_decodes_to_its_parts() {
    let key = key!("general", 7i64, true);
    assert_eq!(key.decode(), Ok(("general", 7i64, true)));
    assert_eq!(key.decode_prefix::<&str>(), Ok(("general", &key.as_bytes()[9..])));
    assert_eq!(key.as_key_ref().decode(), Ok(("general".to_owned(), 7i64, true)));
    assert_eq!(key.as_key_ref().decode_prefix::<(&str, i64)>(), Ok((("general", 7), &[1u8][..])));
    assert_eq!(payload!("hi", true).decode(), Ok(("hi", true)));
}

#[test]
fn owned_and_borrowed_keys_compare_in_both_directions() {
    let owned = key!("a");
    assert!(owned == owned.as_key_ref());
    assert!(owned.as_key_ref() == owned);
    assert!(key!("b") != owned.as_key_ref());
}

#[test]
fn long_vector_becomes_a_key_without_a_copy() {
    let long = vec![9; 31];
    let at = long.as_ptr();
    let key = Key::from(long);
    assert_eq!((key.as_bytes(), key.as_bytes().as_ptr()), (&[9; 31][..], at));
    let bytes = key.into_bytes();
    assert_eq!(bytes.as_ptr(), at);
    for len in [0, 1, 30, 31] {
        assert_eq!(Key::from(vec![7; len]), Key::from_bytes(vec![7; len]));
    }
}

#[test]
fn payload_displays_hex_that_parses_back() {
    let stored = payload!("hi", true);
    assert_eq!(stored.to_string(), "0002686901");
    assert_eq!("0002686901".parse(), Ok(stored));
    assert_eq!("".parse(), Ok(Payload::new()));
    assert_eq!("0002x".parse::<Payload>().unwrap_err().offset(), 4);
}

#[test]
fn payload_prefix_is_decoded() {
    let stored = payload!("hi", true);
    assert_eq!(stored.decode_prefix::<&str>(), Ok(("hi", &[1][..])));
    assert_eq!(stored.decode_prefix::<u64>().unwrap_err().offset(), 0);
}

#[test]
fn phantom_data_of_unsized_types_is_a_key_and_a_payload() {
    let phantom = PhantomData::<str>;
    assert_eq!((phantom, 7u8).to_key(), key!(7u8));
    assert_eq!((phantom, 7u8).to_payload(), payload!(7u8));
    assert_eq!(key!(7u8).decode(), Ok((phantom, 7u8)));
}

/// Bytes are compared as a whole, and other elements one by one, with the same result.
#[test]
fn sequences_in_every_container_compare_like_their_keys() {
    let values: [&[u8]; 7] = [&[], &[0], &[0, 0], &[0, 1], &[1], &[1, 0], &[0xFF]];
    for left in values {
        for right in values {
            let order = left.to_key().cmp(&right.to_key());
            assert_eq!(left.key_cmp(right), order);
            assert_eq!(VecDeque::from(left.to_vec()).key_cmp(&right.to_vec().into()), order);
            assert_eq!(wide(left).key_cmp(&wide(right)), order);

            let order = left.cmp(right);
            assert_eq!(Lex(left).key_cmp(&Lex(right)), order);
            let (left_deque, right_deque) = (left.to_vec().into(), right.to_vec().into());
            assert_eq!(Lex::<VecDeque<u8>>(left_deque).key_cmp(&Lex(right_deque)), order);
            assert_eq!(Lex(wide(left)).key_cmp(&Lex(wide(right))), order);
        }
    }
}

fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes.iter().copied().map(u16::from).collect()
}
