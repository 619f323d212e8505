//! The step from two-byte to ten-byte lengths, with values that are too large for random tests.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::Debug;

use persist_core::{DecodeError, KeyDecode, KeyEncode, KeyRef, PayloadDecode, PayloadEncode};

const LENGTHS: [usize; 5] = [65_533, 65_534, 65_535, 65_536, 65_537];

/// Returns three values of each length, in documented order, that differ only at their ends.
///
/// Miri interprets each step, so it gets two values on either side of the step.
fn of_each_length<T>(of: impl Fn(usize, usize) -> T) -> Vec<T> {
    let (lengths, ends) = if cfg!(miri) { (&LENGTHS[1..3], 0..2) } else { (&LENGTHS[..], 0..3) };
    lengths
        .iter()
        .flat_map(|length| ends.clone().map(|end| of(*length, end)).collect::<Vec<_>>())
        .collect()
}

/// For types that take long to decode: one value on either side of the step, and short values under Miri.
fn on_both_sides<T>(of: impl Fn(u32) -> T) -> [T; 2] {
    if cfg!(miri) { [of(254), of(255)] } else { [of(65_534), of(65_535)] }
}

trait Stored:
    KeyEncode
    + PayloadEncode
    + for<'de> KeyDecode<'de>
    + for<'de> PayloadDecode<'de>
    + PartialEq
    + Debug
{
}

impl<T> Stored for T where
    T: KeyEncode
        + PayloadEncode
        + for<'de> KeyDecode<'de>
        + for<'de> PayloadDecode<'de>
        + PartialEq
        + Debug
{
}

/// Checks values in documented order, without duplicates.
fn laws_of_all<T: Stored>(values: &[T]) {
    let keys: Vec<_> = values.iter().map(KeyEncode::to_key).collect();
    for (index, left) in values.iter().enumerate() {
        let key = &keys[index];
        laws_of(left, key.as_bytes());
        for (right, smaller) in values[..index].iter().zip(&keys) {
            assert!(smaller < key && right.key_cmp(left).is_lt() && left.key_cmp(right).is_gt());
            assert!(!key.as_bytes().starts_with(smaller.as_bytes()));
        }
    }
}

fn laws_of<T: Stored>(value: &T, bytes: &[u8]) {
    assert_eq!(value.encoded_key_len(), bytes.len());
    assert_eq!(value.encoded_payload_len(), bytes.len());
    assert!(value.to_payload().as_bytes() == bytes, "a payload has the same bytes");

    let mut longer = value.to_key();
    longer.push(&KeyRef::from_bytes(b"\xFF\0"));
    let longer = longer.as_bytes();
    for (read, rest) in [
        T::from_key_prefix(longer).expect("an encoded value decodes"),
        T::from_payload_prefix(longer).expect("an encoded value decodes"),
    ] {
        assert!(read == *value && rest == b"\xFF\0");
    }
    assert_eq!(outcome::<T>(longer).err().map(|error| error.offset()), Some(bytes.len()));
    for cut in [0, 1, 2, 3, 9, 10, 11, bytes.len() - 1] {
        let error = outcome::<T>(&bytes[..cut]).expect_err("no beginning decodes");
        assert!(error.offset() <= cut);
    }
    // Positions in the length, which is first or after eight bytes, and around it.
    for at in [0, 1, 2, 8, 9, 10, 11] {
        let mut mutated = bytes.to_vec();
        mutated[at] = mutated[at].wrapping_add(1);
        match outcome::<T>(&mutated) {
            Ok(other) => assert!(other != *value && other.to_key().as_bytes() == mutated),
            Err(error) => assert!(error.offset() <= mutated.len()),
        }
    }
}

/// Decodes the bytes as a key and as a payload, which must agree.
fn outcome<T: Stored>(bytes: &[u8]) -> Result<T, DecodeError> {
    let read = T::from_key_bytes(bytes);
    assert!(read == T::from_payload_bytes(bytes), "keys and payloads decode alike");
    read
}

fn long_text(length: usize, end: usize) -> String {
    "x".repeat(length - 1) + ["\0", "a", "\x7F"][end]
}

fn long_bytes(length: usize, end: usize) -> Vec<u8> {
    let mut bytes = vec![0xFF; length];
    bytes[length - 1] = [0, 1, 0xFF][end];
    bytes
}

#[test]
fn text_keeps_the_laws() {
    laws_of_all(&of_each_length(long_text));
}

#[test]
fn descending_text_keeps_the_laws() {
    let mut values = of_each_length(|length, end| Reverse(long_text(length, end)));
    values.reverse();
    laws_of_all(&values);
}

#[test]
fn bytes_keep_the_laws() {
    laws_of_all(&of_each_length(long_bytes));
}

#[test]
fn bytes_in_a_ring_keep_the_laws() {
    laws_of_all(&of_each_length(|length, end| {
        // Half of the bytes are pushed to the front, so that the ring is two slices.
        let mut front = long_bytes(length, end);
        let mut ring = VecDeque::from(front.split_off(length / 2));
        front.into_iter().rev().for_each(|byte| ring.push_front(byte));
        ring
    }));
}

#[test]
fn sequences_keep_the_laws() {
    laws_of_all(&of_each_length(|length, end| {
        let mut options = vec![None; length];
        options[length - 1] = [None, Some(false), Some(true)][end];
        options
    }));
}

#[test]
fn sets_keep_the_laws() {
    laws_of_all(&on_both_sides(|length| (0..length).collect::<BTreeSet<u32>>()));
}

#[test]
fn maps_keep_the_laws() {
    laws_of_all(&on_both_sides(|length| {
        (0..length).map(|key| (key, key % 2 == 0)).collect::<BTreeMap<u32, bool>>()
    }));
}

#[test]
fn hash_maps_keep_the_laws() {
    laws_of_all(&on_both_sides(|length| {
        (0..length).map(|key| (key, ())).collect::<HashMap<u32, ()>>()
    }));
}

/// A derived encoder writes the gathered numbers before and after the text.
#[derive(Debug, PartialEq, KeyEncode, KeyDecode, PayloadEncode, PayloadDecode)]
struct Between {
    before: u64,
    text: String,
    after: i64,
    last: bool,
}

#[test]
fn text_between_numbers_keeps_the_laws() {
    laws_of_all(&of_each_length(|length, end| Between {
        before: 7,
        text: long_text(length, end),
        after: -1,
        last: true,
    }));
}

#[test]
fn text_between_numbers_is_written_field_by_field() {
    for text in of_each_length(long_text) {
        let fields = (7u64, text.clone(), -1i64, true).to_key();
        assert!(Between { before: 7, text, after: -1, last: true }.to_key() == fields);
    }
}

#[test]
fn text_one_char_above_or_below_the_step_has_the_other_form() {
    let short = "x".repeat(65_534).to_key();
    assert_eq!(&short.as_bytes()[..3], [0xFF, 0xFE, b'x']);
    let long = "x".repeat(65_535).to_key();
    assert_eq!(&long.as_bytes()[..11], b"\xFF\xFF\0\0\0\0\0\0\xFF\xFFx");
}
