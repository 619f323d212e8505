//! The check for integer literals without a type. They would be `i32`, which is rarely the intended type of a key's part.

/// Checks that `source`, a part of `key!` or `payload!`, is not an integer literal without a suffix.
///
/// # Panics
///
/// If it is. The macros call the function in a constant, so the panic is a compile error.
#[doc(hidden)]
pub const fn refuse_bare_integer(source: &str) {
    assert!(
        !is_bare_integer(source.as_bytes()),
        "a bare integer literal is an `i32` here: write its type, as in `1u64` or `1i64`"
    );
}

/// Whether an expression consists of integers without a suffix, operators and brackets only, such as `&-(1 + 1)`.
const fn is_bare_integer(source: &[u8]) -> bool {
    let (mut at, mut integers) = (0, 0);
    while at < source.len() {
        at = match source[at] {
            b'0'..=b'9' => {
                integers += 1;
                end_of_integer(source, at)
            }
            b' ' | b'\n' | b'(' | b')' | b'{' | b'}' | b'!' | b'+' | b'-' | b'*' | b'/' | b'%'
            | b'&' | b'|' | b'^' => at + 1,
            shift @ (b'<' | b'>') if at + 1 < source.len() && source[at + 1] == shift => at + 2,
            _ => return false,
        };
    }
    integers > 0
}

/// Returns the end of the digits. A suffix or decimal point after them makes the caller return `false`.
const fn end_of_integer(source: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    let is_hex = at < source.len() && source[start] == b'0' && source[at] == b'x';
    if at < source.len() && source[start] == b'0' && matches!(source[at], b'x' | b'b' | b'o') {
        at += 1;
    }
    while at < source.len()
        && (source[at].is_ascii_digit()
            || source[at] == b'_'
            || is_hex && source[at].is_ascii_hexdigit())
    {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::is_bare_integer;

    #[test]
    fn integers_without_a_type_are_found() {
        for source in [
            "1",
            "-1",
            "- 1",
            "1_000",
            "0xFF",
            "0b1",
            "0o7",
            "(1)",
            "-(1)",
            "&1",
            "&&-1",
            "{ 1 }",
            "!0",
            "1 + 1",
            "&(1 << 0x1F)",
            "(1 | 2) ^ { 3 % 2 }",
            "{\n    1\n}",
        ] {
            assert!(is_bare_integer(source.as_bytes()), "{source}");
        }
    }

    #[test]
    fn all_else_is_let_through() {
        for source in [
            "1u64", "-1i64", "0xFFu8", "1.5", "1e3", "x", "x1", "\"1\"", "1 + x", "()", "b'1'",
            "1.max(2)", "1 + 1u64", "&1u8", "1 < 2", "1 == 1", "{ 1i64 }", "1_u64", "{}", "&[1]",
            "(1, 2)",
        ] {
            assert!(!is_bare_integer(source.as_bytes()), "{source}");
        }
    }
}
