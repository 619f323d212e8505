//! The laws of the format, each as a check that any type can be put to.
//!
//! A law is checked over random values that lie at the edges of their type more often than not,
//! 3,000 times a type; `PERSIST_LAW_CASES` sets another number.
//!
//! Which of the functions a type is put to says what it is exempt from: an open type may end in what
//! takes all that is left, and a growing payload may end before its defaults. A type that is only a key
//! or only a payload has functions of its own.

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

const CASES: u32 = 3_000;

fn runner() -> TestRunner {
    let cases = match std::env::var("PERSIST_LAW_CASES") {
        Ok(cases) => cases.parse().expect("PERSIST_LAW_CASES is a number of cases"),
        Err(_) => CASES,
    };
    TestRunner::new(config(cases, "proptest-regressions/laws.txt"))
}

/// Puts values of a strategy to a law, as many as there are cases.
pub fn check<S: Strategy>(strategy: S, law: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    if let Err(failure) = runner().run(&strategy, law) {
        panic!("{failure}");
    }
}

/// A key type with both traits, whatever the lifetime of the bytes.
pub trait StoredKey: Adversarial + KeyEncode + for<'de> KeyDecode<'de> {}

impl<T: Adversarial + KeyEncode + for<'de> KeyDecode<'de>> StoredKey for T {}

/// A payload type with both traits, whatever the lifetime of the bytes.
pub trait StoredPayload: Adversarial + PayloadEncode + for<'de> PayloadDecode<'de> {}

impl<T: Adversarial + PayloadEncode + for<'de> PayloadDecode<'de>> StoredPayload for T {}

/// A type with all four traits, whatever the lifetime of the bytes.
pub trait Stored: StoredKey + StoredPayload {}

impl<T: StoredKey + StoredPayload> Stored for T {}

/// Two values, and what to do to the bytes of the first; or bytes to begin with.
struct Case<T> {
    left: T,
    right: T,
    mutation: Mutation,
    bytes: Vec<u8>,
}

impl<T> Case<T> {
    /// Two tails that are close to one another.
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

/// All laws, for a type that delimits itself.
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

/// All laws but those of delimiting, for a type that may stand only last.
pub fn laws_of_an_open_type<T: Stored>() {
    shapes::of_a_key::<T>();
    shapes::of_a_payload::<T>();
    check_cases::<T>(|case| {
        keys::all(case)?;
        payloads::all(case)?;
        same::all(case)
    });
}

/// All laws of keys, for a type that is no payload, or another one than it is a key.
pub fn laws_of_a_key<T: StoredKey + SelfDelimiting>() {
    shapes::of_a_key::<T>();
    check_cases::<T>(|case| {
        keys::all(case)?;
        keys::of_delimiting(case)
    });
}

/// The laws of keys but those of delimiting.
pub fn laws_of_an_open_key<T: StoredKey>() {
    shapes::of_a_key::<T>();
    check_cases::<T>(keys::all);
}

/// All laws of payloads, for a type that is no key, or another one than it is a payload.
pub fn laws_of_a_payload<T: StoredPayload + SelfDelimitingPayload>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(|case| {
        payloads::all(case)?;
        payloads::of_delimiting(case)
    });
}

/// The laws of payloads but those of delimiting.
pub fn laws_of_an_open_payload<T: StoredPayload>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(payloads::all);
}

/// The laws of a payload that may end before its defaults: it is neither canonical nor delimited there.
pub fn laws_of_a_growing_payload<T: StoredPayload + Grows>() {
    shapes::of_a_payload::<T>();
    check_cases::<T>(payloads::of_growing);
}

/// `Ord` is the order of the bytes, which typed ranges rest on, and `Eq` is their being equal.
pub fn ord_is_key_order<T: StoredKey + OrderPreserving>() {
    check((T::values(), T::values()), |(left, right)| {
        let order = left.to_key().cmp(&right.to_key());
        prop_assert_eq!(left.cmp(&right), order);
        prop_assert_eq!(left.key_cmp(&right), order);
        prop_assert_eq!(left.partial_cmp(&right), Some(order));
        prop_assert_eq!(left == right, order.is_eq());
        prop_assert_eq!(right == left, order.is_eq());
        prop_assert!(left == read_back(&left)?, "what is read is equal to what was written");
        Ok(())
    });
}

/// What is equal is one entry of a hash table, and what is read is equal to what was written.
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

/// A test of a law or set of laws for each of many types.
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
