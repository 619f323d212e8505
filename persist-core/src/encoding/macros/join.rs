//! `key!` and `payload!`: joining parts at a call site.

/// Builds a [`Key`](crate::Key) from parts of any key types, one after the other.
///
/// A part that is a `Key` adds its bytes as they are. A bare integer literal is refused: write
/// `1u64` or `1i64`, since they are different bytes. So is what consists of such only, like `&1` or `1 + 1`; in a
/// tuple or array, as in `("channel-42", 7)`, it isn't seen, and is an `i32`.
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

/// Builds a [`Payload`](crate::Payload) from parts of any payload types, one after the other.
///
/// As in [`key!`](crate::key!), a part that is a `Key` or a `Payload` adds its bytes as they are, and
/// a bare integer literal is refused, but within a tuple or array, where it is an `i32`.
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
