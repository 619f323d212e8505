//! The stack frames of derived code.

/// Runs the code that a derive generates for one variant of an enum: `(values), |(names)| { code }`.
///
/// The macro call is the last expression of its function, so that a `return` in the code has the same effect with and without
/// a closure.
///
/// In a build that isn't optimized, a function's frame contains the local variables of all its branches. An enum with many
/// variants would need such a frame at each level of nesting. Therefore, each branch is a closure with its own frame. The values
/// that it needs are passed as one argument, since captured variables would be stored in the caller's frame.
///
/// In an optimized build, variables share stack slots, and a closure in a recursive type would cost a call.
#[cfg(debug_assertions)]
#[doc(hidden)]
#[macro_export]
macro_rules! __in_own_frame {
    (($($value:tt),*), |($($name:ident),*)| $code:block) => {
        $crate::__private::call(($($value),*), |($($name),*)| $code)
    };
}

/// Runs the code in place.
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
