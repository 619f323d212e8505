use super::key::Key;

/// A half-open range of keys: from `start` up to, but excluding, `stop`; or from `start` without an end.
///
/// Scans, counts and deletes take it wherever they take Rust's ranges. It exists for prefixes, whose last one has no
/// end, and for callers that bring two keys as bytes.
///
/// ```
/// use persist_core::{Key, KeyRange, key};
///
/// let epochs = KeyRange::new(key!("general", 1i64), key!("general", 9i64));
/// assert!(epochs.contains(&key!("general", 1i64)));
/// assert!(!epochs.contains(&key!("general", 9i64)));
///
/// let all = KeyRange::from_start(Key::new());
/// assert!(all.contains(&key!("zebra")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyRange {
    start: Key,
    /// `None` is an open end.
    stop: Option<Key>,
}

impl KeyRange {
    /// Creates the range `start..stop`, which is empty unless `start` is less than `stop`.
    ///
    /// No key is less than the empty key, so an empty stop gives an empty range. A range without an end is made by
    /// [`from_start`](Self::from_start).
    ///
    /// ```
    /// use persist_core::{Key, KeyRange, key};
    ///
    /// let range = KeyRange::new(key!(1u64), key!(3u64));
    /// assert!(range.contains(&key!(2u64)));
    /// assert!(!KeyRange::new(key!(1u64), Key::new()).contains(&key!(2u64)));
    /// ```
    pub fn new(start: Key, stop: Key) -> Self {
        Self { start, stop: Some(stop) }
    }

    /// Creates the range of `start` and every greater key.
    ///
    /// ```
    /// use persist_core::{KeyRange, key};
    ///
    /// let range = KeyRange::from_start(key!(7u64));
    /// assert!(range.contains(&key!(u64::MAX)));
    /// assert_eq!(range.stop(), None);
    /// ```
    pub fn from_start(start: Key) -> Self {
        Self { start, stop: None }
    }

    /// Creates the range `start..stop`, or the range from `start` without an end if `stop` is empty.
    ///
    /// This is the convention of the Nim library whose format persist follows. Use it for a pair of keys that follows
    /// that convention, and [`new`](Self::new) for any other: a computed stop that happens to be empty selects every key
    /// here.
    ///
    /// ```
    /// use persist_core::{Key, KeyRange, key};
    ///
    /// let range = KeyRange::with_empty_stop_as_end(key!(7u64), Key::new());
    /// assert_eq!(range, KeyRange::from_start(key!(7u64)));
    /// let range = KeyRange::with_empty_stop_as_end(key!(7u64), key!(9u64));
    /// assert_eq!(range, KeyRange::new(key!(7u64), key!(9u64)));
    /// ```
    pub fn with_empty_stop_as_end(start: Key, stop: Key) -> Self {
        Self { start, stop: Some(stop).filter(|stop| !stop.is_empty()) }
    }

    /// Creates the range of `prefix` and every key that begins with it.
    ///
    /// Its stop is the prefix without its trailing FF bytes and with the last remaining byte incremented. If no byte
    /// remains, no key is greater than every key of the prefix, and the range has no end.
    ///
    /// ```
    /// use persist_core::{Key, KeyRange};
    ///
    /// let range = KeyRange::prefix(&Key::from_bytes([1, 0xFF]));
    /// assert_eq!(range, KeyRange::new(Key::from_bytes([1, 0xFF]), Key::from_bytes([2])));
    /// assert_eq!(KeyRange::prefix(&Key::from_bytes([0xFF])).stop(), None);
    /// ```
    pub fn prefix(prefix: &Key) -> Self {
        let mut stop = prefix.as_bytes();
        while let [before @ .., 0xFF] = stop {
            stop = before;
        }
        let stop = stop
            .split_last()
            .map(|(last, before)| Key::from([before, &[last.wrapping_add(1)]].concat()));
        Self { start: prefix.clone(), stop }
    }

    /// Returns the first key of the range.
    pub fn start(&self) -> &Key {
        &self.start
    }

    /// Returns the first key after the range, or `None` if the range has no end.
    pub fn stop(&self) -> Option<&Key> {
        self.stop.as_ref()
    }

    /// Returns whether `key` is in the range.
    pub fn contains(&self, key: &Key) -> bool {
        &self.start <= key && self.stop.as_ref().is_none_or(|stop| key < stop)
    }
}

impl Key {
    /// Returns the range of this key and every key that begins with it.
    ///
    /// ```
    /// use persist_core::key;
    ///
    /// let range = key!("general").prefix_range();
    /// assert!(range.contains(&key!("general", 7i64)));
    /// assert!(!range.contains(&key!("generic")));
    /// ```
    pub fn prefix_range(&self) -> KeyRange {
        KeyRange::prefix(self)
    }
}
