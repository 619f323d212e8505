//! What a group touches, told from its operations: so a read need not wait for strangers' writes.

mod hash;

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::slice;

use crate::encoding::Key;
use crate::store::base::op::Op;

/// The keys and categories that a group touches, by their hashes: it may take an untouched one for touched, but never a
/// touched one for untouched.
#[derive(Default)]
pub(crate) struct Filter {
    keys: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// A bit for each category that has touched keys.
    categories: u64,
    /// A bit for each category in which any key may be touched.
    whole: u64,
}

/// How many keys it keeps room for, however few there were.
const KEPT_KEYS: usize = 1024;

/// The hash of what is a hash.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are hashed")
    }
}

/// What work that isn't resolved touches.
#[derive(Debug)]
pub(crate) enum Touched {
    Nothing,
    Known(Filter),
    Anything,
}

/// What a read is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About<'a> {
    Key { category: &'a [u8], key: &'a Key },
    Keys { category: &'a [u8], keys: &'a [Key] },
    Category(&'a [u8]),
    Everything,
}

/// The same, as hashes.
#[derive(Debug)]
pub(crate) enum Wanted {
    Key { category: u64, key: u64 },
    Keys { category: u64, keys: Vec<u64> },
    Category(u64),
    Everything,
}

impl Filter {
    /// Makes it one of nothing. To clear a table takes as long as it is large, so it keeps room for about as many keys as
    /// there were.
    pub(crate) fn clear(&mut self) {
        let most = 4 * self.keys.len().max(KEPT_KEYS);
        self.keys.clear();
        self.keys.shrink_to(most);
        (self.categories, self.whole) = (0, 0);
    }

    #[inline]
    pub(crate) fn add(&mut self, op: &Op<'_>) {
        let [category, key, _] = op.parts();
        let category = hash::category(category);
        self.categories |= category_bit(category);
        if matches!(op, Op::Put { .. } | Op::Delete { .. }) {
            self.keys.insert(hash::key(category, key));
        } else {
            self.whole |= category_bit(category);
        }
    }

    pub(crate) fn may_touch(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Key { category, key } => self.may_touch_any(*category, slice::from_ref(key)),
            Wanted::Keys { category, keys } => self.may_touch_any(*category, keys),
            Wanted::Category(category) => self.categories & category_bit(*category) != 0,
            Wanted::Everything => true,
        }
    }

    fn may_touch_any(&self, category: u64, keys: &[u64]) -> bool {
        let category = category_bit(category);
        self.whole & category != 0
            || self.categories & category != 0 && keys.iter().any(|key| self.keys.contains(key))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").finish_non_exhaustive()
    }
}

fn category_bit(category: u64) -> u64 {
    1 << (category % 64)
}

impl Touched {
    pub(crate) fn may_touch(&self, wanted: &Wanted) -> bool {
        match self {
            Self::Nothing => false,
            Self::Known(filter) => filter.may_touch(wanted),
            Self::Anything => true,
        }
    }
}

impl About<'_> {
    pub(crate) fn hashed(self) -> Wanted {
        match self {
            Self::Key { category, key } => {
                let category = hash::category(category);
                Wanted::Key { category, key: hash::key(category, key.as_bytes()) }
            }
            Self::Keys { category, keys } => {
                let category = hash::category(category);
                let keys = keys.iter().map(|key| hash::key(category, key.as_bytes())).collect();
                Wanted::Keys { category, keys }
            }
            Self::Category(category) => Wanted::Category(hash::category(category)),
            Self::Everything => Wanted::Everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Filter, category_bit, hash};
    use crate::encoding::Key;
    use crate::store::base::bounds::Span;
    use crate::store::base::op::Op;

    fn numbered(n: u32) -> Key {
        Key::from_bytes(n.to_be_bytes())
    }

    fn touches(filter: &Filter, category: &[u8], key: &Key) -> bool {
        filter.may_touch(&About::Key { category, key }.hashed())
    }

    fn put(filter: &mut Filter, category: &[u8], key: &Key) {
        filter.add(&Op::Put { category, key: key.as_bytes(), payload: b"" });
    }

    #[test]
    fn what_was_added_is_never_missed() {
        let mut filter = Filter::default();
        for n in 0..50_000 {
            put(&mut filter, b"c", &numbered(n));
            assert!(touches(&filter, b"c", &numbered(n)));
        }
        let keys: Vec<Key> = (0..50_000).map(numbered).collect();
        assert!(keys.iter().all(|key| touches(&filter, b"c", key)));
    }

    #[test]
    fn however_many_there_are_hardly_another_passes_for_touched() {
        let mut filter = Filter::default();
        for n in 0..100_000 {
            put(&mut filter, b"c", &numbered(n));
        }
        let wrong = (100_000..200_000).filter(|&n| touches(&filter, b"c", &numbered(n))).count();
        assert!(wrong < 3, "{wrong} of 100,000");
        assert!(!touches(&filter, b"other", &numbered(0)));
    }

    #[test]
    fn many_keys_are_touched_if_one_is() {
        let mut filter = Filter::default();
        put(&mut filter, b"c", &numbered(7));
        let about = |keys: &[Key]| filter.may_touch(&About::Keys { category: b"c", keys }.hashed());
        assert!(about(&[numbered(6), numbered(7)]));
        assert!(!about(&[numbered(6), numbered(8)]) && !about(&[]));
    }

    /// A category of another bit than `category`. Two categories share a bit by chance, with another chance in each process.
    fn other_than(category: &[u8]) -> [u8; 1] {
        let bit = |category: &[u8]| category_bit(hash::category(category));
        (0..=u8::MAX).map(|n| [n]).find(|other| bit(other) != bit(category)).unwrap()
    }

    #[test]
    fn a_delete_of_many_touches_its_whole_category_and_no_other() {
        let other = &other_than(b"c");
        let span = Span { start: b"a", stop: None };
        for op in [
            Op::DeletePrefix { category: b"c", prefix: b"" },
            Op::DeleteRange { category: b"c", span },
        ] {
            let mut filter = Filter::default();
            filter.add(&op);
            assert!(touches(&filter, b"c", &numbered(1)));
            assert!(filter.may_touch(&About::Category(b"c").hashed()));
            assert!(!touches(&filter, other, &numbered(1)));
            assert!(!filter.may_touch(&About::Category(other).hashed()));
        }
    }

    #[test]
    fn a_cleared_filter_is_of_nothing() {
        let mut filter = Filter::default();
        put(&mut filter, b"c", &numbered(1));
        filter.add(&Op::DeletePrefix { category: b"c", prefix: b"" });
        filter.clear();
        assert!(!touches(&filter, b"c", &numbered(1)));
        assert!(!filter.may_touch(&About::Category(b"c").hashed()));
    }

    #[test]
    fn a_cleared_filter_keeps_no_more_room_than_it_may_need() {
        let mut filter = Filter::default();
        for n in 0..100_000 {
            put(&mut filter, b"c", &numbered(n));
        }
        filter.clear();
        assert!(filter.keys.capacity() >= 100_000);
        filter.clear();
        assert!(filter.keys.capacity() < 10_000);
    }
}
