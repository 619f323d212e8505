//! Key filters: the keys and categories that a group writes, recorded from its operations. So a read waits only for writes that may
//! affect it.
//!
//! The filter of the open group is part of the queue's state, so the queue's lock guards it. Every append adds to it. When the
//! group ends, the filter no longer changes. It is kept until the group is resolved, unless enough other filters are kept
//! (`queue/pending.rs`). A filter that is no longer needed is cleared for a later group.

mod hash;

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::slice;

use crate::encoding::Key;
use crate::store::base::op::Op;

/// The keys and categories that a group writes, as hashes. There may be false positives, but no false negatives.
#[derive(Default)]
pub(crate) struct Filter {
    keys: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// The bits of the categories to which the group writes. Two categories may share a bit.
    categories: u64,
    /// The bits of the categories in which the group may write any key, since it deletes a prefix or a range.
    whole: u64,
}

/// The number of keys for which a cleared filter keeps capacity, before the factor in [`Filter::clear`], even if the group had
/// fewer.
const KEPT_KEYS: usize = 1024;

/// A hasher that returns its input, since the keys of the set are hashes already.
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

/// The keys that a unit of unresolved work writes.
#[derive(Debug)]
pub(crate) enum Touched {
    Nothing,
    Known(Filter),
    Anything,
}

/// The rows that a read asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About<'a> {
    Key { category: &'a [u8], key: &'a Key },
    Keys { category: &'a [u8], keys: &'a [Key] },
    Category(&'a [u8]),
    Everything,
}

/// The rows that a read asks for, as hashes.
#[derive(Debug)]
pub(crate) enum Wanted {
    Key { category: u64, key: u64 },
    Keys { category: u64, keys: Vec<u64> },
    Category(u64),
    Everything,
}

impl Filter {
    /// Removes all keys and categories.
    ///
    /// The time to clear a table depends on its capacity, not on the number of its keys. So after a large group the capacity
    /// shrinks to a few times the number of keys, and small groups do not pay for it.
    pub(crate) fn clear(&mut self) {
        let most = 4 * self.keys.len().max(KEPT_KEYS);
        self.keys.clear();
        self.keys.shrink_to(most);
        (self.categories, self.whole) = (0, 0);
    }

    /// Adds the key or the category that an operation writes.
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

    /// Returns whether the group may write any of the wanted rows.
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

/// Returns the bit of a category, from its hash.
fn category_bit(category: u64) -> u64 {
    1 << (category % 64)
}

impl Touched {
    /// Returns whether the work may write any of the wanted rows.
    pub(crate) fn may_touch(&self, wanted: &Wanted) -> bool {
        match self {
            Self::Nothing => false,
            Self::Known(filter) => filter.may_touch(wanted),
            Self::Anything => true,
        }
    }
}

impl About<'_> {
    /// Hashes the category and the keys.
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
    use crate::store::base::category::Category;
    use crate::store::base::op::Op;

    fn numbered(n: u32) -> Key {
        Key::from_bytes(n.to_be_bytes())
    }

    fn touches(filter: &Filter, category: &[u8], key: &Key) -> bool {
        filter.may_touch(&About::Key { category, key }.hashed())
    }

    fn put(filter: &mut Filter, category: &[u8], key: &Key) {
        filter.add(&Op::Put {
            category: Category::user(category),
            key: key.as_bytes(),
            payload: b"",
        });
    }

    #[test]
    fn added_keys_are_never_missed() {
        let mut filter = Filter::default();
        for n in 0..50_000 {
            put(&mut filter, b"c", &numbered(n));
            assert!(touches(&filter, b"c", &numbered(n)));
        }
        let keys: Vec<Key> = (0..50_000).map(numbered).collect();
        assert!(keys.iter().all(|key| touches(&filter, b"c", key)));
    }

    #[test]
    fn false_positives_are_rare_for_any_number_of_keys() {
        let mut filter = Filter::default();
        for n in 0..100_000 {
            put(&mut filter, b"c", &numbered(n));
        }
        let wrong = (100_000..200_000).filter(|&n| touches(&filter, b"c", &numbered(n))).count();
        assert!(wrong < 3, "{wrong} of 100,000");
        assert!(!touches(&filter, b"other", &numbered(0)));
    }

    #[test]
    fn set_of_keys_is_touched_if_one_of_them_is() {
        let mut filter = Filter::default();
        put(&mut filter, b"c", &numbered(7));
        let about = |keys: &[Key]| filter.may_touch(&About::Keys { category: b"c", keys }.hashed());
        assert!(about(&[numbered(6), numbered(7)]));
        assert!(!about(&[numbered(6), numbered(8)]) && !about(&[]));
    }

    /// Returns a category whose bit differs from the bit of `category`. Which categories share a bit differs from process to
    /// process, since the seed of the hashes is random.
    fn other_than(category: &[u8]) -> [u8; 1] {
        let bit = |category: &[u8]| category_bit(hash::category(category));
        (0..=u8::MAX).map(|n| [n]).find(|other| bit(other) != bit(category)).unwrap()
    }

    #[test]
    fn range_delete_touches_its_whole_category_and_no_other() {
        let other = &other_than(b"c");
        let span = Span { start: b"a", stop: None };
        for op in [
            Op::DeletePrefix { category: Category::user(b"c"), prefix: b"" },
            Op::DeleteRange { category: Category::user(b"c"), span },
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
    fn cleared_filter_touches_nothing() {
        let mut filter = Filter::default();
        put(&mut filter, b"c", &numbered(1));
        filter.add(&Op::DeletePrefix { category: Category::user(b"c"), prefix: b"" });
        filter.clear();
        assert!(!touches(&filter, b"c", &numbered(1)));
        assert!(!filter.may_touch(&About::Category(b"c").hashed()));
    }

    #[test]
    fn cleared_filter_keeps_a_bounded_capacity() {
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
