//! Where zeros are among bytes: in words and blocks, not byte by byte.

const WORD: usize = 8;
/// A block is looked at without branches, so that the compiler takes the widest registers it has.
const BLOCK: usize = 128;

/// How many bytes come before the first that is `ZERO`: all of them if none is.
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
    // Bytes that are unlike `ZERO` are above 0 in it.
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

/// Where all but the last word are known to have none: it overlaps some of them.
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

/// A word with the high bit of the first byte set that is `ZERO`; of those behind it nothing is said.
///
/// Subtracting one borrows from the high bit of a byte only if it was zero or had that bit.
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
        // Miri interprets each step, so it gets fewer.
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
