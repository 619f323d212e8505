//! `compile-time`: what a derive costs whoever compiles it.

mod workspace;

use std::time::Instant;

use workspace::{Crate, Workspace};

use crate::encoding::Spread;
use crate::table::Table;

/// Structs in each crate, of five fields each.
const STRUCTS: usize = 200;

const ROUNDS: usize = 7;

pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::generate(STRUCTS)?;
    for command in ["check", "build"] {
        // The dependencies, and each crate once: what is measured is that crate alone.
        for of in Crate::ALL {
            workspace.cargo(command, of)?;
        }
        println!("### cargo {command}, {STRUCTS} structs of five fields, {ROUNDS} rounds\n");
        println!("{}", measure(&workspace, command)?);
    }
    Ok(())
}

fn measure(workspace: &Workspace, command: &str) -> Result<Table, String> {
    let mut samples = Crate::ALL.map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for (of, samples) in Crate::ALL.into_iter().zip(&mut samples) {
            workspace.touch(of)?;
            let start = Instant::now();
            workspace.cargo(command, of)?;
            samples.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    let spreads = samples.map(Spread::of);
    let none = spreads[0].median;
    let mut table = Table::new(["derives", "ms (min–max)", "ms over none", "impls", "ms an impl"]);
    for (of, Spread { median, min, max }) in Crate::ALL.into_iter().zip(spreads) {
        let impls = STRUCTS * of.derives();
        let over = median - none;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let each = if impls == 0 { String::new() } else { format!("{:.2}", over / impls as f64) };
        table.row([
            of.title().to_owned(),
            format!("{median:.0} ({min:.0}–{max:.0})"),
            format!("{over:.0}"),
            impls.to_string(),
            each,
        ]);
    }
    Ok(table)
}
