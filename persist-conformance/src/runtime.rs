//! A minimal async runtime. The store needs only a waker.

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Runs a future to its end on this thread, which sleeps while there is nothing to poll.
pub fn block_on<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs all futures at once. Returns their outputs in the order of the futures.
pub fn join_all<F: IntoFuture>(futures: impl IntoIterator<Item = F>) -> JoinAll<F::IntoFuture> {
    let futures = futures.into_iter().map(|future| Slot::Running(Box::pin(future.into_future())));
    JoinAll(futures.collect())
}

/// The future of [`join_all`].
#[must_use = "a future does nothing unless it is awaited"]
pub struct JoinAll<F: Future>(Vec<Slot<F>>);

enum Slot<F: Future> {
    Running(Pin<Box<F>>),
    Ended(Option<F::Output>),
}

// The futures are boxed, and nothing else is ever pinned.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut all_ended = true;
        for slot in &mut self.0 {
            if let Slot::Running(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Slot::Ended(Some(output)),
                    Poll::Pending => all_ended = false,
                }
            }
        }
        if !all_ended {
            return Poll::Pending;
        }
        let outputs = self.0.drain(..).filter_map(|slot| match slot {
            Slot::Ended(output) => output,
            Slot::Running(_) => None,
        });
        Poll::Ready(outputs.collect())
    }
}
