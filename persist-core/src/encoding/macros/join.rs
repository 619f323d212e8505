//! `key!` and `payload!`, which join parts.

/// Creates a [`Key`](crate::Key) from parts of any key types, one after the other.
///
/// A part that is a `Key` contributes its bytes verbatim. An integer literal without a type doesn't compile: write `1u64` or
/// `1i64`, which have different bytes. The same applies to expressions of such literals, like `&1` or `1 + 1`. In a tuple or
/// array, as in `("channel-42", 7)`, the macro can't see the literal, and it is an `i32`.
///
/// ```
/// use persist_core::key;
///
/// let epoch = 7i64;
/// let key = key!("channel-42", epoch);
/// let deeper = key!(key, true);
/// assert!(deeper.as_bytes().starts_with(key.as_bytes()));
/// ```
///
/// ```compile_fail
/// let key = persist_core::key!("channel-42", 7);
/// ```
#[macro_export]
macro_rules! key {
    ($(,)?) => {
        $crate::Key::new()
    };
    ($($part:expr),+ $(,)?) => {{
        $(const _: () = $crate::__private::refuse_bare_integer(::core::stringify!($part));)+
        let mut key = $crate::Key::new();
        $(key.push(&$part);)+
        key
    }};
}

/// Creates a [`Payload`](crate::Payload) from parts of any payload types, one after the other.
///
/// As in [`key!`](crate::key!), a part that is a `Key` or a `Payload` contributes its bytes verbatim, and an integer literal
/// without a type doesn't compile, except in a tuple or array, where it is an `i32`.
///
/// ```
/// use persist_core::payload;
///
/// assert_eq!(payload!("hi", true, 1u64).len(), 4 + 1 + 8);
/// ```
#[macro_export]
macro_rules! payload {
    ($(,)?) => {
        $crate::Payload::new()
    };
    ($($part:expr),+ $(,)?) => {{
        $(const _: () = $crate::__private::refuse_bare_integer(::core::stringify!($part));)+
        let mut payload = $crate::Payload::new();
        $(payload.push(&$part);)+
        payload
    }};
}
