use persist_core::Durability;
use persist_sqlite::Sqlite;

use crate::Workload;

/// The names and numbers that the program `writes` and the test that kills it share.
#[derive(Debug)]
pub struct Killed;

impl Killed {
    /// The name of the job that is created, filled by one batch and dropped, over and over.
    pub const SIDE: &'static str = "side";
    /// The number of rows in that batch.
    pub const SIDE_ROWS: u64 = 30;

    /// Returns the name of a job.
    #[must_use]
    pub fn job(number: usize) -> String {
        format!("job/{number}")
    }

    /// Returns the workload of a thread. `threads` threads write each job.
    ///
    /// # Panics
    ///
    /// If a job has more than 256 threads.
    #[must_use]
    pub fn workload(seed: u64, number: usize, threads: usize) -> Workload {
        let job = u64::try_from(number / threads).expect("there are few jobs and threads");
        let thread = u8::try_from(number % threads).expect("there are few jobs and threads");
        Workload::new(seed.wrapping_add(job), thread, 2_000)
    }
}

/// Returns a store with the given settings: `normal`, `full`, `exclusive` and `mmap`, joined by `+`.
///
/// # Panics
///
/// If there is no such setting.
#[must_use]
pub fn sqlite(root: impl AsRef<std::path::Path>, settings: &str) -> Sqlite {
    settings.split('+').fold(Sqlite::at(root.as_ref()), |sqlite, setting| match setting {
        "normal" => sqlite,
        "full" => sqlite.durability(Durability::Full),
        "exclusive" => sqlite.exclusive(true),
        "mmap" => sqlite.mmap(1 << 24),
        _ => panic!("no setting {setting:?}"),
    })
}
