//! `sort_order_tests!`: the laws of keys as tests of a user's own type.

use core::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

use super::laws::{BrokenLaw, Change};

/// Writes the tests that a key type owes, over values of a strategy of `proptest`.
///
/// ```test_harness
/// use persist_core::{KeyDecode, KeyEncode, sort_order_tests};
/// use proptest::prelude::*;
///
/// #[derive(KeyEncode, KeyDecode, Clone, Debug)]
/// struct Sample { channel: String, epoch: i64 }
///
/// fn samples() -> impl Strategy<Value = Sample> {
///     let channels = prop_oneof![Just(String::new()), "[ab\0]{1,3}", any::<String>()];
///     (channels, -2..3i64).prop_map(|(channel, epoch)| Sample { channel, epoch })
/// }
///
/// sort_order_tests!(Sample, samples());
/// ```
///
/// It stands where items do and gives a `#[test]` for each law, so each further type goes into a module of
/// its own:
///
/// - `key_cmp` is the order of the bytes, from both sides, and equal for equal bytes only;
/// - `encoded_key_len` is exact, and the bytes don't depend on what is written before them;
/// - no bytes begin others, if the type is [`SelfDelimiting`](crate::codec::SelfDelimiting);
/// - what is encoded is decoded to the same key, alone and in front of others, and what is decoded is
///   encoded to the same bytes, changed ones too, if the type has [`KeyDecode`](crate::KeyDecode);
/// - `Ord` is the order of the keys, if the type is [`OrderPreserving`](crate::OrderPreserving).
///
/// A test of a law that the type doesn't claim passes without a check. Close values tell the most, so
/// let the strategy give small ones often. It is evaluated once a test and may borrow nothing;
/// how many cases there are is a matter of `proptest` (`PROPTEST_CASES`), and so is where it keeps what failed.
/// A failure shows the values and their bytes in hex.
///
/// The type needs `Debug`. One that borrows must be told so, since it can't be decoded from bytes of any
/// lifetime: `sort_order_tests!(borrowed View<'static>, views())` leaves decoding out.
#[macro_export]
macro_rules! sort_order_tests {
    (borrowed $Key:ty, $strategy:expr $(,)?) => {
        $crate::sort_order_tests! { @ $Key, $strategy,
            key_cmp_is_the_order_of_the_bytes(left, right);
            encoded_key_len_is_exact(left);
            bytes_are_the_same_behind_others(left, right);
            no_bytes_begin_others(left, right);
            ord_is_the_order_of_the_keys(left, right);
        }
    };
    (@ $Key:ty, $strategy:expr, $($law:ident($($value:ident),*);)*) => {$(
        #[::core::prelude::v1::test]
        fn $law() {
            // It is for the types that lack a trait, and used by this call in any case.
            use $crate::__private::laws::Unclaimed as _;
            $crate::__private::laws::Laws::<$Key>::__persist_unclaimed();
            $crate::__private::put_to_law::<$Key, _>(
                ::core::file!(),
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!($law)),
                $strategy,
                |_case| $crate::__private::laws::Laws::<$Key>::$law($(_case.$value()),*),
            );
        }
    )*};
    ($Key:ty, $strategy:expr $(,)?) => {
        $crate::sort_order_tests! { @ $Key, $strategy,
            key_cmp_is_the_order_of_the_bytes(left, right);
            encoded_key_len_is_exact(left);
            bytes_are_the_same_behind_others(left, right);
            no_bytes_begin_others(left, right);
            ord_is_the_order_of_the_keys(left, right);
            is_decoded_to_the_same_key(left);
            is_decoded_in_front_of_others(left, right);
            what_is_decoded_is_encoded_to_the_same_bytes(left, change);
        }
    };
}

/// What a law may be asked of: two values, and a change to the bytes of one.
#[derive(Clone, Debug)]
pub struct Case<T> {
    left: T,
    right: T,
    change: Change,
}

impl<T> Case<T> {
    /// One value.
    pub fn left(&self) -> &T {
        &self.left
    }

    /// Another value, or the same.
    pub fn right(&self) -> &T {
        &self.right
    }

    /// A change to bytes.
    pub fn change(&self) -> Change {
        self.change
    }
}

/// Puts pairs of values to a law, as a test of that name in that file.
///
/// # Panics
///
/// If the law is broken.
pub fn put_to_law<T: Debug + 'static, S: Strategy<Value = T> + 'static>(
    file: &'static str,
    test: &'static str,
    strategy: S,
    law: fn(&Case<T>) -> Result<(), BrokenLaw>,
) {
    // Boxed, so that the runner is compiled once a type and not once a law.
    let values = strategy.boxed();
    let cases = (values.clone(), values, changes().boxed())
        .prop_map(|(left, right, change)| Case { left, right, change })
        .boxed();
    let config = Config { source_file: Some(file), test_name: Some(test), ..Config::default() };
    let ran = TestRunner::new(config)
        .run(&cases, |case| law(&case).map_err(|broken| TestCaseError::fail(broken.to_string())));
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}

fn changes() -> impl Strategy<Value = Change> {
    let telling = || select(&[0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF][..]);
    (any::<usize>(), prop_oneof![telling(), any::<u8>()])
        .prop_map(|(place, byte)| Change { place, byte })
}
