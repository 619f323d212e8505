//! The step from two-byte to ten-byte lengths, over values too large for random ones.

use persist_core::KeyEncode;
use persist_tests::laws::Stored;

const LENGTHS: [usize; 5] = [65_533, 65_534, 65_535, 65_536, 65_537];

/// Of each length three values, in documented order, that differ only at their ends.
fn of_each_length<T>(of: impl Fn(usize, usize) -> T) -> Vec<T> {
    LENGTHS
        .iter()
        .flat_map(|length| (0..3).map(|end| of(*length, end)).collect::<Vec<_>>())
        .collect()
}

fn laws_of_all<T: Stored>(values: &[T]) {
    for (index, left) in values.iter().enumerate() {
        let key = left.to_key();
        assert_eq!(key.len(), left.encoded_key_len());
        assert_eq!(key.as_bytes(), left.to_payload().as_bytes());
        let again = key.decode::<T>().expect("what was encoded decodes");
        assert!(again.documented_cmp(left).is_eq());
        for right in &values[..index] {
            let smaller = right.to_key();
            assert!(smaller < key && right.key_cmp(left).is_lt() && left.key_cmp(right).is_gt());
            assert!(!key.as_bytes().starts_with(smaller.as_bytes()));
        }
    }
}

#[test]
fn text_keeps_the_laws() {
    laws_of_all(&of_each_length(|length, end| "x".repeat(length - 1) + ["\0", "a", "\x7F"][end]));
}

#[test]
fn bytes_keep_the_laws() {
    laws_of_all(&of_each_length(|length, end| {
        let mut bytes = vec![0xFFu8; length];
        bytes[length - 1] = [0, 1, 0xFF][end];
        bytes
    }));
}

#[test]
fn sequences_keep_the_laws() {
    laws_of_all(&of_each_length(|length, end| {
        let mut options = vec![None; length];
        options[length - 1] = [None, Some(false), Some(true)][end];
        options
    }));
}

#[test]
fn text_of_one_char_more_or_less_than_the_step_has_the_other_form() {
    let short = "x".repeat(65_534).to_key();
    assert_eq!(&short.as_bytes()[..3], [0xFF, 0xFE, b'x']);
    let long = "x".repeat(65_535).to_key();
    assert_eq!(&long.as_bytes()[..11], b"\xFF\xFF\0\0\0\0\0\0\xFF\xFFx");
}
