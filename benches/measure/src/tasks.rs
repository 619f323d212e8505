//! The throughput of tasks on tokio that await an engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;

use crate::answers::ensure_equal;
use crate::data::{Data, Keys, RowKey};
use crate::engine::{Commits, Fault, Outcome};
use crate::fsync;
use crate::line::{Line, Unit};
use crate::rate::Rate;
use crate::samples::Samples;

/// An open store of ordered rows whose calls are awaited.
pub trait Awaited: Clone + Send + Sync + 'static {
    fn open(directory: &Path, commits: Commits) -> impl Future<Output = Outcome<Self>>;

    /// Puts a row, and completes once it is committed.
    fn put(&self, key: RowKey, payload: &[u8]) -> impl Future<Output = Outcome<()>> + Send;

    fn get(&self, key: RowKey) -> impl Future<Output = Outcome<Option<Vec<u8>>>> + Send;

    fn close(self) -> impl Future<Output = Outcome<()>>;
}

const MANY: usize = 64;

/// The numbers of concurrent tasks.
const TASKS: [usize; 2] = [1, MANY];

/// An engine's turn of `async`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tasks {
    pub rows: usize,
    /// The duration of each work.
    pub sample: Duration,
    pub directory: PathBuf,
}

impl Tasks {
    pub fn measure<E: Awaited>(&self) -> Outcome<Samples> {
        let data = Arc::new(Data::new(self.rows));
        let mut samples = Samples::default();
        Runtime::new()?.block_on(async {
            let fast = Work::open(&self.directory.join("fast"), Commits::Fast, &data).await?;
            self.puts_and_gets::<E>(&fast, &mut samples).await?;
            fast.engine.close().await?;
            let durable = self.directory.join("durable");
            let durable = Work::open(&durable, Commits::Durable, &data).await?;
            self.durable_puts::<E>(&durable, &mut samples).await?;
            durable.engine.close().await
        })?;
        Ok(samples)
    }

    async fn puts_and_gets<E: Awaited>(
        &self,
        work: &Work<E>,
        samples: &mut Samples,
    ) -> Outcome<()> {
        let found = work.engine.get(Keys::Sequential.key(0)).await?;
        ensure_equal("an awaited get", &found, &None)?;
        work.by(MANY, Call::Put, Until::Calls(self.rows)).await?;
        for tasks in TASKS {
            let puts = work.by(tasks, Call::Put, Until::Elapsed(self.sample)).await?;
            samples.add(line(tasks, "acknowledged puts", Unit::ThousandsASecond), puts / 1e3);
            let gets = work.by(tasks, Call::Get, Until::Elapsed(self.sample)).await?;
            samples.add(line(tasks, "gets", Unit::ThousandsASecond), gets / 1e3);
        }
        Ok(())
    }

    async fn durable_puts<E: Awaited>(&self, work: &Work<E>, samples: &mut Samples) -> Outcome<()> {
        for tasks in TASKS {
            // The speed of the disk drifts from one engine to the next.
            samples.fsync_ms.push(fsync::milliseconds(&self.directory, self.sample / 2)?);
            let puts = work.by(tasks, Call::Put, Until::Elapsed(self.sample * 2)).await?;
            samples.add(line(tasks, "durable puts", Unit::ASecond), puts);
        }
        let found = work.engine.get(Keys::Sequential.key(0)).await?;
        ensure_equal("an awaited get", &found.as_deref(), &Some(work.data.payload(0)))
    }
}

fn line(tasks: usize, what: &str, unit: Unit) -> Line {
    let plural = if tasks == 1 { "" } else { "s" };
    Line::new(format!("{tasks} task{plural}: {what}"), unit)
}

/// The call of a task at each of its steps.
#[derive(Clone, Copy)]
enum Call {
    /// A put of a new row.
    Put,
    /// A get of one of the initial rows.
    Get,
}

/// The end of the tasks.
#[derive(Clone, Copy)]
enum Until {
    /// After this number of calls.
    Calls(usize),
    Elapsed(Duration),
}

#[derive(Clone)]
struct Work<E> {
    engine: E,
    data: Arc<Data>,
    /// The number of rows so far.
    rows: Arc<AtomicUsize>,
}

impl<E: Awaited> Work<E> {
    async fn open(directory: &Path, commits: Commits, data: &Arc<Data>) -> Outcome<Self> {
        std::fs::create_dir(directory)?;
        let engine = E::open(directory, commits).await?;
        Ok(Self { engine, data: data.clone(), rows: Arc::default() })
    }

    /// Returns the calls per second of `tasks` tasks, which take the next step in turn.
    async fn by(&self, tasks: usize, call: Call, until: Until) -> Outcome<f64> {
        let (start, next) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let spawned: Vec<_> = (0..tasks)
            .map(|_| {
                let (work, next) = (self.clone(), next.clone());
                tokio::spawn(async move {
                    let mut calls = 0;
                    loop {
                        let step = next.fetch_add(1, Ordering::Relaxed);
                        if until.is_over(step, start) {
                            return Ok::<_, Fault>(calls);
                        }
                        call.make(&work, step).await?;
                        calls += 1;
                    }
                })
            })
            .collect();
        let mut calls = 0;
        for task in spawned {
            calls += task.await??;
        }
        Ok(Rate::since(start, calls).a_second)
    }
}

impl Call {
    async fn make<E: Awaited>(self, work: &Work<E>, step: usize) -> Outcome<()> {
        let Work { engine, data, rows } = work;
        match self {
            Self::Put => {
                let number = rows.fetch_add(1, Ordering::Relaxed);
                engine.put(Keys::Sequential.key(number), data.payload(number)).await
            }
            Self::Get => {
                let number = data.visited(step);
                let found = engine.get(Keys::Sequential.key(number)).await?;
                ensure_equal("an awaited get", &found.as_deref(), &Some(data.payload(number)))
            }
        }
    }
}

impl Until {
    fn is_over(self, step: usize, start: Instant) -> bool {
        match self {
            Self::Calls(calls) => step >= calls,
            Self::Elapsed(sample) => start.elapsed() >= sample,
        }
    }
}
