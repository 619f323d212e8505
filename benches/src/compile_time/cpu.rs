use std::fs;

/// Milliseconds of processor time that the ended children of this process have taken, and theirs: less moved than
/// time by the clock when the machine has other work. Only Linux tells, in steps of 10 ms.
pub(super) fn ms_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The 16th and 17th field, user and system; the first two end with the program's name in parentheses.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(13).take(2).map(str::parse::<u32>);
    let ticks = ticks.sum::<Result<u32, _>>().ok()?;
    Some(f64::from(ticks) * MS_PER_TICK)
}

/// `USER_HZ` is 100 wherever Linux runs.
const MS_PER_TICK: f64 = 10.0;
