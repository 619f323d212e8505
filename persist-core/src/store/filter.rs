//! What a group touches, told from its operations: so a read need not wait for strangers' writes.

mod hash;

use std::fmt;
use std::slice;

use super::port::Op;
use crate::Key;

/// The keys and categories that a group touches, in a fixed number of bits: it may take an untouched one for
/// touched, but never a touched one for untouched.
pub(super) struct Filter {
    /// Two bits of one word for each key. With 4,000 keys one in 50 others passes for touched, with 16,000 one
    /// in 6.
    keys: [u64; KEY_WORDS],
    /// A bit for each category that has touched keys.
    categories: u64,
    /// A bit for each category in which any key may be touched.
    whole: u64,
}

/// 8 KiB: a group may have thousands of keys, and it is cleared but once a group.
const KEY_WORDS: usize = 1024;

/// What work that isn't resolved touches.
#[derive(Debug)]
pub(super) enum Touched {
    Nothing,
    Known(Box<Filter>),
    Anything,
}

/// What a read is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum About<'a> {
    Key { category: &'a [u8], key: &'a Key },
    Keys { category: &'a [u8], keys: &'a [Key] },
    Category(&'a [u8]),
    Everything,
}

/// The same, as hashes.
#[derive(Debug)]
pub(super) enum Wanted {
    Key { category: u64, key: u64 },
    Keys { category: u64, keys: Vec<u64> },
    Category(u64),
    Everything,
}

impl Filter {
    /// A filter of nothing.
    pub(super) fn new() -> Box<Self> {
        Box::new(Self { keys: [0; KEY_WORDS], categories: 0, whole: 0 })
    }

    pub(super) fn clear(&mut self) {
        self.keys.fill(0);
        (self.categories, self.whole) = (0, 0);
    }

    #[inline]
    pub(super) fn add(&mut self, op: &Op<'_>) {
        let [category, key, _] = op.parts();
        let category = hash::category(category);
        self.categories |= category_bit(category);
        if matches!(op, Op::Put { .. } | Op::Delete { .. }) {
            let (word, bits) = place(hash::key(category, key));
            self.keys[word] |= bits;
        } else {
            self.whole |= category_bit(category);
        }
    }

    pub(super) fn may_touch(&self, wanted: &Wanted) -> bool {
        match wanted {
            Wanted::Key { category, key } => self.may_touch_any(*category, slice::from_ref(key)),
            Wanted::Keys { category, keys } => self.may_touch_any(*category, keys),
            Wanted::Category(category) => self.categories & category_bit(*category) != 0,
            Wanted::Everything => true,
        }
    }

    fn may_touch_any(&self, category: u64, keys: &[u64]) -> bool {
        let category = category_bit(category);
        let has = |&key: &u64| {
            let (word, bits) = place(key);
            self.keys[word] & bits == bits
        };
        self.whole & category != 0 || self.categories & category != 0 && keys.iter().any(has)
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

/// The word of a key, and its two bits there.
fn place(key: u64) -> (usize, u64) {
    let [low, high, ..] = key.to_le_bytes();
    let word = usize::from(u16::from_le_bytes([low, high])) % KEY_WORDS;
    (word, 1 << (key >> 16 & 63) | 1 << (key >> 22 & 63))
}

impl Touched {
    pub(super) fn may_touch(&self, wanted: &Wanted) -> bool {
        match self {
            Self::Nothing => false,
            Self::Known(filter) => filter.may_touch(wanted),
            Self::Anything => true,
        }
    }
}

impl About<'_> {
    pub(super) fn hashed(self) -> Wanted {
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
    use super::{About, Filter};
    use crate::Key;
    use crate::store::port::{Op, Span};

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
        let mut filter = Filter::new();
        for n in 0..50_000 {
            put(&mut filter, b"c", &numbered(n));
            assert!(touches(&filter, b"c", &numbered(n)));
        }
        let keys: Vec<Key> = (0..50_000).map(numbered).collect();
        assert!(keys.iter().all(|key| touches(&filter, b"c", key)));
    }

    #[test]
    fn of_four_thousand_keys_few_others_pass_for_touched() {
        let mut filter = Filter::new();
        for n in 0..4_000 {
            put(&mut filter, b"c", &numbered(n));
        }
        let wrong = (4_000..104_000).filter(|&n| touches(&filter, b"c", &numbered(n))).count();
        assert!(wrong < 3_000, "{wrong} of 100,000");
        assert!(!touches(&filter, b"other", &numbered(0)));
    }

    #[test]
    fn many_keys_are_touched_if_one_is() {
        let mut filter = Filter::new();
        put(&mut filter, b"c", &numbered(7));
        let about = |keys: &[Key]| filter.may_touch(&About::Keys { category: b"c", keys }.hashed());
        assert!(about(&[numbered(6), numbered(7)]));
        assert!(!about(&[numbered(6), numbered(8)]) && !about(&[]));
    }

    #[test]
    fn a_delete_of_many_touches_its_whole_category_and_no_other() {
        let span = Span { start: b"a", stop: None };
        for op in [
            Op::DeletePrefix { category: b"c", prefix: b"" },
            Op::DeleteRange { category: b"c", span },
        ] {
            let mut filter = Filter::new();
            filter.add(&op);
            assert!(touches(&filter, b"c", &numbered(1)));
            assert!(filter.may_touch(&About::Category(b"c").hashed()));
            assert!(!touches(&filter, b"d", &numbered(1)));
            assert!(!filter.may_touch(&About::Category(b"d").hashed()));
        }
    }

    #[test]
    fn a_cleared_filter_is_of_nothing() {
        let mut filter = Filter::new();
        put(&mut filter, b"c", &numbered(1));
        filter.add(&Op::DeletePrefix { category: b"c", prefix: b"" });
        filter.clear();
        assert!(!touches(&filter, b"c", &numbered(1)));
        assert!(!filter.may_touch(&About::Category(b"c").hashed()));
    }
}
