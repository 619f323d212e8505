//! The libraries, each with the types that it supports, judged by its own promises.

mod bytekey;
mod foundationdb;
mod memcomparable;
mod persist;
mod storekey;

use std::fmt::Debug;

use super::adversarial::{Adversarial, values};
use super::check::{Codec, Law, Verdict};

pub(crate) struct Library {
    pub(crate) name: &'static str,
    /// The number of values of each type.
    count: usize,
    pub(crate) verdicts: Vec<Verdict>,
}

impl Library {
    pub(crate) fn all(count: usize) -> [Self; 5] {
        [
            Self::checked("persist", count, persist::check),
            Self::checked("storekey", count, storekey::check),
            Self::checked("memcomparable", count, memcomparable::check),
            Self::checked("foundationdb-tuple", count, foundationdb::check),
            Self::checked("bytekey2", count, bytekey::check),
        ]
    }

    /// Returns how many types keep all of `laws`.
    pub(crate) fn passed(&self, laws: &[Law]) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.keeps(laws)).count()
    }

    fn checked(name: &'static str, count: usize, check: fn(&mut Self)) -> Self {
        let mut library = Self { name, count, verdicts: Vec::new() };
        check(&mut library);
        library
    }

    fn check<T: Adversarial + Debug>(&mut self, codec: &Codec<T>) {
        self.verdicts.extend(codec.check(&values(self.count)));
    }
}

/// Calls `$library.check(&$codec::<T>(order))` for all types whose order is that of `Ord`.
macro_rules! check_ordered_types {
    ($library:ident, $codec:ident) => {
        check_ordered_types!($library, $codec: bool, u8, u16, u32, u64, u128, i8, i16, i32, i64, i128);
        check_ordered_types!($library, $codec: char, String, Vec<u8>, Option<u64>, Option<String>);
        check_ordered_types!($library, $codec: Vec<u64>, Vec<String>, (String, u64), (Vec<u8>, String));
        check_ordered_types!($library, $codec: (i64, String), (), [u8; 32], Option<Option<u8>>);
        check_ordered_types!($library, $codec: Mood, Event, Entry, BTreeMap<String, u64>);
    };
    ($library:ident, $codec:ident: $($Type:ty),*) => {
        $($library.check(&$codec::<$Type>(Ord::cmp));)*
    };
}
use check_ordered_types;
