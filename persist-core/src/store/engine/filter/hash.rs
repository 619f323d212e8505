//! The hash function of the filters. Every put pays for it, so it needs only one multiplication per eight bytes.
//!
//! Hashes are never written to disk, and the seed is a random number for each process, so that an attacker cannot choose keys
//! that collide.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Odd numbers without a pattern: the first digits of the fractional parts of the square roots of 2 and 3.
const LENGTHS: u64 = 0x6A09_E667_F3BC_C909;
const FACTOR: u64 = 0xBB67_AE85_84CA_A73B;

/// The seed of this process, the same for all filters.
static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(LENGTHS));

/// Returns the hash of a category.
pub(super) fn category(category: &[u8]) -> u64 {
    hash(*SEED, category)
}

/// Returns the hash of a key in a category, whose hash is the seed. So the hash depends on where the category ends.
pub(super) fn key(category: u64, key: &[u8]) -> u64 {
    hash(category, key)
}

fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let (mut state, mut rest) = (seed, bytes);
    while let Some((word, behind)) = rest.split_first_chunk() {
        state = mix(state, u64::from_le_bytes(*word));
        rest = behind;
    }
    // The length is mixed in because inputs that differ only in trailing zeros would otherwise have the same hash.
    mix(state ^ (bytes.len() as u64).wrapping_mul(LENGTHS), last_word(rest))
}

/// Multiplies, and combines both halves of the product, so that each bit of the result depends on every bit of the input.
#[expect(clippy::cast_possible_truncation, reason = "the halves are taken apart")]
fn mix(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word) * u128::from(FACTOR);
    product as u64 ^ (product >> 64) as u64
}

/// Returns up to seven bytes as one number. Inputs of different lengths may return the same number, which is why `hash` mixes in
/// the length.
fn last_word(rest: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
        // The first four and the last four bytes overlap, since there are fewer than eight.
        return u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
    }
    match *rest {
        [] => 0,
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, ..] => u64::from(u32::from_le_bytes([a, b, c, 0])),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{category, key};

    #[test]
    fn keys_that_differ_in_a_bit_or_in_length_have_different_hashes() {
        let mut hashes = HashSet::new();
        let seed = category(b"c");
        for length in 0..=40 {
            let mut bytes = vec![0; length];
            assert!(hashes.insert(key(seed, &bytes)), "{length} zeros");
            for bit in 0..length * 8 {
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert!(hashes.insert(key(seed, &bytes)), "bit {bit} of {length} bytes");
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }

    #[test]
    fn end_of_the_category_changes_the_hash() {
        assert_ne!(key(category(b"ab"), b"c"), key(category(b"a"), b"bc"));
        assert_ne!(key(category(b""), b"abc"), key(category(b"abc"), b""));
    }
}
