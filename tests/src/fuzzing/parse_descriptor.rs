//! Parsers of descriptors and of keys in hex, applied to any text.

use persist_core::Key;
use persist_core::descriptor::{Changes, Descriptor, can_read};

/// Parses the text in `data` as a descriptor and as a key.
///
/// # Panics
///
/// If a parsed value prints as text that doesn't parse to the same value, or an error has an offset outside the text.
pub fn parse_descriptor(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    check_descriptor(text);
    check_key(text);
}

fn check_descriptor(text: &str) {
    let descriptor = match text.parse::<Descriptor>() {
        Ok(descriptor) => descriptor,
        Err(error) => {
            assert!(
                text.is_char_boundary(error.offset()),
                "the offset of {error} is within the text"
            );
            assert!(error.to_string().contains(error.expected()));
            return;
        }
    };
    for printed in [descriptor.to_string(), format!("{descriptor:#}")] {
        assert_eq!(printed.parse().as_ref(), Ok(&descriptor), "{printed}");
    }
    let changes = can_read(&descriptor, &descriptor);
    assert!(changes.as_ref().is_ok_and(Changes::is_empty), "a shape can read itself: {changes:?}");
}

fn check_key(text: &str) {
    let is_hex = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.parse::<Key>() {
        Ok(key) => {
            assert!(is_hex);
            assert_eq!(key.to_string(), text.to_ascii_lowercase());
        }
        Err(error) => assert!(!is_hex, "{error}"),
    }
}
