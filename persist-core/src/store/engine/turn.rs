use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::store::base::error::Error;
use crate::store::base::reports::Committed;
use crate::store::base::{blocking, process};
use crate::store::engine::capacity::{Admit, Capacity};
use crate::store::engine::waiting::{Entered, Granted, Purpose, Refused, Waiting};

/// A caller's place in a waiting line. Dropping it leaves the line. If capacity was reserved for the caller but not taken over, the
/// drop releases it.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: Arc<dyn Admit>,
    number: u64,
    waiting: Arc<Waiting>,
    /// Whether the outcome was taken, or the caller has left the line.
    is_over: bool,
}

/// The state of a write that was submitted without blocking.
#[derive(Debug)]
pub(crate) enum Started {
    /// The batch is empty, so there is nothing to write.
    Done(Committed),
    /// The write is in the queue.
    Entered(Entered),
    /// The write waits for capacity.
    InLine(Turn),
}

impl Turn {
    /// Adds an entry to the end of a queue's line.
    ///
    /// # Errors
    ///
    /// Returns `purpose` if the queue is closed.
    pub(crate) fn line_up(queue: Arc<dyn Admit>, purpose: Purpose) -> Result<Self, Purpose> {
        let (number, waiting) = Capacity::line_up(&queue, purpose)?;
        Ok(Self { queue, number, waiting, is_over: false })
    }

    /// Blocks until the entry is served or refused, and returns the outcome.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`]; unless the entry is served already, [`Error::WouldDeadlock`] on a worker's thread and
    /// [`Error::OtherProcess`] in a forked child.
    pub(crate) fn wait(mut self) -> Result<Granted, Refused> {
        self.is_over = true;
        match blocking::allowed().and_then(|()| process::check(self.queue.place())) {
            Ok(()) => self.waiting.wait(),
            Err(error) => self.leave_with(error),
        }
    }

    /// Returns the outcome if the entry was served or refused. Otherwise `waker` is woken when that happens.
    ///
    /// # Errors
    ///
    /// As for [`wait`](Self::wait).
    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<Result<Granted, Refused>> {
        let poll = match process::check(self.queue.place()) {
            Ok(()) => self.waiting.poll(waker),
            Err(error) => Poll::Ready(self.leave_with(error)),
        };
        self.is_over |= poll.is_ready();
        poll
    }

    /// Leaves the line, and returns the purpose of the entry.
    ///
    /// # Errors
    ///
    /// The outcome, if the entry was served or refused before.
    pub(crate) fn leave(mut self) -> Result<Purpose, Result<Granted, Refused>> {
        self.is_over = true;
        self.try_leave()
    }

    /// Leaves the line because of `error`, and returns it. If the entry has an outcome, returns that instead.
    fn leave_with(&self, error: Error) -> Result<Granted, Refused> {
        match self.try_leave() {
            Ok(purpose) => Err(Refused::new(error, purpose)),
            Err(outcome) => outcome,
        }
    }

    fn try_leave(&self) -> Result<Purpose, Result<Granted, Refused>> {
        let purpose = self.queue.capacity().leave_line(self.number);
        // Without a purpose, the entry is settled or being served. In the second case this waits only until the entry was appended.
        purpose.ok_or_else(|| self.waiting.wait())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over
            && let Err(Ok(Granted::Capacity)) = self.try_leave()
        {
            self.queue.capacity().release(self.waiting.cost());
        }
    }
}
