//! A search for zeros that looks at words and blocks instead of single bytes.

const WORD: usize = 8;
/// The size of a block. The loop over a block has no branches, so the compiler uses the widest registers.
const BLOCK: usize = 128;

/// Returns the number of bytes before the first `ZERO`, or the length if there is none.
#[inline]
pub(super) fn before_zero<const ZERO: u8>(bytes: &[u8]) -> usize {
    let Some(first) = bytes.first_chunk() else { return position::<ZERO>(bytes) };
    match zeros_in::<ZERO>(*first) {
        0 if bytes.len() > 2 * WORD => before_zero_in_many::<ZERO>(bytes),
        0 => before_zero_in_last_word::<ZERO>(bytes),
        found => first_of(found),
    }
}

fn before_zero_in_many<const ZERO: u8>(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    // `byte ^ ZERO` is 0 for a `ZERO` only.
    let has_none =
        |block: &&[u8; BLOCK]| block.iter().fold(u8::MAX, |least, byte| least.min(byte ^ ZERO)) > 0;
    let clean = BLOCK * blocks.iter().take_while(has_none).count();
    let (words, _) = bytes.get(clean..).unwrap_or_default().as_chunks::<WORD>();
    for (index, word) in words.iter().enumerate() {
        let found = zeros_in::<ZERO>(*word);
        if found != 0 {
            return clean + index * WORD + first_of(found);
        }
    }
    before_zero_in_last_word::<ZERO>(bytes)
}

/// Searches the last word, which overlaps bytes that are already known not to be `ZERO`.
#[inline]
fn before_zero_in_last_word<const ZERO: u8>(bytes: &[u8]) -> usize {
    match bytes.last_chunk().copied().map(zeros_in::<ZERO>) {
        None | Some(0) => bytes.len(),
        Some(found) => bytes.len() - WORD + first_of(found),
    }
}

fn position<const ZERO: u8>(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == ZERO).unwrap_or(bytes.len())
}

/// Returns a word whose lowest set bit is the high bit of the first byte that is `ZERO`, or 0 if there is none. Later bits
/// have no meaning.
///
/// Subtracting one from a byte sets its high bit only if the byte was zero or had that bit already.
#[inline]
const fn zeros_in<const ZERO: u8>(word: [u8; WORD]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([0x01; WORD]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; WORD]);
    let word = u64::from_le_bytes(word) ^ u64::from_ne_bytes([ZERO; WORD]);
    word.wrapping_sub(ONES) & !word & HIGHS
}

#[inline]
const fn first_of(found: u64) -> usize {
    found.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::before_zero;

    #[test]
    fn zeros_are_found_at_every_place_among_bytes_close_to_zero() {
        found_at_every_place::<0>();
        found_at_every_place::<0xFF>();
    }

    fn found_at_every_place<const ZERO: u8>() {
        // Miri is slow, so it tries fewer lengths.
        let lengths = (0..200).step_by(if cfg!(miri) { 67 } else { 1 });
        for len in lengths {
            for other in [1, 0x80, 0x7F, 0xFF].map(|bits| ZERO ^ bits) {
                let mut bytes = [other; 200];
                assert_eq!(before_zero::<ZERO>(&bytes[..len]), len);
                for at in (0..len).rev() {
                    bytes[at] = ZERO;
                    assert_eq!(before_zero::<ZERO>(&bytes[..len]), at, "{len} {other}");
                }
            }
        }
    }
}
