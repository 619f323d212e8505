//! What a key type owes, each law as a check of values: `sort_order_tests!` puts random values to them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::{self, Debug};
use core::marker::PhantomData;

use crate::encoding::base::error::DecodeError;
use crate::encoding::base::sink::Sink;
use crate::encoding::model::key::Key;
use crate::encoding::model::key_traits::{KeyDecode, KeyEncode};
use crate::encoding::model::markers::{OrderPreserving, SelfDelimiting};

/// A law of keys that values break: which law, what was found, and the values with their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLaw {
    law: &'static str,
    found: String,
    /// Each value as `Debug` shows it, and its bytes.
    values: Vec<(String, Key)>,
}

impl BrokenLaw {
    /// The law, as a sentence.
    pub fn law(&self) -> &'static str {
        self.law
    }
}

impl fmt::Display for BrokenLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, but {}", self.law, self.found)?;
        self.values.iter().try_for_each(|(value, key)| write!(f, "\n  {value}\n    = {key}"))
    }
}

impl core::error::Error for BrokenLaw {}

/// What a check gives.
type Checked = Result<(), BrokenLaw>;

/// One change to an encoding, which may or may not leave it one.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Where, counted on from the front again past the end.
    pub place: usize,
    /// What is put there.
    pub byte: u8,
}

impl Change {
    /// `bytes` with the byte overwritten, flipped in the bits of the change, put in, removed, and all from
    /// the place on cut off.
    fn of(self, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        let (front, back) = bytes.split_at(self.place % (bytes.len() + 1));
        let (old, behind) = match back.split_first() {
            Some((old, behind)) => (*old, behind),
            None => (0, back),
        };
        [
            [front, &[self.byte], behind].concat(),
            [front, &[old ^ self.byte], behind].concat(),
            [front, &[self.byte], back].concat(),
            [front, behind].concat(),
            front.to_vec(),
        ]
        .into_iter()
        .filter(move |changed| changed != bytes)
    }
}

/// The laws of keys of one type.
///
/// Those that hang on a trait that the type may lack are found as [`Unclaimed`] then, which checks nothing.
#[derive(Debug)]
pub struct Laws<T>(PhantomData<T>);

impl<T: KeyEncode + Debug> Laws<T> {
    /// `key_cmp` is the order of the bytes, whichever of the two comes first, and equal for equal bytes only.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn key_cmp_is_the_order_of_the_bytes(left: &T, right: &T) -> Checked {
        const LAW: &str = "key_cmp is the order of the bytes";
        for (left, right) in [(left, right), (right, left), (left, left)] {
            let (found, bytes) = (left.key_cmp(right), left.to_key().cmp(&right.to_key()));
            let wrong = || format!("it says {found:?} where the bytes say {bytes:?}");
            hold(LAW, found == bytes, &[left, right], wrong)?;
        }
        Ok(())
    }

    /// `encoded_key_len` is the number of bytes.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn encoded_key_len_is_exact(value: &T) -> Checked {
        const LAW: &str = "encoded_key_len is the number of bytes";
        let (found, bytes) = (value.encoded_key_len(), value.to_key().len());
        hold(LAW, found == bytes, &[value], || format!("it says {found} where there are {bytes}"))
    }

    /// What is written is the same, wherever it is written and whatever stands before it.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn bytes_are_the_same_behind_others(value: &T, other: &T) -> Checked {
        const LAW: &str = "what is written before changes nothing";
        let (before, bytes) = (other.to_key(), value.to_key());
        let expected = Key::from_bytes([before.as_bytes(), bytes.as_bytes()].concat());
        let mut key = before.clone();
        value.encode_key(&mut Sink::key(&mut key));
        let mut buffer = before.into_bytes();
        value.encode_key(&mut Sink::new(&mut buffer));
        for found in [key, Key::from_bytes(buffer)] {
            let wrong = || format!("the first behind the second gives {found}");
            hold(LAW, found == expected, &[value, other], wrong)?;
        }
        Ok(())
    }
}

impl<T: SelfDelimiting + Debug> Laws<T> {
    /// No value's bytes begin another value's.
    ///
    /// # Errors
    ///
    /// If those of one of the two begin the other's.
    pub fn no_bytes_begin_others(left: &T, right: &T) -> Checked {
        const LAW: &str = "no bytes of a self-delimiting type begin others of it";
        let (left_key, right_key) = (left.to_key(), right.to_key());
        let begins = left_key != right_key
            && (left_key.as_bytes().starts_with(right_key.as_bytes())
                || right_key.as_bytes().starts_with(left_key.as_bytes()));
        hold(LAW, !begins, &[left, right], || "one of these begins the other".into())
    }
}

impl<T: SelfDelimiting + for<'de> KeyDecode<'de> + Debug> Laws<T> {
    /// A value is read from in front of another, which is what is left.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn is_decoded_in_front_of_others(value: &T, other: &T) -> Checked {
        const LAW: &str = "a self-delimiting value is decoded in front of others";
        let (key, tail) = (value.to_key(), other.to_key());
        let joined = [key.as_bytes(), tail.as_bytes()].concat();
        let (read, rest) = match T::from_key_prefix(&joined) {
            Ok(decoded) => decoded,
            Err(error) => return hold(LAW, false, &[value, other], || error.to_string()),
        };
        let same = read.to_key() == key && rest == tail.as_bytes();
        let wrong = || format!("{read:?} was read, and {} was left", Key::from_bytes(rest));
        hold(LAW, same, &[value, other], wrong)
    }
}

impl<T: KeyEncode + for<'de> KeyDecode<'de> + Debug> Laws<T> {
    /// What a value is encoded to is decoded to a value of the same bytes.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn is_decoded_to_the_same_key(value: &T) -> Checked {
        const LAW: &str = "what is encoded is decoded to the same key";
        let key = value.to_key();
        let read = match key.decode::<T>() {
            Ok(read) => read,
            Err(error) => return hold(LAW, false, &[value], || error.to_string()),
        };
        hold(LAW, read.to_key() == key, &[value, &read], || "the second was read".into())?;
        Self::key_cmp_is_the_order_of_the_bytes(value, &read)
    }

    /// Whatever bytes are decoded, those of a value with a change among them, the value that they are
    /// decoded to is encoded to just those bytes.
    ///
    /// What is decoded is close to the value, so the other laws are asked of the two.
    ///
    /// # Errors
    ///
    /// If it isn't, or another law is broken.
    pub fn what_is_decoded_is_encoded_to_the_same_bytes(value: &T, change: Change) -> Checked {
        const LAW: &str = "what is decoded is encoded to the same bytes";
        for bytes in change.of(value.to_key().as_bytes()) {
            let read: Result<T, DecodeError> = T::from_key_bytes(&bytes);
            let Ok(read) = read else { continue };
            let wrong = || format!("this was decoded from {}", Key::from_bytes(&bytes));
            hold(LAW, read.to_key().as_bytes() == bytes, &[&read], wrong)?;
            Self::key_cmp_is_the_order_of_the_bytes(value, &read)?;
            Self::encoded_key_len_is_exact(&read)?;
        }
        Ok(())
    }
}

impl<T: OrderPreserving + Debug> Laws<T> {
    /// `Ord`, and with it `PartialOrd` and `PartialEq`, is the order of the keys.
    ///
    /// # Errors
    ///
    /// If it isn't.
    pub fn ord_is_the_order_of_the_keys(left: &T, right: &T) -> Checked {
        const LAW: &str = "Ord of an order-preserving type is the order of the keys";
        for (left, right) in [(left, right), (right, left), (left, left)] {
            let bytes = left.to_key().cmp(&right.to_key());
            let (total, partial) = (left.cmp(right), left.partial_cmp(right));
            let same = total == bytes
                && partial == Some(bytes)
                && (left == right) == (bytes == Ordering::Equal);
            let wrong = || {
                let equal = if left == right { "equal" } else { "unequal" };
                format!(
                    "cmp says {total:?}, partial_cmp {partial:?} and == {equal} where the keys say {bytes:?}"
                )
            };
            hold(LAW, same, &[left, right], wrong)?;
        }
        Ok(())
    }
}

/// The laws that a type does not claim, since it lacks the trait: nothing is checked.
pub trait Unclaimed<T>: Sized {
    /// Called by `sort_order_tests!`, so that its import of this trait is used. No other trait has a method of this name.
    fn __persist_unclaimed() {}

    /// The type is not [`SelfDelimiting`].
    ///
    /// # Errors
    ///
    /// Never.
    fn no_bytes_begin_others(_: &T, _: &T) -> Checked {
        Ok(())
    }

    /// The type is not [`SelfDelimiting`], or has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn is_decoded_in_front_of_others(_: &T, _: &T) -> Checked {
        Ok(())
    }

    /// The type has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn is_decoded_to_the_same_key(_: &T) -> Checked {
        Ok(())
    }

    /// The type has no [`KeyDecode`].
    ///
    /// # Errors
    ///
    /// Never.
    fn what_is_decoded_is_encoded_to_the_same_bytes(_: &T, _: Change) -> Checked {
        Ok(())
    }

    /// The type is not [`OrderPreserving`].
    ///
    /// # Errors
    ///
    /// Never.
    fn ord_is_the_order_of_the_keys(_: &T, _: &T) -> Checked {
        Ok(())
    }
}

impl<T> Unclaimed<T> for Laws<T> {}

/// The law, if it holds, or how these values break it.
fn hold<T: KeyEncode + Debug>(
    law: &'static str,
    holds: bool,
    values: &[&T],
    found: impl FnOnce() -> String,
) -> Checked {
    if holds {
        return Ok(());
    }
    let values = values.iter().map(|value| (format!("{value:?}"), value.to_key())).collect();
    Err(BrokenLaw { law, found: found(), values })
}
