//! Stack frames of derived code.

/// Calls `body` with `argument`, as one function for each variant of an enum.
///
/// In a build that isn't optimized, a function's frame holds the local variables of all its branches at once. An enum with
/// many variants would need that at each level of nesting. So each branch is a call of a closure with a frame of its own,
/// and passes what the closure needs as one argument, since captured variables would live in the frame of the caller.
#[doc(hidden)]
#[inline]
pub fn in_own_frame<A, R>(argument: A, body: impl FnOnce(A) -> R) -> R {
    body(argument)
}
