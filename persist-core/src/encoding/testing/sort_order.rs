//! `sort_order_tests!`, which tests the laws of keys for a user's type.

use core::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

use super::laws::{BrokenLaw, Change};

/// Defines tests that a key type obeys the laws of keys, with values from a strategy of `proptest`.
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
/// The macro is called in the place of an item and defines one `#[test]` per law. If you test several types, put each call into
/// its own module. The laws are:
///
/// - `key_cmp` compares as the bytes do, in both directions, and returns equal only for equal bytes.
/// - `encoded_key_len` is exact, and the bytes don't depend on earlier bytes.
/// - If the type is [`SelfDelimiting`](crate::encoding::SelfDelimiting), no value's bytes are a prefix of another value's bytes.
/// - If the type has [`KeyDecode`](crate::encoding::KeyDecode), encoded values are decoded to the same key, alone and in front
///   of other bytes, and all bytes that can be decoded, even changed ones, are encoded to the same bytes again.
/// - If the type is [`OrderPreserving`](crate::encoding::OrderPreserving), its `Ord` is the order of the keys.
///
/// The test of a law that doesn't apply to the type passes without a check. Similar values find the most mistakes, so
/// let the strategy return small values often. The strategy expression is evaluated once per test and may not borrow.
/// `proptest` determines the number of cases (`PROPTEST_CASES`) and the place where failed cases are stored.
/// A failure shows the values and their bytes in hex.
///
/// The type needs `Debug`. A type that borrows can't be decoded from bytes of every lifetime. Call
/// `sort_order_tests!(borrowed View<'static>, views())` for it, which leaves out the tests of decoding.
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
            // The import is for types that lack a trait. The call below uses it in any case.
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

/// The input of a law: two values, and a change to the bytes of one.
#[derive(Clone, Debug)]
pub struct Case<T> {
    left: T,
    right: T,
    change: Change,
}

impl<T> Case<T> {
    /// Returns the first value.
    pub fn left(&self) -> &T {
        &self.left
    }

    /// Returns the second value, which may be equal to the first.
    pub fn right(&self) -> &T {
        &self.right
    }

    /// Returns the change.
    pub fn change(&self) -> Change {
        self.change
    }
}

/// Checks a law with random values, as the test of that name in that file.
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
    // The strategies are boxed, so that the runner is compiled once per type and not once per law.
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
