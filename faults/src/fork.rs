use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// A child process made by `fork`, with a copy of this process's memory and only the calling thread.
#[derive(Debug)]
pub struct Forked(libc::pid_t);

impl Forked {
    /// Forks. The child runs `run` and ends by `process::exit` with the code it returns, or 101 after a panic.
    ///
    /// # Errors
    ///
    /// Returns the error of the system.
    pub fn run(run: impl FnOnce() -> i32) -> io::Result<Self> {
        // SAFETY: the locks that other threads hold now limit the calls that the child may make. That is the subject of
        // the tests that call this.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => process::exit(catch_unwind(AssertUnwindSafe(run)).unwrap_or(101)),
            child => Ok(Self(child)),
        }
    }

    /// Returns the exit code of the child, or `None` if it hasn't ended by itself within `limit`. It is killed then.
    #[must_use]
    pub fn exit_code_within(self, limit: Duration) -> Option<i32> {
        let Self(child) = self;
        let (ends, ended) = channel();
        let waiting = thread::spawn(move || {
            let mut status = 0;
            // SAFETY: the status belongs to this thread.
            let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
            let exited = waited == child && libc::WIFEXITED(status);
            let _ = ends.send(exited.then(|| libc::WEXITSTATUS(status)));
        });
        let code = ended.recv_timeout(limit).unwrap_or_else(|_| {
            // SAFETY: no memory is passed, and the child is not waited for yet.
            unsafe { libc::kill(child, libc::SIGKILL) };
            None
        });
        let _ = waiting.join();
        code
    }
}
