use super::Key;

/// A half-open range of keys, `[start, stop)`, whose empty stop is an open end.
///
/// It is the original's range. Rust's own ranges (`a..b`, `..=b`, `..`) say what they always say;
/// this one exists for prefixes, of which the last has no end.
///
/// ```
/// use persist_core::{Key, KeyRange, key};
///
/// let epochs = KeyRange::new(key!("general", 1i64), key!("general", 9i64));
/// assert!(epochs.contains(&key!("general", 1i64)));
/// assert!(!epochs.contains(&key!("general", 9i64)));
///
/// let all = KeyRange::new(Key::new(), Key::new());
/// assert!(all.contains(&key!("zebra")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyRange {
    start: Key,
    stop: Key,
}

impl KeyRange {
    /// The range from `start` up to, but without, `stop`; to the very end if `stop` is empty.
    pub fn new(start: Key, stop: Key) -> Self {
        Self { start, stop }
    }

    /// The range of `prefix` and every key that begins with it.
    ///
    /// Behind it comes the prefix with its last byte that isn't FF raised by one, and nothing after
    /// that byte. A prefix of nothing but FF has no such key: the range has an open end.
    ///
    /// ```
    /// use persist_core::{Key, KeyRange};
    ///
    /// let range = KeyRange::prefix(&Key::from_bytes([1, 0xFF]));
    /// assert_eq!((range.start().as_bytes(), range.stop().as_bytes()), (&[1, 0xFF][..], &[2][..]));
    /// assert!(KeyRange::prefix(&Key::from_bytes([0xFF])).stop().is_empty());
    /// ```
    pub fn prefix(prefix: &Key) -> Self {
        let mut stop = prefix.as_bytes();
        while let [before @ .., 0xFF] = stop {
            stop = before;
        }
        let stop = match stop.split_last() {
            Some((last, before)) => Key::from([before, &[last.wrapping_add(1)]].concat()),
            None => Key::new(),
        };
        Self { start: prefix.clone(), stop }
    }

    /// The first key of the range.
    pub fn start(&self) -> &Key {
        &self.start
    }

    /// The first key behind the range; empty if it has no end.
    pub fn stop(&self) -> &Key {
        &self.stop
    }

    /// Whether `key` lies in the range.
    pub fn contains(&self, key: &Key) -> bool {
        &self.start <= key && (self.stop.is_empty() || key < &self.stop)
    }
}
