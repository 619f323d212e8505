//! Rates of repeated work.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::engine::{Fault, Outcome};

/// The number of repetitions, and their number per second.
#[derive(Clone, Copy, Default)]
pub struct Rate {
    pub times: usize,
    pub a_second: f64,
}

impl Rate {
    /// Returns the rate of one call of `work`, which counts `times` times.
    pub fn of(times: usize, work: impl FnOnce() -> Outcome<()>) -> Outcome<Self> {
        let start = Instant::now();
        work()?;
        Ok(Self::since(start, times))
    }

    /// Returns the rate of calling `work` repeatedly for `sample`. Each call returns how many times it counts.
    pub fn over(sample: Duration, mut work: impl FnMut() -> Outcome<usize>) -> Outcome<Self> {
        let (start, mut times) = (Instant::now(), 0);
        while start.elapsed() < sample {
            times += work()?;
        }
        Ok(Self::since(start, times))
    }

    /// Returns the same for several threads at once, each with a `work` of its own.
    pub fn of_threads<W: FnMut() -> Outcome<usize>>(
        threads: usize,
        sample: Duration,
        prepare: impl Fn(usize) -> Outcome<W> + Sync,
    ) -> Outcome<Self> {
        let barrier = Barrier::new(threads);
        let run = |thread: usize| {
            let work = prepare(thread);
            // Also if the preparation failed, since the other threads wait for all.
            barrier.wait();
            Self::over(sample, work?)
        };
        let (run, mut all) = (&run, Self::default());
        thread::scope(|scope| {
            let threads: Vec<_> =
                (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
            for thread in threads {
                let rate = thread.join().map_err(|_| Fault::from("a thread panicked"))??;
                all.times += rate.times;
                all.a_second += rate.a_second;
            }
            Ok(all)
        })
    }

    /// Returns the seconds per repetition.
    pub fn seconds(self) -> f64 {
        1.0 / self.a_second
    }

    /// Returns the rate of `times` repetitions since `start`.
    pub fn since(start: Instant, times: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let count = times as f64;
        Self { times, a_second: count / start.elapsed().as_secs_f64() }
    }
}
