//! A compiler message for requests that are passed to a function that expects a future.
//!
//! Requests that borrow their job, such as reads, implement `IntoFuture`, so `.await` works, but
//! `tokio::spawn(job.get(…))` does not compile. The compiler would only report that the request is not a future. The
//! impls of `Future` below never apply, since no type implements their condition, and the compiler reports the text of
//! that condition instead.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::store::api::flush::Flush;
use crate::store::api::read::Read;
use crate::store::api::reserve::Reserve;
use crate::store::api::scan::Scan;
use crate::store::api::submit::Submit;
use crate::store::api::view_read::ViewRead;

/// The condition that no type meets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a request, which is not a future before `.await` or `.into_future()`",
    label = "not a future yet",
    note = "to spawn it: `.into_owned().into_future()`; without `into_owned()` the future borrows the job",
    note = "or move a clone of the job into the task: `async move {{ job.get(category, key).await }}`"
)]
pub trait PolledDirectly {}

macro_rules! hint {
    ($($Request:ty: [$($generics:tt)*]),*) => {$(
        #[doc(hidden)]
        impl<$($generics)*> Future for $Request
        where
            Self: PolledDirectly,
        {
            type Output = Infallible;

            fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Infallible> {
                Poll::Pending
            }
        }
    )*};
}

hint!(
    Read<'job, T>: ['job, T],
    Scan<'job>: ['job],
    ViewRead<'job, F>: ['job, F],
    Submit<'job, T, E>: ['job, T, E],
    Reserve<'job>: ['job],
    Flush<'job>: ['job]
);
