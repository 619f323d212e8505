//! `compile-time`: the cost of a derive for the compiler.

mod cpu;
mod workspace;

use std::time::Instant;

use workspace::{Crate, Workspace};

use crate::spread::Spread;
use crate::table::Table;

/// Structs in each crate, of five fields each.
const STRUCTS: usize = 200;

const ROUNDS: usize = 7;

pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::generate(STRUCTS)?;
    for command in ["check", "build"] {
        // Build the dependencies and each crate once, so that only the crate itself is measured.
        for of in Crate::ALL {
            workspace.cargo(command, of)?;
        }
        println!("### cargo {command}, {STRUCTS} structs of five fields, {ROUNDS} rounds\n");
        println!("{}", measure(&workspace, command)?);
    }
    Ok(())
}

fn measure(workspace: &Workspace, command: &str) -> Result<Table, String> {
    let mut by_clock = Crate::ALL.map(|_| Vec::new());
    let mut by_processor = Crate::ALL.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (index, of) in Crate::ALL.into_iter().enumerate() {
            workspace.touch(of)?;
            let (cpu_ms, start) = (cpu::ms_of_children(), Instant::now());
            workspace.cargo(command, of)?;
            by_clock[index].push(start.elapsed().as_secs_f64() * 1e3);
            let cpu_ms = cpu::ms_of_children().zip(cpu_ms).map(|(after, before)| after - before);
            by_processor[index].extend(cpu_ms);
        }
    }
    let (by_clock, by_processor) = (by_clock.map(Spread::of), by_processor.map(Spread::of));
    let mut table = Table::new([
        "derives",
        "impls",
        "ms (min–max)",
        "ms per impl",
        "CPU ms (min–max)",
        "CPU ms per impl",
    ]);
    for (index, of) in Crate::ALL.into_iter().enumerate() {
        let impls = STRUCTS * of.derives();
        let each = |spreads: &[Spread]| {
            if impls == 0 {
                return String::new();
            }
            #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
            let each = (spreads[index].median - spreads[0].median) / impls as f64;
            format!("{each:.2}")
        };
        table.row([
            of.title().to_owned(),
            impls.to_string(),
            by_clock[index].to_string(),
            each(&by_clock),
            by_processor[index].to_string(),
            each(&by_processor),
        ]);
    }
    Ok(table)
}
