//! The laws of keys.

use std::borrow::Cow;
use std::cmp::Ordering;

use persist_core::codec::Sink;
use persist_core::{Key, KeyEncode, KeyRef};
use proptest::prelude::*;

use super::{Case, StoredKey, failed};
use crate::adversarial::{Adversarial, Mutation};

pub(super) fn all<T: StoredKey>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, bytes } = case;
    order_is_as_documented(left, right)?;
    order_is_as_documented(left, left)?;
    let length = left.to_key().len();
    prop_assert_eq!(left.encoded_key_len(), length, "encoded_key_len");
    every_sink_gets_the_same_bytes(left)?;
    pointers_encode_like_their_targets(left, right)?;
    round_trip(left)?;
    decoded_bytes_are_canonical::<T>(bytes)?;
    let mutated = mutation.apply(left.to_key().as_bytes(), right.to_key().as_bytes());
    // A mutated value is close to its original, which makes a good pair.
    match decoded_bytes_are_canonical::<T>(&mutated)? {
        Some(close) => order_is_as_documented(left, &close),
        None => Ok(()),
    }
}

pub(super) fn of_delimiting<T: StoredKey>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, .. } = case;
    delimits_itself(left, right)?;
    let tails = case.tails();
    tails_keep_their_order(left, right, (tails.0, &tails.1))?;
    truncation_is_refused(left, mutation)
}

/// The order of the bytes, `key_cmp` and the documented order agree; equal values have equal bytes.
fn order_is_as_documented<T: Adversarial + KeyEncode>(
    left: &T,
    right: &T,
) -> Result<(), TestCaseError> {
    let documented = left.documented_cmp(right);
    let (left_key, right_key) = (left.to_key(), right.to_key());
    prop_assert_eq!(left_key.as_bytes().cmp(right_key.as_bytes()), documented, "order of bytes");
    prop_assert_eq!(left.key_cmp(right), documented, "key_cmp");
    prop_assert_eq!(right.key_cmp(left), documented.reverse(), "key_cmp with the operands swapped");
    Ok(())
}

fn delimits_itself<T: KeyEncode>(left: &T, right: &T) -> Result<(), TestCaseError> {
    let (left, right) = (left.to_key(), right.to_key());
    if left != right {
        prop_assert!(!left.as_bytes().starts_with(right.as_bytes()), "{right} begins {left}");
        prop_assert!(!right.as_bytes().starts_with(left.as_bytes()), "{left} begins {right}");
    }
    Ok(())
}

/// Bytes after a value decide only if the values are equal, and are returned as the rest.
fn tails_keep_their_order<T: StoredKey>(
    left: &T,
    right: &T,
    tails: (&[u8], &[u8]),
) -> Result<(), TestCaseError> {
    let joined = |part: &T, tail: &[u8]| {
        let mut key = part.to_key();
        key.push(&KeyRef::from_bytes(tail));
        key
    };
    let (left_key, right_key) = (joined(left, tails.0), joined(right, tails.1));
    let expected = left.documented_cmp(right).then_with(|| tails.0.cmp(tails.1));
    prop_assert_eq!(left_key.cmp(&right_key), expected, "order with tails");

    let (value, rest) = left_key.decode_prefix::<T>().map_err(|error| failed(&error))?;
    prop_assert_eq!(value.documented_cmp(left), Ordering::Equal, "value before a tail");
    prop_assert_eq!(rest, tails.0);
    Ok(())
}

/// No proper prefix of an encoding is an encoding, and neither is an encoding with a byte after it.
fn truncation_is_refused<T: StoredKey>(
    value: &T,
    mutation: &Mutation,
) -> Result<(), TestCaseError> {
    let key = value.to_key();
    let bytes = key.as_bytes();
    if let Mutation::Truncate(at) | Mutation::Set(at, _) = mutation
        && !bytes.is_empty()
    {
        let cut = at.index(bytes.len());
        let error = T::from_key_bytes(&bytes[..cut]).err();
        prop_assert!(error.is_some_and(|error| error.offset() <= cut), "cut at {cut}");
    }
    let longer = [bytes, &[0]].concat();
    let error = T::from_key_bytes(&longer).err();
    prop_assert_eq!(error.map(|error| error.offset()), Some(bytes.len()), "one byte too many");
    Ok(())
}

/// A key and a buffer that are not empty get the bytes of `to_key` appended.
fn every_sink_gets_the_same_bytes<T: KeyEncode>(value: &T) -> Result<(), TestCaseError> {
    let alone = value.to_key();
    let mut buffer = b"before".to_vec();
    value.encode_key(&mut Sink::new(&mut buffer));
    prop_assert_eq!(&buffer, &[b"before", alone.as_bytes()].concat(), "appended to a vector");
    let mut key = Key::from_bytes(b"before");
    value.encode_key(&mut Sink::key(&mut key));
    prop_assert_eq!(key.as_bytes(), &buffer[..], "appended to a key");
    Ok(())
}

fn pointers_encode_like_their_targets<T: StoredKey>(
    left: &T,
    right: &T,
) -> Result<(), TestCaseError> {
    let (key, order) = (left.to_key(), left.key_cmp(right));
    prop_assert_eq!(&(&left).to_key(), &key);
    prop_assert_eq!((&left).key_cmp(&right), order);
    prop_assert_eq!((&left).encoded_key_len(), key.len());
    let (left_cow, right_cow) = (Cow::Borrowed(left), Cow::<T>::Owned(right.clone()));
    prop_assert_eq!(&left_cow.to_key(), &key);
    prop_assert_eq!(left_cow.key_cmp(&right_cow), order);
    Ok(())
}

fn round_trip<T: StoredKey>(value: &T) -> Result<(), TestCaseError> {
    let key = value.to_key();
    let read = key.decode::<T>().map_err(|error| failed(&error))?;
    prop_assert_eq!(read.documented_cmp(value), Ordering::Equal, "the key decoded to {:?}", read);
    Ok(())
}

/// Bytes that decode are the encoding of the value. Returns the value.
fn decoded_bytes_are_canonical<T: StoredKey>(bytes: &[u8]) -> Result<Option<T>, TestCaseError> {
    match T::from_key_bytes(bytes) {
        Ok(value) => {
            let again = value.to_key();
            prop_assert_eq!(again.as_bytes(), bytes, "re-encoded key");
            Ok(Some(value))
        }
        Err(error) => {
            prop_assert!(error.offset() <= bytes.len(), "an offset inside the input");
            Ok(None)
        }
    }
}
