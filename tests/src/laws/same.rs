//! The law that a type has the same bytes as a key and as a payload.

use proptest::prelude::*;

use super::{Case, Stored};

pub(super) fn all<T: Stored>(case: &Case<T>) -> Result<(), TestCaseError> {
    let Case { left, right, mutation, bytes } = case;
    let (key, payload) = (left.to_key(), left.to_payload());
    prop_assert_eq!(key.as_bytes(), payload.as_bytes(), "payload");
    same_errors::<T>(bytes)?;
    same_errors::<T>(&mutation.apply(key.as_bytes(), right.to_key().as_bytes()))
}

fn same_errors<T: Stored>(bytes: &[u8]) -> Result<(), TestCaseError> {
    match (T::from_key_bytes(bytes), T::from_payload_bytes(bytes)) {
        (Ok(key), Ok(payload)) => {
            prop_assert!(key.documented_cmp(&payload).is_eq(), "{key:?} and {payload:?}");
        }
        (Err(key), Err(payload)) => {
            prop_assert_eq!(key, payload, "the same error in keys and payloads");
        }
        (key, payload) => prop_assert!(false, "as a key: {key:?}, as a payload: {payload:?}"),
    }
    Ok(())
}
