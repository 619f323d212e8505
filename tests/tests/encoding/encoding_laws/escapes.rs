//! Escaped zeros, compared with an encoder that works byte by byte, at the lengths where the fast paths change.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fmt::Debug;

use persist_core::{Key, KeyDecode, KeyEncode, KeyRef, Lex};

/// The lengths where a word, a chunk or a block ends and the next one begins.
const EDGES: [usize; 16] = [0, 1, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 129, 255, 256];

/// Miri interprets each step, so it gets fewer lengths.
fn lengths() -> impl Iterator<Item = usize> {
    (0..300).step_by(if cfg!(miri) { 131 } else { 1 })
}

fn with_zeros(len: usize, other: u8, zero_at: impl Fn(usize) -> bool) -> Vec<u8> {
    (0..len).map(|at| if zero_at(at) { 0 } else { other }).collect()
}

/// Returns bytes of one length: zeros at the edges, after and before them, in a few places, and everywhere.
fn of_length(len: usize) -> Vec<Vec<u8>> {
    // Next to a zero it marks the end, and it is the value closest to zero.
    let other = 0x01;
    let mut all = vec![vec![0xFF; len]];
    for edge in EDGES.into_iter().filter(|edge| *edge < len).step_by(if cfg!(miri) { 5 } else { 1 })
    {
        all.push(with_zeros(len, other, |at| at == edge));
        all.push(with_zeros(len, other, |at| at >= edge));
        all.push(with_zeros(len, other, |at| at < edge));
        all.push(with_zeros(len, other, |at| at == edge || at + 1 == len));
    }
    for every in [2, 3, 31, 32, 33, 34] {
        all.push(with_zeros(len, other, |at| at % every == 0));
        all.push(with_zeros(len, other, |at| at % every != 0));
    }
    all
}

fn byte_by_byte(bytes: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::new();
    for &byte in bytes {
        escaped.push(byte);
        if byte == 0 {
            escaped.push(0xFF);
        }
    }
    escaped.extend([0, 1]);
    escaped
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| !byte).collect()
}

/// Asserts that the value is written as `bytes`, and read from them before any other bytes.
fn assert_written_as<T>(value: &T, bytes: &[u8])
where
    T: KeyEncode + for<'de> KeyDecode<'de> + PartialEq + Debug,
{
    assert_eq!(value.to_key().as_bytes(), bytes);
    assert_eq!(value.encoded_key_len(), bytes.len());
    for tail in [&b""[..], b"\0", b"\xFF\x01"] {
        let mut key = Key::from_bytes(bytes);
        key.push(&KeyRef::from_bytes(tail));
        let (read, rest) = key.decode_prefix::<T>().expect("an encoded value decodes");
        assert_eq!((&read, rest), (value, tail));
    }
}

#[test]
fn bytes_of_every_length_are_escaped() {
    for bytes in lengths().flat_map(of_length) {
        let expected = byte_by_byte(&bytes);
        assert_eq!(Lex(bytes.as_slice()).to_key().as_bytes(), expected);
        let borrowed: Lex<Cow<'_, [u8]>> = KeyDecode::from_key_bytes(&expected).expect("decodes");
        assert_eq!(borrowed.0, bytes);
        assert_eq!(matches!(borrowed.0, Cow::Borrowed(_)), !bytes.contains(&0));
        assert_written_as(&Lex(bytes), &expected);
    }
}

#[test]
fn descending_bytes_of_every_length_are_escaped_and_flipped() {
    for bytes in lengths().flat_map(of_length) {
        let expected = flipped(&byte_by_byte(&bytes));
        assert_written_as(&Reverse(Lex(bytes)), &expected);
    }
}

#[test]
fn text_of_every_length_is_escaped_like_its_bytes() {
    for len in lengths() {
        for every in [2, 31, 32, 33] {
            let text: String =
                (0..len).map(|at| if at % every == 0 { '\0' } else { 'ÿ' }).collect();
            let expected = byte_by_byte(text.as_bytes());
            let descending = Reverse(Lex(text.clone()));
            assert_written_as(&Lex(text), &expected);
            assert_written_as(&descending, &flipped(&expected));
        }
    }
}

#[test]
fn ring_of_bytes_is_escaped_like_one_slice_wherever_it_wraps() {
    for len in [33, 64, 65, 129] {
        for every in [1, 2, 32] {
            let bytes = with_zeros(len, b'a', |at| at % every == 0);
            let expected = byte_by_byte(&bytes);
            for cut in 0..=len {
                if cfg!(miri) && cut % 32 != 0 {
                    continue;
                }
                let mut ring = VecDeque::from(bytes[cut..].to_vec());
                bytes[..cut].iter().rev().for_each(|byte| ring.push_front(*byte));
                assert_eq!(Lex(&ring).to_key().as_bytes(), expected);
                assert_eq!(Lex(ring).encoded_key_len(), expected.len());
            }
        }
    }
}

#[test]
fn prefix_of_escaped_bytes_is_refused() {
    for len in [1, 31, 32, 33, 127, 128, 129] {
        for every in [1, 2, 3, 32, 128] {
            let escaped = byte_by_byte(&with_zeros(len, 0x01, |at| at % every == 0));
            let descending = flipped(&escaped);
            let cuts = (0..escaped.len()).step_by(if cfg!(miri) { 17 } else { 1 });
            for cut in cuts {
                let plain = <Lex<Vec<u8>>>::from_key_bytes(&escaped[..cut]);
                assert!(plain.is_err_and(|error| error.offset() <= cut));
                let flipped = <Reverse<Lex<Vec<u8>>>>::from_key_bytes(&descending[..cut]);
                assert!(flipped.is_err_and(|error| error.offset() <= cut));
            }
        }
    }
}
