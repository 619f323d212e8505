//! Bare integer literals as parts: their type would be `i32`, which is rarely what a key holds.

/// Stops the build when `source`, a part of `key!` or `payload!`, is an integer without a suffix.
///
/// # Panics
///
/// Then, and only in a constant, which makes it a compile error.
#[doc(hidden)]
pub const fn refuse_bare_integer(source: &str) {
    assert!(
        !is_bare_integer(source.as_bytes()),
        "a bare integer literal is an `i32` here: write its type, as in `1u64` or `1i64`"
    );
}

const fn is_bare_integer(source: &[u8]) -> bool {
    let mut at = 0;
    while at < source.len() && matches!(source[at], b'-' | b' ' | b'(') {
        at += 1;
    }
    if at == source.len() || !source[at].is_ascii_digit() {
        return false;
    }
    let hex =
        at + 1 < source.len() && source[at] == b'0' && matches!(source[at + 1], b'x' | b'b' | b'o');
    if hex {
        at += 2;
    }
    while at < source.len() {
        let digit = source[at].is_ascii_digit()
            || matches!(source[at], b'_' | b' ' | b')')
            || hex && source[at].is_ascii_hexdigit();
        if !digit {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_bare_integer;

    #[test]
    fn integers_without_a_type_are_found() {
        for source in ["1", "-1", "- 1", "1_000", "0xFF", "0b1", "0o7", "(1)", "-(1)"] {
            assert!(is_bare_integer(source.as_bytes()), "{source}");
        }
    }

    #[test]
    fn all_else_is_let_through() {
        for source in [
            "1u64", "-1i64", "0xFFu8", "1.5", "1e3", "x", "x1", "\"1\"", "1 + x", "()", "b'1'",
            "1.max(2)",
        ] {
            assert!(!is_bare_integer(source.as_bytes()), "{source}");
        }
    }
}
