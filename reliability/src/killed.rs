use persist_core::Durability;
use persist_sqlite::Sqlite;

use crate::Workload;

/// What the program `writes` and who kills it agree on.
#[derive(Debug)]
pub struct Killed;

impl Killed {
    /// A job that is made, filled by one batch and dropped, again and again.
    pub const SIDE: &'static str = "side";
    /// How many rows that batch has.
    pub const SIDE_ROWS: u64 = 30;

    /// The name of a job.
    #[must_use]
    pub fn job(number: usize) -> String {
        format!("job/{number}")
    }

    /// The workload of a thread; `threads` write each job.
    ///
    /// # Panics
    ///
    /// If there are more than 256.
    #[must_use]
    pub fn workload(seed: u64, number: usize, threads: usize) -> Workload {
        let job = u64::try_from(number / threads).expect("there are few");
        let thread = u8::try_from(number % threads).expect("there are few");
        Workload::new(seed.wrapping_add(job), thread, 2_000)
    }
}

/// A store by the names of its settings: `full`, `exclusive` and `mmap`, joined by `+`.
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
