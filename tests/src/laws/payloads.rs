//! The laws of payloads. Their bytes are those that keys have, so they have an order, too.

use std::borrow::Cow;
use std::cmp::Ordering;

use persist_core::codec::Sink;
use persist_core::{Payload, PayloadEncode};
use proptest::prelude::*;

use super::{Case, StoredPayload, failed};
use crate::adversarial::{Adversarial, Mutation};

pub(super) fn all<T: StoredPayload>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, bytes } = case;
    of_all_payloads(left, right)?;
    decoded_bytes_are_canonical::<T>(bytes)?;
    let mutated = mutation.apply(left.to_payload().as_bytes(), right.to_payload().as_bytes());
    match decoded_bytes_are_canonical::<T>(&mutated)? {
        Some(close) => order_is_as_documented(left, &close),
        None => Ok(()),
    }
}

pub(super) fn of_delimiting<T: StoredPayload>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, .. } = case;
    delimits_itself(left, right)?;
    let tails = case.tails();
    tails_keep_their_order(left, right, (tails.0, &tails.1))?;
    truncation_is_refused(left, mutation)
}

fn of_all_payloads<T: StoredPayload>(left: &T, right: &T) -> Result<(), TestCaseError> {
    order_is_as_documented(left, right)?;
    let payload = left.to_payload();
    prop_assert_eq!(left.encoded_payload_len(), payload.len(), "encoded_payload_len");
    let mut buffer = b"before".to_vec();
    left.encode_payload(&mut Sink::new(&mut buffer));
    prop_assert_eq!(&buffer, &[b"before", payload.as_bytes()].concat(), "appended to a vector");
    prop_assert_eq!(&(&left).to_payload(), &payload);
    prop_assert_eq!(&Cow::Borrowed(left).to_payload(), &payload);
    round_trip(left, &payload)
}

/// The order of the bytes is the documented one; equal values have equal bytes.
fn order_is_as_documented<T: Adversarial + PayloadEncode>(
    left: &T,
    right: &T,
) -> Result<(), TestCaseError> {
    let order = left.to_payload().as_bytes().cmp(right.to_payload().as_bytes());
    prop_assert_eq!(order, left.documented_cmp(right), "order of a payload's bytes");
    Ok(())
}

fn delimits_itself<T: PayloadEncode>(left: &T, right: &T) -> Result<(), TestCaseError> {
    let (left, right) = (left.to_payload(), right.to_payload());
    if left != right {
        prop_assert!(!left.as_bytes().starts_with(right.as_bytes()), "{right} begins {left}");
        prop_assert!(!right.as_bytes().starts_with(left.as_bytes()), "{left} begins {right}");
    }
    Ok(())
}

fn tails_keep_their_order<T: StoredPayload>(
    left: &T,
    right: &T,
    tails: (&[u8], &[u8]),
) -> Result<(), TestCaseError> {
    let joined = |part: &T, tail: &[u8]| [part.to_payload().as_bytes(), tail].concat();
    let (left_bytes, right_bytes) = (joined(left, tails.0), joined(right, tails.1));
    let expected = left.documented_cmp(right).then_with(|| tails.0.cmp(tails.1));
    prop_assert_eq!(left_bytes.cmp(&right_bytes), expected, "order of payloads with tails");

    let (value, rest) = T::from_payload_prefix(&left_bytes).map_err(|error| failed(&error))?;
    prop_assert_eq!(value.documented_cmp(left), Ordering::Equal, "payload value before a tail");
    prop_assert_eq!(rest, tails.0);
    Ok(())
}

/// No proper prefix of an encoding is an encoding, and neither is an encoding with a byte after it.
fn truncation_is_refused<T: StoredPayload>(
    value: &T,
    mutation: &Mutation,
) -> Result<(), TestCaseError> {
    let payload = value.to_payload();
    let bytes = payload.as_bytes();
    if let Mutation::Truncate(at) | Mutation::Set(at, _) = mutation
        && !bytes.is_empty()
    {
        let cut = at.index(bytes.len());
        let error = T::from_payload_bytes(&bytes[..cut]).err();
        prop_assert!(error.is_some_and(|error| error.offset() <= cut), "payload cut at {cut}");
    }
    extra_byte_is_refused::<T>(bytes)
}

fn extra_byte_is_refused<T: StoredPayload>(bytes: &[u8]) -> Result<(), TestCaseError> {
    let longer = [bytes, &[0]].concat();
    let error = T::from_payload_bytes(&longer).err();
    prop_assert_eq!(
        error.map(|error| error.offset()),
        Some(bytes.len()),
        "one byte too many in a payload"
    );
    Ok(())
}

fn round_trip<T: StoredPayload>(value: &T, payload: &Payload) -> Result<(), TestCaseError> {
    let read = payload.decode::<T>().map_err(|error| failed(&error))?;
    prop_assert_eq!(
        read.documented_cmp(value),
        Ordering::Equal,
        "the payload decoded to {:?}",
        read
    );
    Ok(())
}

fn decoded_bytes_are_canonical<T: StoredPayload>(bytes: &[u8]) -> Result<Option<T>, TestCaseError> {
    match T::from_payload_bytes(bytes) {
        Ok(value) => {
            let again = value.to_payload();
            prop_assert_eq!(again.as_bytes(), bytes, "re-encoded payload");
            Ok(Some(value))
        }
        Err(error) => {
            prop_assert!(error.offset() <= bytes.len(), "an offset inside the input");
            Ok(None)
        }
    }
}

/// A payload type whose last fields have defaults.
pub trait Grows: Sized {
    /// Returns the payloads that were stored before each default was added, with the value that each is read as now.
    /// The payload of the whole value is not included.
    fn before_it_grew(&self) -> Vec<(Payload, Self)>;
}

/// Every payload from before a default decodes, every other prefix is refused, and bytes that decode are a prefix of
/// the value's encoding.
pub(super) fn of_growing<T: StoredPayload + Grows>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, bytes } = case;
    of_all_payloads(left, right)?;
    let payload = left.to_payload();
    extra_byte_is_refused::<T>(payload.as_bytes())?;

    let stored = left.before_it_grew();
    for (before, value) in &stored {
        prop_assert!(payload.as_bytes().starts_with(before.as_bytes()), "{before} was stored");
        round_trip(value, before)?;
    }
    for cut in 0..payload.len() {
        let beginning = &payload.as_bytes()[..cut];
        let allowed = stored.iter().any(|(before, _)| before.as_bytes() == beginning);
        let read = T::from_payload_bytes(beginning);
        prop_assert_eq!(read.is_ok(), allowed, "cut at {} it decodes to {:?}", cut, read);
    }

    let mutated = mutation.apply(payload.as_bytes(), right.to_payload().as_bytes());
    for bytes in [bytes, &mutated] {
        match T::from_payload_bytes(bytes) {
            Ok(value) => {
                let again = value.to_payload();
                prop_assert!(again.as_bytes().starts_with(bytes), "re-encoded to {again}");
                round_trip(&value, &again)?;
            }
            Err(error) => prop_assert!(error.offset() <= bytes.len(), "an offset inside the input"),
        }
    }
    Ok(())
}
