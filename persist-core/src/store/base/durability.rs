/// What an acknowledged write survives: a setting of the backends that keep their rows on a disk.
///
/// ```
/// use persist_core::Durability;
///
/// assert_eq!(Durability::default(), Durability::Normal);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// The death of the process, in whatever way. The operating system writes to the disk in its own time;
    /// [`Job::sync`](crate::Job::sync) waits until it has.
    #[default]
    Normal,
    /// A power cut too: each group of writes is on the disk before it is acknowledged. The more callers write at
    /// the same time, the more of them share that wait.
    Full,
}
