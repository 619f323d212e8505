//! The resources of this process, as Linux reports them.

use std::fs;

use measure::engine::{Fault, Outcome};

pub(super) struct Process {
    pub(super) resident_kib: f64,
    pub(super) threads: f64,
    pub(super) descriptors: f64,
}

impl Process {
    pub(super) fn now() -> Outcome<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            number.ok_or_else(|| Fault::from(format!("/proc/self/status has no {name}")))
        };
        // One of them is the descriptor that reads the directory.
        let descriptors = fs::read_dir("/proc/self/fd")?.count() - 1;
        Ok(Self {
            resident_kib: number("VmRSS:")?,
            threads: number("Threads:")?,
            descriptors: u32::try_from(descriptors)?.into(),
        })
    }
}

/// Returns the default limit of descriptors of a process.
pub(super) fn soft_descriptor_limit() -> Outcome<String> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = limit.and_then(|limit| limit.split_whitespace().next());
    Ok(soft.ok_or("/proc/self/limits has no descriptors")?.to_owned())
}
