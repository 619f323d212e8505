//! The thread that checkpoints the jobs of a store, so that their commits don't wait for the disk.
//!
//! A WAL is in the queue `due` if a checkpoint is due, and in the list `watched` if it may not be empty. Both are in [`State`], behind
//! one lock, which is not held during a checkpoint. The flags in [`Wal`] keep a WAL from being listed twice.
//!
//! The thread starts with the first open job and ends with the last one ([`Seat`]). It runs as long as `State::thread` holds its own
//! handle: the close of the last job takes the handle out, wakes the thread and joins it. A job that is opened meanwhile starts a new thread.

use std::collections::VecDeque;
use std::ffi::c_int;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use persist_core::Error;
use persist_core::error::Place;
use rusqlite::{Connection, hooks};

use crate::connection::setup;
use crate::wal::checkpoints::{Wal, Wanted};

/// The time without a commit after which a WAL is emptied.
const IDLE: Duration = Duration::from_secs(1);

/// The checkpointer of a store: one thread for all of its jobs.
#[derive(Default)]
pub(crate) struct Checkpointer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The number of jobs that are open or being opened.
    jobs: usize,
    /// The WALs for which a checkpoint is due.
    due: VecDeque<Arc<Wal>>,
    /// The WALs that may not be empty, in the order of `look_at`.
    watched: VecDeque<Watched>,
    thread: Option<JoinHandle<()>>,
}

struct Watched {
    wal: Arc<Wal>,
    /// [`Wal::written`] at the last look.
    written: u64,
    look_at: Instant,
}

/// One job's share in the checkpointer's thread, which runs until the last seat is dropped.
pub(crate) struct Seat(Arc<Checkpointer>);

/// A job's WAL that the checkpointer attends to until this is dropped.
pub(crate) struct Attended {
    wal: Arc<Wal>,
    seat: Seat,
}

impl Checkpointer {
    /// Reserves the thread for a job, and starts it for the first one. This is called before a job is opened, so that no job is created
    /// for whose checkpoints there is no thread.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyOpen`] if the system can't start a thread.
    pub(crate) fn seat(self: &Arc<Self>, place: &Place) -> Result<Seat, Error> {
        let mut state = self.state.lock();
        if state.thread.is_none() {
            let checkpointer = Arc::clone(self);
            let thread = thread::Builder::new()
                .name("persist-checkpoints".into())
                .spawn(move || checkpointer.run())
                .map_err(|error| Error::TooManyOpen {
                    place: place.clone(),
                    source: Some(Arc::new(error)),
                })?;
            state.thread = Some(thread);
        }
        state.jobs += 1;
        Ok(Seat(Arc::clone(self)))
    }

    /// Adds the work that a commit has, and wakes the thread.
    fn ask(&self, wal: &Arc<Wal>, wanted: Wanted) {
        let mut state = self.state.lock();
        match wanted {
            Wanted::Checkpoint => state.due.push_back(Arc::clone(wal)),
            Wanted::Watch => state.watch(Arc::clone(wal), wal.written()),
        }
        drop(state);
        self.changed.notify_one();
    }

    fn run(&self) {
        let this = thread::current().id();
        let mut state = self.state.lock();
        while state.thread.as_ref().is_some_and(|running| running.thread().id() == this) {
            if let Some(wal) = state.due.pop_front() {
                MutexGuard::unlocked(&mut state, || wal.checkpoint_now());
                if wal.begin_watch() {
                    let written = wal.written();
                    state.watch(wal, written);
                }
                continue;
            }
            match state.watched.front().map(|next| next.look_at) {
                None => self.changed.wait(&mut state),
                Some(look_at) if Instant::now() < look_at => {
                    self.changed.wait_until(&mut state, look_at);
                }
                Some(_) => State::look_at_next(&mut state),
            }
        }
    }

    /// Removes a job's WAL from the queue and the list.
    fn forget(&self, wal: &Arc<Wal>) {
        let mut state = self.state.lock();
        state.due.retain(|due| !Arc::ptr_eq(due, wal));
        state.watched.retain(|watched| !Arc::ptr_eq(&watched.wal, wal));
    }

    /// Ends the thread if this was the last job.
    fn leave(&self) {
        let mut state = self.state.lock();
        state.jobs -= 1;
        let ending = if state.jobs == 0 { state.thread.take() } else { None };
        drop(state);
        if let Some(thread) = ending {
            self.changed.notify_all();
            // If the thread has panicked, the panic hook has reported it.
            let _ = thread.join();
        }
    }
}

impl State {
    /// Looks at the WAL that was looked at longest ago. The lock is released meanwhile.
    fn look_at_next(state: &mut MutexGuard<'_, Self>) {
        let Some(Watched { wal, written, .. }) = state.watched.pop_front() else { return };
        if let Some(written) = MutexGuard::unlocked(state, || wal.empty_if_idle(written)) {
            state.watch(wal, written);
        }
    }

    fn watch(&mut self, wal: Arc<Wal>, written: u64) {
        self.watched.push_back(Watched { wal, written, look_at: Instant::now() + IDLE });
    }
}

impl fmt::Debug for Checkpointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checkpointer")
    }
}

impl Seat {
    /// Makes the checkpointer attend to the job's WAL.
    pub(crate) fn attend(self, wal: Arc<Wal>) -> Attended {
        Attended { wal, seat: self }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl Attended {
    pub(crate) fn shared(&self) -> Arc<Wal> {
        Arc::clone(&self.wal)
    }

    /// Makes the checkpointer, instead of SQLite, checkpoint the commits of `writing`.
    ///
    /// The hook costs a commit some nanoseconds, unless the commit makes a checkpoint due or ends a pause.
    pub(crate) fn follow(&self, writing: &mut Connection) -> rusqlite::Result<()> {
        let (wal, checkpointer) = (Arc::clone(&self.wal), Arc::clone(&self.seat.0));
        // This comes first, since SQLite's own checkpoints use the same hook.
        setup::set(writing, "wal_autocheckpoint", 0)?;
        writing.wal_hook(Some(move |_: &mut hooks::Wal, pages: c_int| {
            if let Some(wanted) = wal.committed(u32::try_from(pages).unwrap_or(0)) {
                checkpointer.ask(&wal, wanted);
            }
            Ok(())
        }))
    }
}

impl Deref for Attended {
    type Target = Wal;

    fn deref(&self) -> &Wal {
        &self.wal
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        self.wal.end();
        self.seat.0.forget(&self.wal);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use persist_core::Durability;
    use persist_core::port::{
        Backend, Category, Commit, Group, Op, OpenOptions, OpenedJob, Outcome,
    };

    use crate::Sqlite;

    #[test]
    fn thread_starts_with_the_first_job_and_ends_with_the_last() {
        let root = tempfile::tempdir().unwrap();
        let backend = Sqlite::at(root.path()).durability(Durability::Full);
        let checkpointer = Arc::clone(backend.checkpointer());
        let running = || checkpointer.state.lock().thread.is_some();
        // Each round starts a new thread.
        for round in [b"1", b"2", b"3"] {
            assert!(!running());
            let mut jobs: Vec<OpenedJob> =
                ["a", "b"].map(|id| backend.open_job(id, &OpenOptions::default()).unwrap()).into();
            assert!(running());
            for job in &mut jobs {
                let mut group = Group::default();
                group.push(&[Op::Put {
                    category: Category::user(b"c"),
                    key: b"k",
                    payload: round,
                }]);
                let Commit::Resolved(outcomes) = job.writer.commit(&group) else { panic!("busy") };
                assert!(matches!(outcomes[..], [Outcome::Committed { .. }]), "{outcomes:?}");
            }
            for (index, OpenedJob { writer, reader }) in jobs.into_iter().enumerate() {
                reader.close();
                writer.close().unwrap();
                assert_eq!(running(), index == 0);
            }
            // The thread and the closed jobs have released theirs.
            assert_eq!(Arc::strong_count(&checkpointer), 2);
        }
    }
}
