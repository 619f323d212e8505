//! The law that a borrowing type decodes like its owner.

use persist_core::{DecodeError, Key, KeyEncode};

/// Returns the key of the decoded value.
///
/// # Errors
///
/// Returns the parts of a decode error other than the fields: what was expected, what was found, and where.
pub fn outcome<T: KeyEncode>(
    decoded: Result<T, DecodeError>,
) -> Result<Key, (String, String, usize)> {
    match decoded {
        Ok(value) => Ok(value.to_key()),
        Err(error) => Err((error.expected().to_owned(), error.found().to_owned(), error.offset())),
    }
}

/// Defines a test that a borrowing type decodes exactly the bytes that its owner decodes, to the same value.
///
/// The word `key` comes before a type that is only a key.
#[macro_export]
macro_rules! borrows_as_its_owner_decodes {
    (key $Borrowed:ty, $Owner:ty) => {
        $crate::borrows_as_its_owner_decodes!(@ $Owner, <$Borrowed>::from_key_bytes)
    };
    (@ $Owner:ty, $($decode:expr),*) => {
        $crate::laws::check(
            (
                <$Owner as $crate::adversarial::Adversarial>::values(),
                <$Owner as $crate::adversarial::Adversarial>::values(),
                $crate::adversarial::Mutation::values(),
                $crate::adversarial::arbitrary_bytes(),
            ),
            |(value, other, mutation, bytes)| {
                let mutated = mutation.apply(value.to_key().as_bytes(), other.to_key().as_bytes());
                for bytes in [value.to_key().into_bytes(), mutated, bytes] {
                    let owned = $crate::laws::outcome(<$Owner>::from_key_bytes(&bytes));
                    $(proptest::prop_assert_eq!(&$crate::laws::outcome($decode(&bytes)), &owned);)*
                }
                Ok(())
            },
        )
    };
    ($Borrowed:ty, $Owner:ty) => {
        $crate::borrows_as_its_owner_decodes!(
            @ $Owner, <$Borrowed>::from_key_bytes, <$Borrowed>::from_payload_bytes
        )
    };
}

pub use crate::borrows_as_its_owner_decodes;
