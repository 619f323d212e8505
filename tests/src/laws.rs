//! The laws of the format, each as a check for any type.
//!
//! A law is checked with random values that are often at the edges of their type: 2,000 cases per type, or the number
//! in `PERSIST_LAW_CASES`.
//!
//! The function that checks a type determines its exceptions: an open type may end in a part that takes the rest of the
//! input, and a growing payload may end before its defaults. Types that are only keys or only payloads have functions
//! of their own.

mod borrowing;
mod keys;
mod payloads;
mod same;
mod shapes;

use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

use persist_core::codec::{SelfDelimiting, SelfDelimitingPayload};
use persist_core::{
    DecodeError, KeyDecode, KeyEncode, OrderPreserving, PayloadDecode, PayloadEncode,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::adversarial::{Adversarial, Mutation, arbitrary_bytes};
use crate::properties::config;

pub use borrowing::{borrows_as_its_owner_decodes, outcome};
pub use payloads::Grows;

const CASES: u32 = 2_000;

fn runner() -> TestRunner {
    let cases = match std::env::var("PERSIST_LAW_CASES") {
        Ok(cases) => cases.parse().expect("PERSIST_LAW_CASES is a number of cases"),
        Err(_) => CASES,
    };
    TestRunner::new(config(cases, "proptest-regressions/laws.txt"))
}

/// Checks a law with values of a strategy.
pub fn check<S: Strategy>(strategy: S, law: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    if let Err(failure) = runner().run(&strategy, law) {
        panic!("{failure}");
    }
}

/// A key type with both traits, for any lifetime of the bytes.
pub trait StoredKey: Adversarial + KeyEncode + for<'de> KeyDecode<'de> {}

impl<T: Adversarial + KeyEncode + for<'de> KeyDecode<'de>> StoredKey for T {}

/// A payload type with both traits, for any lifetime of the bytes.
pub trait StoredPayload: Adversarial + PayloadEncode + for<'de> PayloadDecode<'de> {}

impl<T: Adversarial + PayloadEncode + for<'de> PayloadDecode<'de>> StoredPayload for T {}

/// A type with all four traits, for any lifetime of the bytes.
pub trait Stored: StoredKey + StoredPayload {}

impl<T: StoredKey + StoredPayload> Stored for T {}

/// Two values, with a mutation of the bytes of the first, and arbitrary bytes.
struct Case<T> {
    left: T,
    right: T,
    mutation: Mutation,
    bytes: Vec<u8>,
}

impl<T> Case<T> {
    /// Returns two tails that are similar.
    fn tails(&self) -> (&[u8], Vec<u8>) {
        (&self.bytes, self.mutation.apply(&self.bytes, &self.bytes))
    }
}

fn check_cases<T: Adversarial>(law: impl Fn(&Case<T>) -> Result<(), TestCaseError>) {
    check(
        (T::values(), T::values(), Mutation::values(), arbitrary_bytes()),
        |(left, right, mutation, bytes)| law(&Case { left, right, mutation, bytes }),
    );
}

/// Checks all laws of a type that delimits itself.
pub fn laws<T: Stored + SelfDelimiting + SelfDelimitingPayload>() {
    shapes::of_a_key::<T>();
    shapes::of_a_payload::<T>();
    check_cases::<T>(|case| {
        keys::all(case)?;
        keys::of_delimiting(case)?;
        payloads::all(case)?;
        payloads::of_delimiting(case)?;
        same::all(case)
    });
}

/// Checks all laws but delimiting, of a type that is allowed only at the end.
pub fn laws_of_an_open_type<T: Stored>() {
    shapes::of_a_key::<T>();
    shapes::of_a_payload::<T>();
    check_cases::<T>(|case| {
        keys::all(case)?;
        payloads::all(case)?;
        same::all(case)
    });
}

/// Checks all laws of keys, of a type that is no payload or has another payload encoding.
pub fn laws_of_a_key<T: StoredKey + SelfDelimiting>() {
    shapes::of_a_key::<T>();
    check_cases::<T>(|case| {
        keys::all(case)?;
        keys::of_delimiting(case)
    });
}

/// Checks all laws of keys but delimiting.
pub fn laws_of_an_open_key<T: StoredKey>() {
    shapes::of_a_key::<T>();
    check_cases::<T>(keys::all);
}

/// Checks all laws of payloads, of a type that is no key or has another key encoding.
pub fn laws_of_a_payload<T: StoredPayload + SelfDelimitingPayload>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(|case| {
        payloads::all(case)?;
        payloads::of_delimiting(case)
    });
}

/// Checks all laws of payloads but delimiting.
pub fn laws_of_an_open_payload<T: StoredPayload>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(payloads::all);
}

/// Checks the laws of a payload that may end before its defaults. It is neither canonical nor delimited there.
pub fn laws_of_a_growing_payload<T: StoredPayload + Grows>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(payloads::of_growing);
}

/// Checks that `Ord` is the order of the bytes, on which typed ranges rely, and that `Eq` is their equality.
pub fn ord_is_key_order<T: StoredKey + OrderPreserving>() {
    check((T::values(), T::values()), |(left, right)| {
        let order = left.to_key().cmp(&right.to_key());
        prop_assert_eq!(left.cmp(&right), order);
        prop_assert_eq!(left.key_cmp(&right), order);
        prop_assert_eq!(left.partial_cmp(&right), Some(order));
        prop_assert_eq!(left == right, order.is_eq());
        prop_assert_eq!(right == left, order.is_eq());
        prop_assert!(left == read_back(&left)?, "a decoded value equals the original");
        Ok(())
    });
}

/// Checks that equal values have equal hashes, and that a decoded value equals the original.
pub fn equal_values_hash_alike<T: StoredKey + Eq + Hash>() {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    check((T::values(), T::values()), |(left, right)| {
        let read = read_back(&left)?;
        prop_assert!(read == left && left == left.clone());
        for equal in [&left.clone(), &read, &right] {
            if *equal == left {
                prop_assert_eq!(hasher.hash_one(equal), hasher.hash_one(&left), "{:?}", equal);
            }
        }
        Ok(())
    });
}

fn read_back<T: StoredKey>(value: &T) -> Result<T, TestCaseError> {
    value.to_key().decode().map_err(|error| failed(&error))
}

fn failed(error: &DecodeError) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Defines a test of a law or a set of laws for each of many types.
#[macro_export]
macro_rules! every {
    ($law:ident: $($name:ident: $Type:ty;)*) => {$(
        #[test]
        fn $name() {
            $law::<$Type>();
        }
    )*};
}

pub use crate::every;
