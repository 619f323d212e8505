/// What a check has found: what [`Job::check`](crate::Job::check) gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// What is wrong, in the backend's words, without keys and payloads: the first hundred or so. Empty if all is
    /// well.
    pub problems: Vec<String>,
}

impl CheckReport {
    /// Whether nothing was found wrong.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}
