//! Stack frames of derived code.

/// Runs what a derive writes for one variant of an enum: `(values), |(names)| { code }`. It is the last expression of its
/// function, so that a `return` in it means the same whether it is a function of its own or not.
///
/// In a build that isn't optimized, a function's frame holds the local variables of all its branches at once. An enum with
/// many variants would need that at each level of nesting. So each branch is a closure with a frame of its own there. It
/// takes what it needs as one argument, since captured variables would live in the frame of the caller.
///
/// In an optimized build variables share their places, and a closure in a recursive type costs a call.
#[cfg(debug_assertions)]
#[doc(hidden)]
#[macro_export]
macro_rules! __in_own_frame {
    (($($value:tt),*), |($($name:ident),*)| $code:block) => {
        $crate::__private::call(($($value),*), |($($name),*)| $code)
    };
}

/// As above, without a frame.
#[cfg(not(debug_assertions))]
#[doc(hidden)]
#[macro_export]
macro_rules! __in_own_frame {
    (($($value:tt),*), |($($name:ident),*)| $code:block) => {{
        $(let $name = $value;)*
        $code
    }};
}

/// Calls `body` with `argument`.
#[cfg(debug_assertions)]
#[doc(hidden)]
#[inline]
pub fn call<A, R>(argument: A, body: impl FnOnce(A) -> R) -> R {
    body(argument)
}
