//! The rows that all engines store.

pub const KEY_BYTES: usize = 20;
pub const PAYLOAD_BYTES: usize = 100;
/// A description of a row.
pub const ROW: &str = "keys of 20 bytes, payloads of 100";

pub type RowKey = [u8; KEY_BYTES];

/// A row of a batch.
pub type Row<'a> = (RowKey, &'a [u8]);

/// The order of the keys of consecutive rows.
#[derive(Clone, Copy)]
pub enum Keys {
    /// Ascending numbers.
    Sequential,
    /// Random keys of the whole range.
    Random,
}

impl Keys {
    /// Returns the key of row `number`: a short text, a time and a number, in the bytes that persist writes for them.
    pub fn key(self, number: usize) -> RowKey {
        let number = number as u64;
        let time = match self {
            Self::Sequential => 1 << 63,
            Self::Random => mixed(number),
        };
        let mut key = [0; KEY_BYTES];
        key[..4].copy_from_slice(b"\0\x02ch");
        key[4..12].copy_from_slice(&time.to_be_bytes());
        key[12..].copy_from_slice(&number.to_be_bytes());
        key
    }
}

/// The payloads, and an order of the rows.
pub struct Data {
    /// The payloads are windows of this noise, which can't be compressed.
    noise: Vec<u8>,
    /// All rows in random order, the same in every run.
    pub shuffled: Vec<usize>,
}

impl Data {
    pub fn new(rows: usize) -> Self {
        let noise = (0..NOISE_WORDS).flat_map(|word| mixed(word).to_le_bytes()).collect();
        let mut shuffled: Vec<usize> = (0..rows).collect();
        shuffled.sort_by_cached_key(|&row| mixed(!(row as u64)));
        Self { noise, shuffled }
    }

    pub fn rows(&self) -> usize {
        self.shuffled.len()
    }

    pub fn payload(&self, number: usize) -> &[u8] {
        let start = number.wrapping_mul(31) % (self.noise.len() - PAYLOAD_BYTES);
        &self.noise[start..start + PAYLOAD_BYTES]
    }

    /// Returns all rows.
    pub fn all(&self, keys: Keys) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows()).map(move |number| (keys.key(number), self.payload(number)))
    }

    /// Returns the row of step `step` of an endless walk.
    pub fn visited(&self, step: usize) -> usize {
        self.shuffled[step % self.shuffled.len()]
    }
}

const NOISE_WORDS: u64 = 1 << 17;

/// Splitmix64: a bijection on the numbers.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
